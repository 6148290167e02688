#include "rows.h"

#if defined(__GNUC__)
#define INLINED inline __attribute__((always_inline))
#else
#define INLINED inline
#endif

// The compiler would read a number from memory again for each sum that it goes into, and the sums would wait for memory: half again as
// long, measured.
#if defined(__x86_64__) && defined(__GNUC__)
#define READ_ONCE(value) asm("" : "+v"(value))
#else
#define READ_ONCE(value)
#endif

namespace tfnodejs {
namespace {

// So many numbers as the processor computes at once.
#if defined(__GNUC__)
template <size_t LANES>
struct Register {
  typedef float Type __attribute__((vector_size(LANES * sizeof(float)), aligned(sizeof(float)), may_alias));
};
#else
template <size_t LANES>
struct Register {
  struct Type {
    float of[LANES];
    float operator[](size_t lane) const { return of[lane]; }
  };
};
template <typename Lanes>
Lanes operator*(Lanes x, const Lanes &y) {
  for (float &one : x.of) one *= y.of[&one - x.of];
  return x;
}
template <typename Lanes>
Lanes operator+(Lanes x, const Lanes &y) {
  for (float &one : x.of) one += y.of[&one - x.of];
  return x;
}
#endif

// PIXELS results beside each other: so many that a weight, once read, serves all of them, and that all sums stay in registers.
template <size_t LANES, size_t OUTPUTS, size_t PIXELS>
INLINED void ThinPixels(const float *const *lines, const ThinKernel &kernel, size_t at, float *y, size_t step) {
  using Lanes = typename Register<LANES>::Type;
  Lanes sums[PIXELS][OUTPUTS] = {};
  // What a result sees of a line lies side by side, pixel after pixel.
  const size_t numbers = kernel.size * kernel.channels;
  for (size_t row = 0; row < kernel.size; ++row) {
    const float *weights = kernel.weights + row * OUTPUTS * numbers;
    const float *x = lines[row] + at * kernel.channels;
    for (size_t along = 0; along < numbers; along += LANES) {
      Lanes weight[OUTPUTS];
      for (size_t out = 0; out < OUTPUTS; ++out) weight[out] = *reinterpret_cast<const Lanes *>(weights + out * numbers + along);
      for (size_t pixel = 0; pixel < PIXELS; ++pixel) {
        Lanes value = *reinterpret_cast<const Lanes *>(x + pixel * kernel.channels + along);
        if constexpr (LANES == 16) READ_ONCE(value);
        for (size_t out = 0; out < OUTPUTS; ++out) sums[pixel][out] = sums[pixel][out] + value * weight[out];
      }
    }
  }
  for (size_t pixel = 0; pixel < PIXELS; ++pixel)
    for (size_t out = 0; out < OUTPUTS; ++out) {
      float sum = 0;
      for (size_t lane = 0; lane < LANES; ++lane) sum += sums[pixel][out][lane];
      y[(at + pixel) * step + out] = sum + kernel.bias[out];
    }
}

template <size_t LANES, size_t OUTPUTS>
INLINED void ThinLineOf(const float *const *lines, const ThinKernel &kernel, size_t pixels, float *y, size_t step) {
  // AVX-512 has 32 registers, the others 16 or as narrow ones.
  constexpr size_t AT_ONCE = LANES == 16 ? 6 : OUTPUTS == 4 ? 3 : 4;
  size_t at = 0;
  for (; at + AT_ONCE <= pixels; at += AT_ONCE) ThinPixels<LANES, OUTPUTS, AT_ONCE>(lines, kernel, at, y, step);
  for (; at < pixels; ++at) ThinPixels<LANES, OUTPUTS, 1>(lines, kernel, at, y, step);
}

template <size_t LANES>
INLINED void ThinLineWith(const float *const *lines, const ThinKernel &kernel, size_t pixels, float *y, size_t step) {
  if (kernel.outputs == 1) return ThinLineOf<LANES, 1>(lines, kernel, pixels, y, step);
  if (kernel.outputs == 2) return ThinLineOf<LANES, 2>(lines, kernel, pixels, y, step);
  if (kernel.outputs == 3) return ThinLineOf<LANES, 3>(lines, kernel, pixels, y, step);
  ThinLineOf<LANES, 4>(lines, kernel, pixels, y, step);
}

#if defined(__x86_64__) && defined(__GNUC__)
__attribute__((target("avx512f"))) void ThinLineAvx512(const float *const *lines, const ThinKernel &kernel, size_t pixels, float *y,
                                                       size_t step) {
  ThinLineWith<16>(lines, kernel, pixels, y, step);
}

__attribute__((target("avx2,fma"))) void ThinLineAvx2(const float *const *lines, const ThinKernel &kernel, size_t pixels, float *y,
                                                      size_t step) {
  ThinLineWith<8>(lines, kernel, pixels, y, step);
}
#endif

void ThinLineAnywhere(const float *const *lines, const ThinKernel &kernel, size_t pixels, float *y, size_t step) {
  ThinLineWith<4>(lines, kernel, pixels, y, step);
}

decltype(&ThinLineAnywhere) BestThinLine() {
#if defined(__x86_64__) && defined(__GNUC__)
  if (__builtin_cpu_supports("avx512f")) return ThinLineAvx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return ThinLineAvx2;
#endif
  return ThinLineAnywhere;
}

}  // namespace

void ThinLine(const float *const *lines, const ThinKernel &kernel, size_t pixels, float *y, size_t step) {
  static const auto best = BestThinLine();
  best(lines, kernel, pixels, y, step);
}

}  // namespace tfnodejs
