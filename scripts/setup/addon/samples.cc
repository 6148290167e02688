#include "samples.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "mirrored.h"
#include "recorded_functions.h"
#include "rows.h"

namespace tfnodejs {
namespace {

napi_value Refuse(napi_env env, const char *message) {
  napi_throw_error(env, nullptr, message);
  return nullptr;
}

struct Numbers {
  napi_typedarray_type type = napi_int8_array;
  size_t count = 0;
  void *data = nullptr;

  bool IsFloats() const { return type == napi_float32_array; }
  bool IsSamples() const { return type == napi_uint8_array || type == napi_uint16_array; }
  float *Floats() const { return static_cast<float *>(data); }
};

bool Read(napi_env env, napi_value value, Numbers *numbers) {
  return napi_get_typedarray_info(env, value, &numbers->type, &numbers->count, &numbers->data, nullptr, nullptr) == napi_ok;
}

bool Read(napi_env env, napi_value value, float *number) {
  double given = 0;
  if (napi_get_value_double(env, value, &given) != napi_ok) return false;
  *number = static_cast<float>(given);
  return true;
}

// `count` whole numbers that are not below 0.
bool Read(napi_env env, napi_value value, size_t count, std::vector<size_t> *wholes) {
  for (uint32_t index = 0; index < count; ++index) {
    napi_value element;
    int64_t whole = -1;
    if (napi_get_element(env, value, index, &element) != napi_ok || napi_get_value_int64(env, element, &whole) != napi_ok || whole < 0)
      return false;
    wholes->push_back(static_cast<size_t>(whole));
  }
  return true;
}

void Widen(const Numbers &samples, size_t from, size_t count, float low, float factor, float *to) {
  if (samples.type == napi_uint8_array) FromBytes(static_cast<const uint8_t *>(samples.data) + from, count, low, factor, to);
  else FromWords(static_cast<const uint16_t *>(samples.data) + from, count, low, factor, to);
}

}  // namespace

napi_value ReadTile(napi_env env, napi_callback_info info) {
  napi_value arguments[5];
  size_t given = 5;
  Numbers samples, tile;
  std::vector<size_t> sides;
  float low = 0, factor = 0;
  if (napi_get_cb_info(env, info, &given, arguments, nullptr, nullptr) != napi_ok || given < 5 || !Read(env, arguments[0], &samples) ||
      !Read(env, arguments[1], 7, &sides) || !Read(env, arguments[2], &low) || !Read(env, arguments[3], &factor) ||
      !Read(env, arguments[4], &tile) || !samples.IsSamples() || !tile.IsFloats())
    return Refuse(env, "readTile takes samples, seven sides, two numbers and a tile.");
  const size_t width = sides[0], height = sides[1], channels = sides[2], left = sides[3], top = sides[4], wide = sides[5], tall = sides[6];
  if (width == 0 || height == 0 || left >= width || samples.count < width * height * channels || tile.count < wide * tall * channels)
    return Refuse(env, "readTile takes a tile that begins inside its picture.");
  const size_t inside = std::min(wide, width - left);
  for (size_t y = 0; y < tall; ++y) {
    const size_t row = Mirrored(static_cast<int64_t>(top + y), static_cast<int64_t>(height)) * width;
    float *to = tile.Floats() + y * wide * channels;
    Widen(samples, (row + left) * channels, inside * channels, low, factor, to);
    for (size_t x = inside; x < wide; ++x)
      Widen(samples, (row + Mirrored(static_cast<int64_t>(left + x), static_cast<int64_t>(width))) * channels, channels, low, factor, to + x * channels);
  }
  return nullptr;
}

napi_value BlendTile(napi_env env, napi_callback_info info) {
  napi_value arguments[5];
  size_t given = 5;
  Numbers shareX, shareY, band;
  std::vector<size_t> sides;
  int32_t id = 0;
  if (napi_get_cb_info(env, info, &given, arguments, nullptr, nullptr) != napi_ok || given < 5 ||
      napi_get_value_int32(env, arguments[0], &id) != napi_ok || !Read(env, arguments[1], &shareX) || !Read(env, arguments[2], &shareY) ||
      !Read(env, arguments[3], 5, &sides) || !Read(env, arguments[4], &band) || !shareX.IsFloats() || !shareY.IsFloats() || !band.IsFloats())
    return Refuse(env, "blendTile takes a tensor, shares, five sides and a band.");
  const size_t samples = sides[0], rows = sides[1], tileRow = sides[2], left = sides[3], bandRow = sides[4];
  const TensorNumbers made(env, id);
  if (rows == 0 || tileRow == 0 || samples > tileRow || samples > shareX.count || rows > shareY.count || left + samples > bandRow ||
      made.Count() < rows * tileRow || band.count < rows * bandRow)
    return Refuse(env, "blendTile takes a tensor of float32 as large as its tile, and a band that holds it.");
  float offence = 0;
  for (size_t y = 0; y < rows; ++y)
    if (shareY.Floats()[y] != 0)
      offence += BlendRow(made.Data() + y * tileRow, shareX.Floats(), shareY.Floats()[y], samples, band.Floats() + y * bandRow + left);
  napi_value isFinite;
  napi_get_boolean(env, offence == 0, &isFinite);
  return isFinite;
}

napi_value RoundSamples(napi_env env, napi_callback_info info) {
  napi_value arguments[5];
  size_t given = 5;
  Numbers values, samples;
  float low = 0, factor = 0;
  int64_t at = 0;
  if (napi_get_cb_info(env, info, &given, arguments, nullptr, nullptr) != napi_ok || given < 5 || !Read(env, arguments[0], &values) ||
      !Read(env, arguments[1], &low) || !Read(env, arguments[2], &factor) || !Read(env, arguments[3], &samples) ||
      napi_get_value_int64(env, arguments[4], &at) != napi_ok || !values.IsFloats() || !samples.IsSamples())
    return Refuse(env, "roundSamples takes values, two numbers, samples and a place.");
  if (at < 0 || static_cast<size_t>(at) + values.count > samples.count) return Refuse(env, "roundSamples takes samples that hold its values.");
  if (samples.type == napi_uint8_array) ToBytes(values.Floats(), values.count, low, factor, static_cast<uint8_t *>(samples.data) + at);
  else ToWords(values.Floats(), values.count, low, factor, static_cast<uint16_t *>(samples.data) + at);
  return nullptr;
}

}  // namespace tfnodejs
