// One call of an op of ours: what TensorFlow hands over, and how its numbers are read and written.
#ifndef DIPTYCH_OP_CALL_H_
#define DIPTYCH_OP_CALL_H_

#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

#include "kernel_api.h"
#include "mirrored.h"
#include "rows.h"
#include "tensorflow/c/tf_tensor.h"
#include "workers.h"

namespace tfnodejs {

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

inline Status NewStatus() { return Status(TF_NewStatus()); }

// Attributes of an op. After the first that is not there nothing else is read.
class Attributes {
 public:
  explicit Attributes(TF_OpKernelConstruction *construction) : construction_(construction) {}
  ~Attributes() {
    if (!IsOk()) TF_OpKernelConstruction_Failure(construction_, status_.get());
  }

  void Read(const char *name, int32_t *value) {
    if (IsOk()) TF_OpKernelConstruction_GetAttrInt32(construction_, name, value, status_.get());
  }
  void Read(const char *name, float *value) {
    if (IsOk()) TF_OpKernelConstruction_GetAttrFloat(construction_, name, value, status_.get());
  }
  void Read(const char *name, unsigned char *value) {
    if (IsOk()) TF_OpKernelConstruction_GetAttrBool(construction_, name, value, status_.get());
  }

 private:
  bool IsOk() const { return TF_GetCode(status_.get()) == TF_OK; }

  TF_OpKernelConstruction *construction_;
  Status status_ = NewStatus();
};

// Makes the options of an op: they read themselves from its attributes.
template <typename Options>
void *Create(TF_OpKernelConstruction *construction) {
  Attributes attributes(construction);
  auto options = std::make_unique<Options>();
  options->Read(&attributes);
  return options.release();
}

template <typename Options>
void Destroy(void *options) {
  delete static_cast<Options *>(options);
}

struct NoOptions {
  void Read(Attributes *) {}
};

struct Padding {
  int32_t pixels = 0;
  void Read(Attributes *attributes) { attributes->Read("padding", &pixels); }
};

inline size_t CountOf(const std::vector<int64_t> &shape) {
  size_t count = 1;
  for (const int64_t side : shape) count *= static_cast<size_t>(side);
  return count;
}

// The inputs and outputs of one call. After the first thing that failed nothing else is done.
class Call {
 public:
  explicit Call(TF_OpKernelContext *context) : context_(context), inputs_(static_cast<size_t>(TF_NumInputs(context))) {}
  ~Call() {
    if (!IsOk()) TF_OpKernelContext_Failure(context_, status_.get());
  }

  bool IsOk() const { return TF_GetCode(status_.get()) == TF_OK; }

  int Inputs() const { return static_cast<int>(inputs_.size()); }

  void Refuse(const char *message) { TF_SetStatus(status_.get(), TF_INVALID_ARGUMENT, message); }

  const TF_Tensor *Input(int index) {
    if (!IsOk()) return nullptr;
    TF_Tensor *tensor = nullptr;
    TF_GetInput(context_, index, &tensor, status_.get());
    inputs_[static_cast<size_t>(index)].reset(tensor);
    return tensor;
  }

  // The numbers of an input of `count` float32, or null.
  const float *Floats(int index, size_t count) {
    const TF_Tensor *tensor = Input(index);
    if (!IsOk()) return nullptr;
    if (TF_TensorType(tensor) == TF_FLOAT && static_cast<size_t>(TF_TensorElementCount(tensor)) == count)
      return static_cast<const float *>(TF_TensorData(tensor));
    Refuse("Diptych: constants have another size than what they belong to.");
    return nullptr;
  }

  void *Output(int index, TF_DataType type, const std::vector<int64_t> &shape) {
    if (!IsOk()) return nullptr;
    return Keep(TF_AllocateOutput(context_, index, type, shape.data(), static_cast<int>(shape.size()),
                                  CountOf(shape) * TF_DataTypeSize(type), status_.get()));
  }

  // The first output in the memory of the first input, which has its type and shape, where nobody else needs that any more.
  void *OutputInPlace(const std::vector<int64_t> &shape) {
    if (!IsOk()) return nullptr;
    // TensorFlow holds the input as long as the call lasts; what we held would count as another who needs it.
    inputs_[0].reset();
    const int first = 0;
    return Keep(TF_ForwardInputOrAllocateOutput(context_, &first, 1, 0, shape.data(), static_cast<int>(shape.size()),
                                                nullptr, status_.get()));
  }

 private:
  void *Keep(TF_Tensor *tensor) {
    outputs_.emplace_back(tensor);
    return IsOk() ? TF_TensorData(tensor) : nullptr;
  }

  TF_OpKernelContext *context_;
  Status status_ = NewStatus();
  std::vector<Tensor> inputs_, outputs_;
};

// Type, sides and numbers of an input; after a failure of no use.
inline TF_DataType ReadAny(Call *call, int index, std::vector<int64_t> *shape, const char **data) {
  const TF_Tensor *tensor = call->Input(index);
  if (!call->IsOk()) return TF_FLOAT;
  for (int side = 0; side < TF_NumDims(tensor); ++side) shape->push_back(TF_Dim(tensor, side));
  *data = static_cast<const char *>(TF_TensorData(tensor));
  return TF_TensorType(tensor);
}

// Pictures [N,H,W,C] of float32 or bfloat16.
struct Pictures {
  TF_DataType type = TF_FLOAT;
  std::vector<int64_t> shape;
  const char *data = nullptr;

  size_t Count() const { return CountOf(shape); }
  size_t Channels() const { return static_cast<size_t>(shape[3]); }
};

inline bool ReadPictures(Call *call, int index, Pictures *pictures) {
  pictures->type = ReadAny(call, index, &pictures->shape, &pictures->data);
  if (call->IsOk() && pictures->shape.size() != 4) call->Refuse("Diptych: pictures have four sides, NHWC.");
  return call->IsOk();
}

// Numbers as float32: the memory itself, or a copy.
class Reader {
 public:
  Reader(TF_DataType type, const char *data) : type_(type), data_(data) {}

  // `count` numbers from `start` on, until the next call.
  const float *Read(size_t start, size_t count) {
    if (type_ == TF_FLOAT) return reinterpret_cast<const float *>(data_) + start;
    if (copy_.size() < count) copy_.resize(count);
    ReadInto(copy_.data(), start, count);
    return copy_.data();
  }

  void ReadInto(float *to, size_t start, size_t count) const {
    if (type_ == TF_FLOAT) std::memcpy(to, reinterpret_cast<const float *>(data_) + start, count * sizeof(float));
    else Widen(reinterpret_cast<const uint16_t *>(data_) + start, to, count);
  }

 private:
  TF_DataType type_;
  const char *data_;
  std::vector<float> copy_;
};

class Writer {
 public:
  // What is written over what is still being read is put aside first, a few numbers at a time.
  Writer(TF_DataType type, char *data, bool isReadAsWell = false)
      : type_(type), data_(data), isApart_(isReadAsWell || type != TF_FLOAT) {}

  // Where to put `count` numbers that belong at `start`, before `Put`.
  float *Place(size_t start, size_t count) {
    if (!isApart_) return reinterpret_cast<float *>(data_) + start;
    if (copy_.size() < count) copy_.resize(count);
    return copy_.data();
  }

  void Put(size_t start, size_t count) {
    if (!isApart_) return;
    if (type_ == TF_FLOAT) std::memcpy(reinterpret_cast<float *>(data_) + start, copy_.data(), count * sizeof(float));
    else Narrow(copy_.data(), reinterpret_cast<uint16_t *>(data_) + start, count);
  }

 private:
  TF_DataType type_;
  char *data_;
  bool isApart_;
  std::vector<float> copy_;
};

// Calls with the first and one more than the last of each of PARTS parts of `count` things that come to `numbers` numbers.
template <typename Work>
void ForEachStretch(size_t count, size_t numbers, const Work &work) {
  if (numbers < WORTH_SHARING) return work(size_t{0}, count);
  const size_t parts = std::min(PARTS, count);
  ForEach(parts, [&](size_t part) { work(count * part / parts, count * (part + 1) / parts); });
}

}  // namespace tfnodejs

#endif  // DIPTYCH_OP_CALL_H_
