// Ops of Diptych's own as TensorFlow is told of them.
#ifndef DIPTYCH_OWN_OPS_H_
#define DIPTYCH_OWN_OPS_H_

#include <vector>

#include "kernel_api.h"
#include "tensorflow/c/ops.h"

namespace tfnodejs {

struct OwnOp {
  const char *name;
  // In TensorFlow's terms. Each op has an attribute T, float or bfloat16, besides.
  std::vector<const char *> inputs, outputs, attributes;
  void (*infer)(TF_ShapeInferenceContext *, TF_Status *);
  void *(*create)(TF_OpKernelConstruction *);
  void (*compute)(void *, TF_OpKernelContext *);
  void (*destroy)(void *);
};

// For `infer`. The first output has the shape of the first input; of the others TensorFlow learns when they are made.
void LikeFirstInput(TF_ShapeInferenceContext *context, TF_Status *status);
void Unknown(TF_ShapeInferenceContext *context, TF_Status *status);

std::vector<OwnOp> NormOps();
std::vector<OwnOp> EdgeOps();
std::vector<OwnOp> SumOps();
std::vector<OwnOp> ThinOps();
std::vector<OwnOp> ActivationOps();

}  // namespace tfnodejs

#endif  // DIPTYCH_OWN_OPS_H_
