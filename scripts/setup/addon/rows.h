// What kernels do with a few rows of pixels at a time: as many as stay in the nearest cache.
#ifndef DIPTYCH_ROWS_H_
#define DIPTYCH_ROWS_H_

#include <cstddef>
#include <cstdint>

namespace tfnodejs {

// Rows lie one after another, each number of a channel beside that of the next. Arrays do not overlap.

// For each channel about the mean, the sum of distances from it, which tells by how much it is off, and the sum of their squares.
void Moments(const float *x, size_t rows, size_t channels, float *mean, float *distances, float *squares);

// Joins what `Moments` found of `others` rows to the means and the sums of squared distances of `before` rows, for each channel (Chan,
// Golub, LeVeque 1979, equation 2.1); the mean is put right first (the corrected two-pass algorithm of the same authors, 1983).
void JoinMoments(size_t channels, double before, double others, const float *aboutMean, const float *distances,
                 const float *aboutSquares, double *mean, double *squares);

// y = act((x - mean) * factor + offset), act(v) = v > 0 ? v : slope * v.
void Normalise(const float *x, size_t rows, size_t channels, const float *mean, const float *factor, const float *offset,
               float slope, float *y);

// What one row's worth of constants of a norm's gradient is, for each channel.
struct NormConstants {
  const float *mean;
  // 1 / sqrt(variance + epsilon)
  const float *inverse;
  // What of the mean did not fit into a float32, times the inverse.
  const float *shift;
  const float *scale;
  const float *offset;
};

// With normal = (x - mean) * inverse - shift and g = dy * act'(normal * scale + offset): adds up g, and g * normal.
void GradientSums(const float *dy, const float *x, size_t rows, size_t channels, const NormConstants &norm, float slope,
                  float *sum, float *product);

// dx = scale * inverse * (g - meanOfG - normal * meanOfProduct)
void GradientRows(const float *dy, const float *x, size_t rows, size_t channels, const NormConstants &norm, float slope,
                  const float *meanOfG, const float *meanOfProduct, float *dx);

// y = act(x + bias), act as above, number by number. An infinite number below 0 becomes none where the slope is 0.
void Activate(const float *x, size_t count, const float *bias, float slope, float *y);

// x += y
void Add(float *x, const float *y, size_t count);

// Numbers that are multiplied at once, and the most channels that `ThinLine` gives.
constexpr size_t THIN_LANES = 16;
constexpr size_t THIN_OUTPUTS = 4;

struct alignas(THIN_LANES * sizeof(float)) ThinLanes {
  float of[THIN_LANES];
};

// Of a convolution that gives few channels: weights [size,outputs,size,channels], channels a multiple of THIN_LANES. As the lines,
// they lie where the processor reads them in one go (`ThinLanes`).
struct ThinKernel {
  const float *weights;
  size_t size;
  size_t channels;
  size_t outputs;
  const float *bias;
};

// `pixels` results, out of `size` lines of as many pixels and size - 1 more; the next result comes `step` numbers after the one before.
void ThinLine(const float *const *lines, const ThinKernel &kernel, size_t pixels, float *y, size_t step);

// Samples of a picture to numbers, low + sample * factor, and back: (number - low) * factor, rounded, clipped to what samples can be.
void FromBytes(const uint8_t *samples, size_t count, float low, float factor, float *numbers);
void FromWords(const uint16_t *samples, size_t count, float low, float factor, float *numbers);
void ToBytes(const float *numbers, size_t count, float low, float factor, uint8_t *samples);
void ToWords(const float *numbers, size_t count, float low, float factor, uint16_t *samples);

// sum += share * shares * x; returns 0, or something else where an x is not finite.
float BlendRow(const float *x, const float *shares, float share, size_t count, float *sum);

// bfloat16 is the upper half of a float32; what is cut off is rounded to the nearest, ties to even.
void Widen(const uint16_t *from, float *to, size_t count);
void Narrow(const float *from, uint16_t *to, size_t count);

}  // namespace tfnodejs

#endif  // DIPTYCH_ROWS_H_
