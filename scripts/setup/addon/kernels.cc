#include "kernels.h"

#include <algorithm>
#include <memory>

#include "op_call.h"
#include "own_ops.h"

namespace tfnodejs {

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

namespace {

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
  for (const std::vector<OwnOp> &ops : {NormOps(), EdgeOps(), SumOps(), ThinOps(), ActivationOps()})
    if (!std::all_of(ops.begin(), ops.end(), Declare)) return false;
  return true;
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
