#include "rows.h"

#include <cstring>

// The compiler makes each function for several processors, and the best that this one can run is chosen when it is loaded: by what it
// can do, since by name ("arch=haswell") only the very models of that name would count.
#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__)
#define FOR_EVERY_PROCESSOR __attribute__((target_clones("avx512f", "fma", "default")))
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
void JoinMoments(size_t channels, double before, double others, const float *RESTRICT aboutMean, const float *RESTRICT distances,
                 const float *RESTRICT aboutSquares, double *RESTRICT mean, double *RESTRICT squares) {
  const double one = 1 / others, share = others / (before + others);
  for (size_t c = 0; c < channels; ++c) {
    const double off = distances[c] * one;
    const double distance = aboutMean[c] + off - mean[c];
    mean[c] += distance * share;
    squares[c] += aboutSquares[c] - off * distances[c] + distance * distance * before * share;
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
void Activate(const float *RESTRICT x, size_t count, const float *RESTRICT bias, float slope, float *RESTRICT y) {
  for (size_t at = 0; at < count; ++at) {
    const float value = x[at] + bias[at];
    y[at] = value * (value > 0 ? 1.0f : slope);
  }
}

FOR_EVERY_PROCESSOR
void Add(float *RESTRICT x, const float *RESTRICT y, size_t count) {
  for (size_t at = 0; at < count; ++at) x[at] += y[at];
}

FOR_EVERY_PROCESSOR
void FromBytes(const uint8_t *RESTRICT samples, size_t count, float low, float factor, float *RESTRICT numbers) {
  for (size_t at = 0; at < count; ++at) numbers[at] = low + static_cast<float>(samples[at]) * factor;
}

FOR_EVERY_PROCESSOR
void FromWords(const uint16_t *RESTRICT samples, size_t count, float low, float factor, float *RESTRICT numbers) {
  for (size_t at = 0; at < count; ++at) numbers[at] = low + static_cast<float>(samples[at]) * factor;
}

// What is no number becomes 0.
inline int32_t Rounded(float value, float top) {
  const float above = value > 0 ? value : 0;
  return static_cast<int32_t>((above < top ? above : top) + 0.5f);
}

FOR_EVERY_PROCESSOR
void ToBytes(const float *RESTRICT numbers, size_t count, float low, float factor, uint8_t *RESTRICT samples) {
  for (size_t at = 0; at < count; ++at) samples[at] = static_cast<uint8_t>(Rounded((numbers[at] - low) * factor, 255));
}

FOR_EVERY_PROCESSOR
void ToWords(const float *RESTRICT numbers, size_t count, float low, float factor, uint16_t *RESTRICT samples) {
  for (size_t at = 0; at < count; ++at) samples[at] = static_cast<uint16_t>(Rounded((numbers[at] - low) * factor, 65535));
}

FOR_EVERY_PROCESSOR
float BlendRow(const float *RESTRICT x, const float *RESTRICT shares, float share, size_t count, float *RESTRICT sum) {
  // A number less itself is 0; what is not finite gives no number, and keeps giving none.
  float offence[THIN_LANES] = {};
  size_t at = 0;
  for (; at + THIN_LANES <= count; at += THIN_LANES)
    for (size_t lane = 0; lane < THIN_LANES; ++lane) {
      sum[at + lane] += share * shares[at + lane] * x[at + lane];
      offence[lane] += x[at + lane] - x[at + lane];
    }
  for (; at < count; ++at) {
    sum[at] += share * shares[at] * x[at];
    offence[0] += x[at] - x[at];
  }
  float all = 0;
  for (const float one : offence) all += one;
  return all;
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
