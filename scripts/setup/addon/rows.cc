#include "rows.h"

#include <cstring>

// The compiler makes each function for several processors, and the best that this one can run is chosen when it is loaded.
#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__)
#define FOR_EVERY_PROCESSOR __attribute__((target_clones("arch=skylake-avx512", "arch=haswell", "default")))
#else
#define FOR_EVERY_PROCESSOR
#endif

#if defined(_MSC_VER)
#define RESTRICT __restrict
typedef uint32_t Bits;
#else
#define RESTRICT __restrict__
typedef uint32_t __attribute__((may_alias)) Bits;
#endif

namespace tfnodejs {

FOR_EVERY_PROCESSOR
void Moments(const float *RESTRICT x, size_t rows, size_t channels, float *RESTRICT mean, float *RESTRICT distances,
             float *RESTRICT squares) {
  std::memset(mean, 0, channels * sizeof(float));
  for (size_t row = 0; row < rows; ++row) {
    const float *RESTRICT at = x + row * channels;
    for (size_t c = 0; c < channels; ++c) mean[c] += at[c];
  }
  const float share = 1.0f / static_cast<float>(rows);
  for (size_t c = 0; c < channels; ++c) mean[c] *= share;
  std::memset(distances, 0, channels * sizeof(float));
  std::memset(squares, 0, channels * sizeof(float));
  for (size_t row = 0; row < rows; ++row) {
    const float *RESTRICT at = x + row * channels;
    for (size_t c = 0; c < channels; ++c) {
      const float distance = at[c] - mean[c];
      distances[c] += distance;
      squares[c] += distance * distance;
    }
  }
}

FOR_EVERY_PROCESSOR
void Normalise(const float *RESTRICT x, size_t rows, size_t channels, const float *RESTRICT mean,
               const float *RESTRICT factor, const float *RESTRICT offset, float slope, float *RESTRICT y) {
  for (size_t row = 0; row < rows; ++row) {
    const float *RESTRICT from = x + row * channels;
    float *RESTRICT to = y + row * channels;
    for (size_t c = 0; c < channels; ++c) {
      const float value = (from[c] - mean[c]) * factor[c] + offset[c];
      to[c] = value * (value > 0 ? 1.0f : slope);
    }
  }
}

FOR_EVERY_PROCESSOR
void GradientSums(const float *RESTRICT dy, const float *RESTRICT x, size_t rows, size_t channels,
                  const NormConstants &norm, float slope, float *RESTRICT sum, float *RESTRICT product) {
  const float *RESTRICT mean = norm.mean;
  const float *RESTRICT inverse = norm.inverse;
  const float *RESTRICT shift = norm.shift;
  const float *RESTRICT scale = norm.scale;
  const float *RESTRICT offset = norm.offset;
  std::memset(sum, 0, channels * sizeof(float));
  std::memset(product, 0, channels * sizeof(float));
  for (size_t row = 0; row < rows; ++row) {
    const float *RESTRICT above = dy + row * channels;
    const float *RESTRICT at = x + row * channels;
    for (size_t c = 0; c < channels; ++c) {
      const float normal = (at[c] - mean[c]) * inverse[c] - shift[c];
      const float g = above[c] * (normal * scale[c] + offset[c] > 0 ? 1.0f : slope);
      sum[c] += g;
      product[c] += g * normal;
    }
  }
}

FOR_EVERY_PROCESSOR
void GradientRows(const float *RESTRICT dy, const float *RESTRICT x, size_t rows, size_t channels,
                  const NormConstants &norm, float slope, const float *RESTRICT meanOfG,
                  const float *RESTRICT meanOfProduct, float *RESTRICT dx) {
  const float *RESTRICT mean = norm.mean;
  const float *RESTRICT inverse = norm.inverse;
  const float *RESTRICT shift = norm.shift;
  const float *RESTRICT scale = norm.scale;
  const float *RESTRICT offset = norm.offset;
  for (size_t row = 0; row < rows; ++row) {
    const float *RESTRICT above = dy + row * channels;
    const float *RESTRICT at = x + row * channels;
    float *RESTRICT to = dx + row * channels;
    for (size_t c = 0; c < channels; ++c) {
      const float normal = (at[c] - mean[c]) * inverse[c] - shift[c];
      const float g = above[c] * (normal * scale[c] + offset[c] > 0 ? 1.0f : slope);
      to[c] = scale[c] * inverse[c] * (g - meanOfG[c] - normal * meanOfProduct[c]);
    }
  }
}

FOR_EVERY_PROCESSOR
void Add(float *RESTRICT x, const float *RESTRICT y, size_t count) {
  for (size_t at = 0; at < count; ++at) x[at] += y[at];
}

FOR_EVERY_PROCESSOR
void Widen(const uint16_t *RESTRICT from, float *RESTRICT to, size_t count) {
  Bits *RESTRICT bits = reinterpret_cast<Bits *>(to);
  for (size_t at = 0; at < count; ++at) bits[at] = static_cast<uint32_t>(from[at]) << 16;
}

FOR_EVERY_PROCESSOR
void Narrow(const float *RESTRICT from, uint16_t *RESTRICT to, size_t count) {
  const Bits *RESTRICT bits = reinterpret_cast<const Bits *>(from);
  for (size_t at = 0; at < count; ++at) {
    const uint32_t value = bits[at];
    const uint32_t rounded = (value + 0x7fffu + ((value >> 16) & 1u)) >> 16;
    // Rounding must not carry a NaN over into a number.
    const uint32_t quiet = (value >> 16) | 0x40u;
    to[at] = static_cast<uint16_t>((value & 0x7fffffffu) > 0x7f800000u ? quiet : rounded);
  }
}

}  // namespace tfnodejs
