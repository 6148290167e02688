// What translating does to the samples of a picture besides the network: one call a tile.
#ifndef DIPTYCH_SAMPLES_H_
#define DIPTYCH_SAMPLES_H_

#include <node_api.h>

namespace tfnodejs {

// readTile(samples: Uint8Array | Uint16Array, [width, height, channels, left, top, tileWidth, tileHeight], low, factor, tile: Float32Array): void
// tile = low + sample * factor, the picture mirrored beyond its edges.
napi_value ReadTile(napi_env env, napi_callback_info info);

// blendTile(tensorId: number, shareX: Float32Array, shareY: Float32Array, [samples, rows, tileRow, left, bandRow], band: Float32Array): boolean
// band += shareX * shareY * tensor, for so many samples of so many rows; false where one of those is no number.
napi_value BlendTile(napi_env env, napi_callback_info info);

// roundSamples(values: Float32Array, low, factor, samples: Uint8Array | Uint16Array, at): void
// Rounds (value - low) * factor; what lies outside the samples' range is clipped.
napi_value RoundSamples(napi_env env, napi_callback_info info);

}  // namespace tfnodejs

#endif  // DIPTYCH_SAMPLES_H_
