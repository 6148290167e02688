// Convolutions that give up to four channels: the last layers of generators. A processor computes 16 numbers at once, so those of
// TensorFlow spend most of their work on channels that are not there; these go along the channels that they are given.
#include "op_call.h"
#include "own_ops.h"

namespace tfnodejs {
namespace {

size_t RoundUp(size_t channels) { return (channels + THIN_LANES - 1) / THIN_LANES * THIN_LANES; }

// `count` numbers, a multiple of THIN_LANES, all 0.
class Aligned {
 public:
  explicit Aligned(size_t count) : lanes_(count / THIN_LANES, ThinLanes{}) {}
  float *Data() { return lanes_.data()->of; }

 private:
  std::vector<ThinLanes> lanes_;
};

// A kernel of which weightAt(row, column, in, out) tells each weight, as lines of pixels meet it: [size,out,size,in], the channels
// rounded up with zeros.
template <typename WeightAt>
Aligned Arrange(size_t size, size_t inputs, size_t outputs, const WeightAt &weightAt) {
  const size_t rounded = RoundUp(inputs);
  Aligned arranged(size * outputs * size * rounded);
  for (size_t row = 0; row < size; ++row)
    for (size_t out = 0; out < outputs; ++out)
      for (size_t column = 0; column < size; ++column)
        for (size_t in = 0; in < inputs; ++in)
          arranged.Data()[((row * outputs + out) * size + column) * rounded + in] = weightAt(row, column, in, out);
  return arranged;
}

enum class Beyond { MIRRORED, ZERO };

// The latest lines of one picture and what is beyond its edges, as float32, each pixel's channels rounded up with zeros.
class Lines {
 public:
  Lines(const Pictures &x, Beyond beyond, size_t padding, size_t count)
      : x_(x), beyond_(beyond), reader_(x.type, x.data), padding_(static_cast<int64_t>(padding)), channels_(x.Channels()),
        rounded_(RoundUp(channels_)), wide_(static_cast<size_t>(x.shape[2]) + 2 * padding), lines_(count, Aligned(wide_ * rounded_)), held_(count, -1) {}

  // Line `at` of the padded picture.
  const float *Line(int64_t picture, int64_t at) {
    const size_t slot = static_cast<size_t>(at) % lines_.size();
    const int64_t name = picture * (x_.shape[1] + 2 * padding_) + at;
    if (held_[slot] == name) return lines_[slot].Data();
    held_[slot] = name;
    const int64_t row = at - padding_;
    if (beyond_ == Beyond::ZERO && (row < 0 || row >= x_.shape[1])) std::memset(lines_[slot].Data(), 0, wide_ * rounded_ * sizeof(float));
    else Fill(lines_[slot].Data(), picture * x_.shape[1] + static_cast<int64_t>(Mirrored(row, x_.shape[1])));
    return lines_[slot].Data();
  }

  // Of each pixel.
  size_t Channels() const { return rounded_; }

 private:
  void Fill(float *line, int64_t row) {
    const int64_t width = x_.shape[2];
    const size_t first = static_cast<size_t>(row * width) * channels_;
    float *own = line + static_cast<size_t>(padding_) * rounded_;
    if (rounded_ == channels_) {
      reader_.ReadInto(own, first, static_cast<size_t>(width) * channels_);
    } else {
      for (size_t column = 0; column < static_cast<size_t>(width); ++column)
        reader_.ReadInto(own + column * rounded_, first + column * channels_, channels_);
    }
    // What is 0 has been from the beginning.
    if (beyond_ == Beyond::ZERO) return;
    for (int64_t side = 0; side < padding_; ++side) {
      const size_t right = static_cast<size_t>(padding_ + width + side);
      CopyPixel(line, static_cast<size_t>(side), Mirrored(side - padding_, width));
      CopyPixel(line, right, Mirrored(width + side, width));
    }
  }

  void CopyPixel(float *line, size_t to, size_t from) const {
    std::memcpy(line + to * rounded_, line + (static_cast<size_t>(padding_) + from) * rounded_, rounded_ * sizeof(float));
  }

  const Pictures &x_;
  Beyond beyond_;
  Reader reader_;
  int64_t padding_;
  size_t channels_, rounded_, wide_;
  std::vector<Aligned> lines_;
  std::vector<int64_t> held_;
};

// What both convolutions are given: x [N,H,W,C], a kernel [k,k,...] of float32, bias [out].
struct Given {
  Pictures x, kernel;
  const float *weights = nullptr, *bias = nullptr;
  size_t size = 0, outputs = 0;
};

// `inputs` and `outputs` say which side of the kernel is which.
bool ReadGiven(Call *call, size_t inputs, size_t outputs, Given *given) {
  if (!ReadPictures(call, 0, &given->x) || !ReadPictures(call, 1, &given->kernel)) return false;
  const std::vector<int64_t> &shape = given->kernel.shape;
  given->weights = reinterpret_cast<const float *>(given->kernel.data);
  given->size = static_cast<size_t>(shape[0]);
  given->outputs = static_cast<size_t>(shape[outputs]);
  given->bias = call->Floats(2, given->outputs);
  const bool isFit = given->kernel.type == TF_FLOAT && shape[1] == shape[0] && shape[inputs] == given->x.shape[3] &&
                     given->outputs >= 1 && given->outputs <= THIN_OUTPUTS;
  if (!isFit) call->Refuse("Diptych: a thin convolution has other weights.");
  return call->IsOk();
}

// x [N,H,W,C], kernel [k,k,C,out], bias [out] to y [N,H+2p-k+1,W+2p-k+1,out] of float32, whatever x is
void ComputeMirrored(void *options, TF_OpKernelContext *context) {
  const int64_t padding = static_cast<Padding *>(options)->pixels;
  Call call(context);
  Given given;
  if (!ReadGiven(&call, 2, 3, &given)) return;
  const Pictures &x = given.x;
  const size_t inputs = x.Channels(), outputs = given.outputs, size = given.size;
  const int64_t lost = static_cast<int64_t>(size) - 1 - 2 * padding;
  const int64_t tall = x.shape[1] - lost, wide = x.shape[2] - lost;
  if (padding < 0 || padding >= std::min(x.shape[1], x.shape[2]) || std::min(tall, wide) < 1)
    return call.Refuse("Diptych: a picture is smaller than what is mirrored of it.");
  float *y = static_cast<float *>(call.Output(0, TF_FLOAT, {x.shape[0], tall, wide, static_cast<int64_t>(outputs)}));
  if (!call.IsOk()) return;
  Aligned arranged = Arrange(size, inputs, outputs, [&](size_t row, size_t column, size_t in, size_t out) {
    return given.weights[((row * size + column) * inputs + in) * outputs + out];
  });
  const ThinKernel kernel = {arranged.Data(), size, RoundUp(inputs), outputs, given.bias};
  const size_t lines = static_cast<size_t>(x.shape[0] * tall), inLine = static_cast<size_t>(wide) * outputs;
  ForEachStretch(lines, lines * static_cast<size_t>(wide) * inputs, [&](size_t from, size_t end) {
    Lines padded(x, Beyond::MIRRORED, static_cast<size_t>(padding), size);
    std::vector<const float *> seen(size);
    for (size_t line = from; line < end; ++line) {
      const int64_t picture = static_cast<int64_t>(line) / tall, top = static_cast<int64_t>(line) % tall;
      for (size_t row = 0; row < size; ++row) seen[row] = padded.Line(picture, top + static_cast<int64_t>(row));
      ThinLine(seen.data(), kernel, static_cast<size_t>(wide), y + line * inLine, outputs);
    }
  });
}

// x [N,H,W,C], kernel [4,4,out,C], bias [out] to y [N,2H,2W,out] of float32, whatever x is: a convolution with stride 2 and one zero
// around its picture, transposed. Every second pixel of every second line comes of the same two lines and columns of the kernel.
void ComputeDoubled(void *, TF_OpKernelContext *context) {
  Call call(context);
  Given given;
  if (!ReadGiven(&call, 3, 2, &given)) return;
  if (given.size != 4) return call.Refuse("Diptych: what doubles a picture is 4 x 4.");
  const Pictures &x = given.x;
  const size_t inputs = x.Channels(), outputs = given.outputs;
  const size_t tall = static_cast<size_t>(x.shape[1]), wide = static_cast<size_t>(x.shape[2]);
  float *y = static_cast<float *>(call.Output(0, TF_FLOAT, {x.shape[0], 2 * x.shape[1], 2 * x.shape[2], static_cast<int64_t>(outputs)}));
  if (!call.IsOk()) return;
  std::vector<Aligned> arranged;
  for (size_t odd = 0; odd < 4; ++odd)
    arranged.push_back(Arrange(2, inputs, outputs, [&](size_t row, size_t column, size_t in, size_t out) {
      const size_t down = 3 - odd / 2 - 2 * row, right = 3 - odd % 2 - 2 * column;
      return given.weights[((down * 4 + right) * outputs + out) * inputs + in];
    }));
  const size_t lines = static_cast<size_t>(x.shape[0]) * tall;
  ForEachStretch(lines, lines * wide * inputs, [&](size_t from, size_t end) {
    Lines padded(x, Beyond::ZERO, 1, 3);
    for (size_t line = from; line < end; ++line)
      for (size_t odd = 0; odd < 4; ++odd) {
        const int64_t picture = static_cast<int64_t>(line / tall), top = static_cast<int64_t>(line % tall + odd / 2);
        const size_t left = odd % 2 * padded.Channels();
        const float *seen[] = {padded.Line(picture, top) + left, padded.Line(picture, top + 1) + left};
        const ThinKernel kernel = {arranged[odd].Data(), 2, padded.Channels(), outputs, given.bias};
        ThinLine(seen, kernel, wide, y + ((2 * line + odd / 2) * 2 * wide + odd % 2) * outputs, 2 * outputs);
      }
  });
}

}  // namespace

std::vector<OwnOp> ThinOps() {
  const std::vector<const char *> inputs = {"x: T", "kernel: float", "bias: float"};
  return {
      {"DiptychThinConv", inputs, {"y: float"}, {"padding: int"}, Unknown, Create<Padding>, ComputeMirrored, Destroy<Padding>},
      {"DiptychThinConvTransposed", inputs, {"y: float"}, {}, Unknown, Create<NoOptions>, ComputeDoubled, Destroy<NoOptions>},
  };
}

}  // namespace tfnodejs
