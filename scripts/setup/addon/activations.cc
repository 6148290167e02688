#include "op_call.h"
#include "own_ops.h"

namespace tfnodejs {
namespace {

struct Activation {
  float slope = 1;
  void Read(Attributes *attributes) { attributes->Read("slope", &slope); }
};

// x [...,C], bias [C] or [0] for none to act(x + bias), act(v) = v > 0 ? v : slope * v
void ComputeActivation(void *options, TF_OpKernelContext *context) {
  const float slope = static_cast<Activation *>(options)->slope;
  Call call(context);
  std::vector<int64_t> shape;
  const char *x = nullptr;
  const TF_DataType type = ReadAny(&call, 0, &shape, &x);
  const TF_Tensor *bias = call.Input(1);
  if (!call.IsOk()) return;
  const size_t count = CountOf(shape), channels = shape.empty() ? 1 : static_cast<size_t>(shape.back());
  const size_t given = static_cast<size_t>(TF_TensorElementCount(bias));
  if (TF_TensorType(bias) != TF_FLOAT || (given != 0 && given != channels)) return call.Refuse("Diptych: a bias has a number for each channel.");
  char *y = static_cast<char *>(call.OutputInPlace(shape));
  if (!call.IsOk() || count == 0) return;
  // Rows of all channels, as many as stay in the cache, and the bias of as many: with few channels a row is too short to be quick.
  const size_t rows = count / channels, most = std::max<size_t>(1, BLOCK / channels);
  std::vector<float> added(most * channels, 0);
  if (given != 0)
    for (size_t at = 0; at < added.size(); ++at) added[at] = static_cast<const float *>(TF_TensorData(bias))[at % channels];
  ForEachStretch(rows, count, [&](size_t from, size_t end) {
    Reader reader(type, x);
    Writer writer(type, y, x == y);
    for (size_t row = from; row < end; row += most) {
      const size_t now = std::min(most, end - row), start = row * channels, numbers = now * channels;
      Activate(reader.Read(start, numbers), numbers, added.data(), slope, writer.Place(start, numbers));
      writer.Put(start, numbers);
    }
  });
}

}  // namespace

std::vector<OwnOp> ActivationOps() {
  return {{"DiptychActivate", {"x: T", "bias: float"}, {"y: T"}, {"slope: float"}, LikeFirstInput, Create<Activation>, ComputeActivation,
           Destroy<Activation>}};
}

}  // namespace tfnodejs
