#include "op_call.h"
#include "own_ops.h"

namespace tfnodejs {
namespace {

// Tensors of one shape to their sum, from the first to the last; in 16 bits only the sum is rounded.
void ComputeSum(void *, TF_OpKernelContext *context) {
  Call call(context);
  std::vector<int64_t> shape;
  TF_DataType type = TF_FLOAT;
  std::vector<const char *> terms(static_cast<size_t>(call.Inputs()));
  for (int index = 0; index < call.Inputs(); ++index) {
    std::vector<int64_t> own;
    type = ReadAny(&call, index, &own, &terms[static_cast<size_t>(index)]);
    if (index > 0 && own != shape) call.Refuse("Diptych: what is added up has one shape.");
    shape = own;
  }
  const size_t count = CountOf(shape);
  char *sum = static_cast<char *>(call.OutputInPlace(shape));
  if (!call.IsOk()) return;
  ForEachStretch(count, count, [&](size_t from, size_t end) {
    std::vector<Reader> readers;
    for (const char *term : terms) readers.emplace_back(type, term);
    Writer writer(type, sum);
    for (size_t start = from; start < end; start += BLOCK) {
      const size_t now = std::min(BLOCK, end - start);
      float *place = writer.Place(start, now);
      const float *first = readers[0].Read(start, now);
      if (first != place) std::memcpy(place, first, now * sizeof(float));
      for (size_t term = 1; term < readers.size(); ++term) Add(place, readers[term].Read(start, now), now);
      writer.Put(start, now);
    }
  });
}

}  // namespace

std::vector<OwnOp> SumOps() {
  return {{"DiptychSum", {"terms: N * T"}, {"sum: T"}, {"N: int >= 1"}, LikeFirstInput, Create<NoOptions>, ComputeSum, Destroy<NoOptions>}};
}

}  // namespace tfnodejs
