#include "kernels.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <vector>

#include "kernel_api.h"
#include "rows.h"
#include "tensorflow/c/ops.h"
#include "tensorflow/c/tf_tensor.h"
#include "workers.h"

namespace tfnodejs {
namespace {

// So many numbers at a time stay in the nearest cache, also where two more of the kind lie beside them.
constexpr size_t BLOCK = 4096;
// What has fewer numbers is not worth waking others for.
constexpr size_t WORTH_SHARING = 1 << 15;
// Parts of the work, however many threads there are: sums come out the same on one thread and on eight.
constexpr size_t PARTS = 16;

struct DeleteTensor {
  void operator()(TF_Tensor *tensor) const { TF_DeleteTensor(tensor); }
};
using Tensor = std::unique_ptr<TF_Tensor, DeleteTensor>;

struct DeleteStatus {
  void operator()(TF_Status *status) const { TF_DeleteStatus(status); }
};
using Status = std::unique_ptr<TF_Status, DeleteStatus>;

Status NewStatus() { return Status(TF_NewStatus()); }

// The inputs and outputs of one call. After the first thing that failed nothing else is done.
class Call {
 public:
  explicit Call(TF_OpKernelContext *context) : context_(context) {}
  ~Call() {
    if (!IsOk()) TF_OpKernelContext_Failure(context_, status_.get());
  }

  bool IsOk() const { return TF_GetCode(status_.get()) == TF_OK; }

  int Inputs() const { return TF_NumInputs(context_); }

  void Refuse(const char *message) { TF_SetStatus(status_.get(), TF_INVALID_ARGUMENT, message); }

  const TF_Tensor *Input(int index) {
    if (!IsOk()) return nullptr;
    TF_Tensor *tensor = nullptr;
    TF_GetInput(context_, index, &tensor, status_.get());
    held_.emplace_back(tensor);
    return tensor;
  }

  // The numbers of an input of `count` float32, or null.
  const float *Floats(int index, size_t count) {
    const TF_Tensor *tensor = Input(index);
    if (!IsOk()) return nullptr;
    if (TF_TensorType(tensor) == TF_FLOAT && static_cast<size_t>(TF_TensorElementCount(tensor)) == count)
      return static_cast<const float *>(TF_TensorData(tensor));
    Refuse("Diptych: constants of the channels have another size than the channels.");
    return nullptr;
  }

  void *Output(int index, TF_DataType type, const std::vector<int64_t> &shape) {
    if (!IsOk()) return nullptr;
    size_t count = 1;
    for (const int64_t side : shape) count *= static_cast<size_t>(side);
    Tensor tensor(TF_AllocateOutput(context_, index, type, shape.data(), static_cast<int>(shape.size()),
                                    count * TF_DataTypeSize(type), status_.get()));
    void *data = IsOk() ? TF_TensorData(tensor.get()) : nullptr;
    held_.push_back(std::move(tensor));
    return data;
  }

 private:
  TF_OpKernelContext *context_;
  Status status_ = NewStatus();
  std::vector<Tensor> held_;
};

// Pictures [N,H,W,C] of float32 or bfloat16.
struct Pictures {
  TF_DataType type = TF_FLOAT;
  std::vector<int64_t> shape;
  const char *data = nullptr;

  size_t Count() const { return static_cast<size_t>(shape[0] * shape[1] * shape[2] * shape[3]); }
  size_t Channels() const { return static_cast<size_t>(shape[3]); }
};

bool ReadPictures(Call *call, int index, Pictures *pictures) {
  const TF_Tensor *tensor = call->Input(index);
  if (!call->IsOk()) return false;
  if (TF_NumDims(tensor) != 4) {
    call->Refuse("Diptych: pictures have four sides, NHWC.");
    return false;
  }
  pictures->type = TF_TensorType(tensor);
  for (int side = 0; side < 4; ++side) pictures->shape.push_back(TF_Dim(tensor, side));
  pictures->data = static_cast<const char *>(TF_TensorData(tensor));
  return true;
}

// Numbers as float32: the memory itself, or a copy.
class Reader {
 public:
  Reader(TF_DataType type, const char *data) : type_(type), data_(data) {
    if (type != TF_FLOAT) copy_.resize(BLOCK);
  }

  // `count` numbers from `start` on, until the next call.
  const float *Read(size_t start, size_t count) {
    if (type_ == TF_FLOAT) return reinterpret_cast<const float *>(data_) + start;
    if (copy_.size() < count) copy_.resize(count);
    Widen(reinterpret_cast<const uint16_t *>(data_) + start, copy_.data(), count);
    return copy_.data();
  }

 private:
  TF_DataType type_;
  const char *data_;
  std::vector<float> copy_;
};

class Writer {
 public:
  Writer(TF_DataType type, char *data) : type_(type), data_(data) {}

  // Where to put `count` numbers that belong at `start`, before `Put`.
  float *Place(size_t start, size_t count) {
    if (type_ == TF_FLOAT) return reinterpret_cast<float *>(data_) + start;
    if (copy_.size() < count) copy_.resize(count);
    return copy_.data();
  }

  void Put(size_t start, size_t count) {
    if (type_ != TF_FLOAT) Narrow(copy_.data(), reinterpret_cast<uint16_t *>(data_) + start, count);
  }

 private:
  TF_DataType type_;
  char *data_;
  std::vector<float> copy_;
};

// Rows of pixels whose statistics are taken together: one picture, or all of them.
struct Groups {
  size_t count;
  size_t rows;
  size_t channels;
  size_t parts;

  // Calls with the group, the part, its first row of all and its number of rows.
  template <typename Work>
  void ForEachPart(const Work &work) const {
    const auto one = [&](size_t index) {
      const size_t group = index / parts, part = index % parts;
      const size_t from = rows * part / parts, to = rows * (part + 1) / parts;
      work(group, part, group * rows + from, to - from);
    };
    if (count * rows * channels >= WORTH_SHARING) return ForEach(count * parts, one);
    for (size_t index = 0; index < count * parts; ++index) one(index);
  }

  // Calls with the first row and the number of rows, as many as stay in the cache.
  template <typename Work>
  void ForEachBlock(size_t row, size_t rowsLeft, const Work &work) const {
    const size_t most = std::max<size_t>(1, BLOCK / channels);
    for (; rowsLeft > 0;) {
      const size_t now = std::min(most, rowsLeft);
      work(row, now);
      row += now;
      rowsLeft -= now;
    }
  }
};

Groups GroupsOf(const Pictures &x, bool isPerPicture) {
  const size_t channels = x.Channels();
  const size_t pixels = channels == 0 ? 0 : x.Count() / channels;
  const size_t count = isPerPicture ? static_cast<size_t>(x.shape[0]) : 1;
  const size_t rows = count == 0 ? 0 : pixels / count;
  return {count, rows, channels, std::max<size_t>(1, std::min(PARTS, rows / 4))};
}

// Means and sums of squared distances of two sets as those of both (Chan, Golub, LeVeque 1979, equation 2.1).
struct RunningMoments {
  double rows = 0;
  std::vector<double> mean, squares;

  explicit RunningMoments(size_t channels) : mean(channels, 0), squares(channels, 0) {}

  void Join(const RunningMoments &other) {
    const double all = rows + other.rows;
    if (all == 0) return;
    for (size_t c = 0; c < mean.size(); ++c) JoinChannel(c, all, other.rows, other.mean[c], other.squares[c]);
    rows = all;
  }

  // As `Moments` gives them; the mean is put right first (the corrected two-pass algorithm of the same authors, 1983).
  void Join(size_t others, const float *aboutMean, const float *distances, const float *aboutSquares) {
    const double count = static_cast<double>(others), all = rows + count;
    for (size_t c = 0; c < mean.size(); ++c) {
      const double off = distances[c] / count;
      JoinChannel(c, all, count, aboutMean[c] + off, aboutSquares[c] - off * distances[c]);
    }
    rows = all;
  }

 private:
  void JoinChannel(size_t c, double all, double others, double otherMean, double otherSquares) {
    const double distance = otherMean - mean[c], share = others / all;
    mean[c] += distance * share;
    squares[c] += otherSquares + distance * distance * rows * share;
  }
};

struct NormOptions {
  float epsilon = 0;
  float slope = 1;
  unsigned char isPerPicture = 0;
};

void *CreateNorm(TF_OpKernelConstruction *construction) {
  auto options = std::make_unique<NormOptions>();
  const Status status = NewStatus();
  TF_OpKernelConstruction_GetAttrFloat(construction, "epsilon", &options->epsilon, status.get());
  if (TF_GetCode(status.get()) == TF_OK)
    TF_OpKernelConstruction_GetAttrFloat(construction, "slope", &options->slope, status.get());
  if (TF_GetCode(status.get()) == TF_OK)
    TF_OpKernelConstruction_GetAttrBool(construction, "per_picture", &options->isPerPicture, status.get());
  if (TF_GetCode(status.get()) != TF_OK) TF_OpKernelConstruction_Failure(construction, status.get());
  return options.release();
}

void DeleteNorm(void *options) { delete static_cast<NormOptions *>(options); }

// What does not fit into `mean` goes into `rest`: of a picture that is nearly flat it would be taken for detail.
void TakeMoments(const Pictures &x, const Groups &groups, float *mean, float *rest, float *variance) {
  std::vector<RunningMoments> parts(groups.count * groups.parts, RunningMoments(groups.channels));
  groups.ForEachPart([&](size_t group, size_t part, size_t row, size_t rows) {
    Reader reader(x.type, x.data);
    std::vector<float> blockMean(groups.channels), distances(groups.channels), squares(groups.channels);
    RunningMoments &own = parts[group * groups.parts + part];
    groups.ForEachBlock(row, rows, [&](size_t from, size_t count) {
      Moments(reader.Read(from * groups.channels, count * groups.channels), count, groups.channels, blockMean.data(),
              distances.data(), squares.data());
      own.Join(count, blockMean.data(), distances.data(), squares.data());
    });
  });
  for (size_t group = 0; group < groups.count; ++group) {
    RunningMoments all(groups.channels);
    for (size_t part = 0; part < groups.parts; ++part) all.Join(parts[group * groups.parts + part]);
    for (size_t c = 0; c < groups.channels; ++c) {
      const size_t at = group * groups.channels + c;
      mean[at] = static_cast<float>(all.mean[c]);
      rest[at] = static_cast<float>(all.mean[c] - mean[at]);
      variance[at] = static_cast<float>(all.squares[c] / all.rows);
    }
  }
}

// 1 / sqrt(variance + epsilon), for every group and channel.
std::vector<float> InverseOf(const float *variance, size_t count, float epsilon) {
  std::vector<float> inverse(count);
  for (size_t at = 0; at < count; ++at)
    inverse[at] = static_cast<float>(1 / std::sqrt(static_cast<double>(variance[at]) + epsilon));
  return inverse;
}

// x [N,H,W,C], scale [C], offset [C] to y [N,H,W,C], mean, rest, variance [G,C]; where a fourth input is given, y with it added
void ComputeNorm(void *kernel, TF_OpKernelContext *context) {
  const NormOptions &options = *static_cast<NormOptions *>(kernel);
  Call call(context);
  Pictures x;
  if (!ReadPictures(&call, 0, &x)) return;
  const Groups groups = GroupsOf(x, options.isPerPicture != 0);
  const float *scale = call.Floats(1, groups.channels);
  const float *offset = call.Floats(2, groups.channels);
  Pictures added;
  if (!call.IsOk() || (call.Inputs() > 3 && !ReadPictures(&call, 3, &added))) return;
  if (added.data != nullptr && added.shape != x.shape) return call.Refuse("Diptych: what is added has the shape of the picture.");
  const std::vector<int64_t> perGroup = {static_cast<int64_t>(groups.count), x.shape[3]};
  char *y = static_cast<char *>(call.Output(0, x.type, x.shape));
  float *mean = static_cast<float *>(call.Output(1, TF_FLOAT, perGroup));
  float *rest = static_cast<float *>(call.Output(2, TF_FLOAT, perGroup));
  float *variance = static_cast<float *>(call.Output(3, TF_FLOAT, perGroup));
  if (!call.IsOk() || x.Count() == 0) return;

  TakeMoments(x, groups, mean, rest, variance);
  std::vector<float> factor = InverseOf(variance, groups.count * groups.channels, options.epsilon), level = factor;
  for (size_t at = 0; at < factor.size(); ++at) {
    factor[at] *= scale[at % groups.channels];
    level[at] = offset[at % groups.channels] - rest[at] * factor[at];
  }
  groups.ForEachPart([&](size_t group, size_t, size_t row, size_t rows) {
    Reader reader(x.type, x.data), others(x.type, added.data);
    Writer writer(x.type, y);
    const size_t first = group * groups.channels;
    groups.ForEachBlock(row, rows, [&](size_t from, size_t count) {
      const size_t start = from * groups.channels, numbers = count * groups.channels;
      float *place = writer.Place(start, numbers);
      Normalise(reader.Read(start, numbers), count, groups.channels, mean + first, factor.data() + first,
                level.data() + first, options.slope, place);
      if (added.data != nullptr) Add(place, others.Read(start, numbers), numbers);
      writer.Put(start, numbers);
    });
  });
}

// Adds up what every part of each group found, in their order.
std::vector<double> AddUp(const std::vector<std::vector<double>> &parts, const Groups &groups) {
  std::vector<double> sums(groups.count * groups.channels, 0);
  for (size_t index = 0; index < parts.size(); ++index)
    for (size_t c = 0; c < groups.channels; ++c) sums[index / groups.parts * groups.channels + c] += parts[index][c];
  return sums;
}

// dy, x [N,H,W,C], scale [C], offset [C], mean, rest, variance [G,C] to dx [N,H,W,C], dscale [C], doffset [C]
void ComputeNormGradient(void *kernel, TF_OpKernelContext *context) {
  const NormOptions &options = *static_cast<NormOptions *>(kernel);
  Call call(context);
  Pictures dy, x;
  if (!ReadPictures(&call, 0, &dy) || !ReadPictures(&call, 1, &x)) return;
  if (dy.shape != x.shape || dy.type != x.type) return call.Refuse("Diptych: a gradient has the shape of its picture.");
  const Groups groups = GroupsOf(x, options.isPerPicture != 0);
  const size_t perGroup = groups.count * groups.channels;
  const float *scale = call.Floats(2, groups.channels);
  const float *offset = call.Floats(3, groups.channels);
  const float *mean = call.Floats(4, perGroup);
  const float *rest = call.Floats(5, perGroup);
  const float *variance = call.Floats(6, perGroup);
  char *dx = static_cast<char *>(call.Output(0, x.type, x.shape));
  float *dscale = static_cast<float *>(call.Output(1, TF_FLOAT, {x.shape[3]}));
  float *doffset = static_cast<float *>(call.Output(2, TF_FLOAT, {x.shape[3]}));
  if (!call.IsOk()) return;

  const std::vector<float> inverse = InverseOf(variance, perGroup, options.epsilon);
  std::vector<float> shift(perGroup);
  for (size_t at = 0; at < perGroup; ++at) shift[at] = rest[at] * inverse[at];
  const auto normOf = [&](size_t group) -> NormConstants {
    const size_t first = group * groups.channels;
    return {mean + first, inverse.data() + first, shift.data() + first, scale, offset};
  };
  const std::vector<double> zeros(groups.channels, 0);
  std::vector<std::vector<double>> sums(groups.count * groups.parts, zeros), products = sums;
  groups.ForEachPart([&](size_t group, size_t part, size_t row, size_t rows) {
    Reader above(dy.type, dy.data), below(x.type, x.data);
    std::vector<float> sum(groups.channels), product(groups.channels);
    std::vector<double> &allSums = sums[group * groups.parts + part];
    std::vector<double> &allProducts = products[group * groups.parts + part];
    groups.ForEachBlock(row, rows, [&](size_t from, size_t count) {
      const size_t start = from * groups.channels, numbers = count * groups.channels;
      GradientSums(above.Read(start, numbers), below.Read(start, numbers), count, groups.channels, normOf(group),
                   options.slope, sum.data(), product.data());
      for (size_t c = 0; c < groups.channels; ++c) {
        allSums[c] += sum[c];
        allProducts[c] += product[c];
      }
    });
  });
  const std::vector<double> allSums = AddUp(sums, groups), allProducts = AddUp(products, groups);
  for (size_t c = 0; c < groups.channels; ++c) {
    double scaleSum = 0, offsetSum = 0;
    for (size_t at = c; at < perGroup; at += groups.channels) {
      scaleSum += allProducts[at];
      offsetSum += allSums[at];
    }
    dscale[c] = static_cast<float>(scaleSum);
    doffset[c] = static_cast<float>(offsetSum);
  }
  std::vector<float> meanOfG(perGroup), meanOfProduct(perGroup);
  for (size_t at = 0; at < perGroup; ++at) {
    meanOfG[at] = static_cast<float>(allSums[at] / static_cast<double>(groups.rows));
    meanOfProduct[at] = static_cast<float>(allProducts[at] / static_cast<double>(groups.rows));
  }
  groups.ForEachPart([&](size_t group, size_t, size_t row, size_t rows) {
    Reader above(dy.type, dy.data), below(x.type, x.data);
    Writer writer(x.type, dx);
    const size_t first = group * groups.channels;
    groups.ForEachBlock(row, rows, [&](size_t from, size_t count) {
      const size_t start = from * groups.channels, numbers = count * groups.channels;
      GradientRows(above.Read(start, numbers), below.Read(start, numbers), count, groups.channels, normOf(group),
                   options.slope, meanOfG.data() + first, meanOfProduct.data() + first, writer.Place(start, numbers));
      writer.Put(start, numbers);
    });
  });
}

void *CreatePad(TF_OpKernelConstruction *construction) {
  auto padding = std::make_unique<int32_t>(0);
  const Status status = NewStatus();
  TF_OpKernelConstruction_GetAttrInt32(construction, "padding", padding.get(), status.get());
  if (TF_GetCode(status.get()) != TF_OK) TF_OpKernelConstruction_Failure(construction, status.get());
  return padding.release();
}

void DeletePad(void *padding) { delete static_cast<int32_t *>(padding); }

// Where a place beyond the edge is seen again, the edge itself not repeated.
size_t Mirrored(int64_t at, int64_t length) {
  return static_cast<size_t>(at < 0 ? -at : at >= length ? 2 * (length - 1) - at : at);
}

bool IsPaddable(int64_t height, int64_t width, int64_t padding) {
  return padding >= 0 && std::min(height, width) > padding;
}

template <typename Work>
void ForEachLine(size_t lines, size_t numbersInAll, const Work &work) {
  if (numbersInAll >= WORTH_SHARING) {
    const size_t parts = std::min(PARTS, lines);
    return ForEach(parts, [&](size_t part) {
      for (size_t line = lines * part / parts; line < lines * (part + 1) / parts; ++line) work(line);
    });
  }
  for (size_t line = 0; line < lines; ++line) work(line);
}

// x [N,H,W,C] to y [N,H+2p,W+2p,C]
void ComputePad(void *kernel, TF_OpKernelContext *context) {
  const int64_t padding = *static_cast<int32_t *>(kernel);
  Call call(context);
  Pictures x;
  if (!ReadPictures(&call, 0, &x)) return;
  const int64_t height = x.shape[1], width = x.shape[2];
  if (!IsPaddable(height, width, padding)) return call.Refuse("Diptych: a picture is smaller than what is mirrored of it.");
  const int64_t tall = height + 2 * padding, wide = width + 2 * padding;
  char *y = static_cast<char *>(call.Output(0, x.type, {x.shape[0], tall, wide, x.shape[3]}));
  if (!call.IsOk()) return;
  const size_t pixel = x.Channels() * TF_DataTypeSize(x.type);
  const size_t lines = static_cast<size_t>(x.shape[0] * tall);
  ForEachLine(lines, lines * static_cast<size_t>(wide) * x.Channels(), [&](size_t line) {
    const size_t picture = line / static_cast<size_t>(tall);
    const int64_t row = static_cast<int64_t>(line % static_cast<size_t>(tall)) - padding;
    const char *from = x.data + (picture * static_cast<size_t>(height) + Mirrored(row, height)) * static_cast<size_t>(width) * pixel;
    char *to = y + line * static_cast<size_t>(wide) * pixel;
    std::memcpy(to + static_cast<size_t>(padding) * pixel, from, static_cast<size_t>(width) * pixel);
    for (int64_t side = 0; side < padding; ++side) {
      std::memcpy(to + static_cast<size_t>(side) * pixel, from + Mirrored(side - padding, width) * pixel, pixel);
      std::memcpy(to + static_cast<size_t>(padding + width + side) * pixel, from + Mirrored(width + side, width) * pixel, pixel);
    }
  });
}

// The lines, or columns, of a padded picture that show line `at` of the picture: itself first.
std::vector<size_t> ShownIn(int64_t at, int64_t length, int64_t padding) {
  std::vector<size_t> places = {static_cast<size_t>(at + padding)};
  if (at >= 1 && at <= padding) places.push_back(static_cast<size_t>(padding - at));
  const int64_t fromEnd = length - 1 - at;
  if (fromEnd >= 1 && fromEnd <= padding) places.push_back(static_cast<size_t>(padding + length - 1 + fromEnd));
  return places;
}

// dy [N,H+2p,W+2p,C] to dx [N,H,W,C]: each pixel gets what was shown of it, wherever that was.
void ComputePadGradient(void *kernel, TF_OpKernelContext *context) {
  const int64_t padding = *static_cast<int32_t *>(kernel);
  Call call(context);
  Pictures dy;
  if (!ReadPictures(&call, 0, &dy)) return;
  const int64_t height = dy.shape[1] - 2 * padding, width = dy.shape[2] - 2 * padding;
  if (!IsPaddable(height, width, padding)) return call.Refuse("Diptych: a gradient is smaller than what was mirrored.");
  const std::vector<int64_t> shape = {dy.shape[0], height, width, dy.shape[3]};
  char *dx = static_cast<char *>(call.Output(0, dy.type, shape));
  if (!call.IsOk()) return;
  const size_t channels = dy.Channels(), wide = static_cast<size_t>(dy.shape[2]);
  const size_t numbers = static_cast<size_t>(width) * channels;
  const size_t lines = static_cast<size_t>(dy.shape[0] * height);
  ForEachLine(lines, lines * numbers, [&](size_t line) {
    const size_t picture = line / static_cast<size_t>(height);
    const int64_t row = static_cast<int64_t>(line % static_cast<size_t>(height));
    Reader reader(dy.type, dy.data);
    std::vector<float> whole(wide * channels, 0);
    for (const size_t shown : ShownIn(row, height, padding))
      Add(whole.data(), reader.Read((picture * static_cast<size_t>(dy.shape[1]) + shown) * wide * channels, wide * channels),
          wide * channels);
    float *own = whole.data() + static_cast<size_t>(padding) * channels;
    for (int64_t column = 0; column < width; ++column) {
      const std::vector<size_t> places = column <= padding || column >= width - 1 - padding
                                             ? ShownIn(column, width, padding)
                                             : std::vector<size_t>();
      for (size_t other = 1; other < places.size(); ++other)
        Add(own + static_cast<size_t>(column) * channels, whole.data() + places[other] * channels, channels);
    }
    Writer writer(dy.type, dx);
    std::memcpy(writer.Place(line * numbers, numbers), own, numbers * sizeof(float));
    writer.Put(line * numbers, numbers);
  });
}

// The first output has the shape of the input; of the others TensorFlow learns when they are made.
void LikeFirstInput(TF_ShapeInferenceContext *context, TF_Status *status) {
  TF_ShapeInferenceContextSetUnknownShape(context, status);
  TF_ShapeHandle *shape = TF_NewShapeHandle();
  if (TF_GetCode(status) == TF_OK) TF_ShapeInferenceContextGetInput(context, 0, shape, status);
  if (TF_GetCode(status) == TF_OK) TF_ShapeInferenceContextSetOutput(context, 0, shape, status);
  TF_DeleteShapeHandle(shape);
}

void Unknown(TF_ShapeInferenceContext *context, TF_Status *status) {
  TF_ShapeInferenceContextSetUnknownShape(context, status);
}

struct OwnOp {
  const char *name;
  std::vector<const char *> inputs, outputs, attributes;
  void (*infer)(TF_ShapeInferenceContext *, TF_Status *);
  void *(*create)(TF_OpKernelConstruction *);
  void (*compute)(void *, TF_OpKernelContext *);
  void (*destroy)(void *);
};

bool Declare(const OwnOp &op) {
  TF_OpDefinitionBuilder *builder = TF_NewOpDefinitionBuilder(op.name);
  for (const char *input : op.inputs) TF_OpDefinitionBuilderAddInput(builder, input);
  for (const char *output : op.outputs) TF_OpDefinitionBuilderAddOutput(builder, output);
  for (const char *attribute : op.attributes) TF_OpDefinitionBuilderAddAttr(builder, attribute);
  TF_OpDefinitionBuilderAddAttr(builder, "T: {float, bfloat16}");
  TF_OpDefinitionBuilderSetShapeInferenceFunction(builder, op.infer);
  const Status status = NewStatus();
  TF_RegisterOpDefinition(builder, status.get());
  if (TF_GetCode(status.get()) != TF_OK) return false;
  for (const TF_DataType type : {TF_FLOAT, TF_BFLOAT16}) {
    TF_KernelBuilder *kernel = TF_NewKernelBuilder(op.name, "CPU", op.create, op.compute, op.destroy);
    TF_KernelBuilder_TypeConstraint(kernel, "T", type, status.get());
    if (TF_GetCode(status.get()) == TF_OK) TF_RegisterKernelBuilder(op.name, kernel, status.get());
    if (TF_GetCode(status.get()) != TF_OK) return false;
  }
  return true;
}

bool DeclareAll() {
  const std::vector<const char *> norm = {"epsilon: float", "slope: float", "per_picture: bool"};
  const std::vector<const char *> pad = {"padding: int"};
  const std::vector<OwnOp> ops = {
      {"DiptychNorm", {"x: T", "scale: float", "offset: float"}, {"y: T", "mean: float", "rest: float", "variance: float"}, norm,
       LikeFirstInput, CreateNorm, ComputeNorm, DeleteNorm},
      {"DiptychNormAdd", {"x: T", "scale: float", "offset: float", "added: T"},
       {"y: T", "mean: float", "rest: float", "variance: float"}, norm, LikeFirstInput, CreateNorm, ComputeNorm, DeleteNorm},
      {"DiptychNormGrad",
       {"dy: T", "x: T", "scale: float", "offset: float", "mean: float", "rest: float", "variance: float"},
       {"dx: T", "dscale: float", "doffset: float"},
       norm, LikeFirstInput, CreateNorm, ComputeNormGradient, DeleteNorm},
      {"DiptychMirrorPad", {"x: T"}, {"y: T"}, pad, Unknown, CreatePad, ComputePad, DeletePad},
      {"DiptychMirrorPadGrad", {"dy: T"}, {"dx: T"}, pad, Unknown, CreatePad, ComputePadGradient, DeletePad},
  };
  return std::all_of(ops.begin(), ops.end(), Declare);
}

// TensorFlow knows an op once a process, however often the addon is opened.
const bool areDeclared = DeclareAll();

}  // namespace

napi_value HasOwnKernels(napi_env env, napi_callback_info) {
  napi_value answer;
  napi_get_boolean(env, areDeclared, &answer);
  return answer;
}

}  // namespace tfnodejs
