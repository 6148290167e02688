// What Diptych adds to the addon of tfjs-node: a graph as a function of TensorFlow's eager context, and running it.
#ifndef DIPTYCH_RECORDED_FUNCTIONS_H_
#define DIPTYCH_RECORDED_FUNCTIONS_H_

#include <node_api.h>

#include <cstddef>
#include <cstdint>

struct TF_Tensor;

namespace tfnodejs {

// The numbers of a tensor of float32, where they lie, as long as this lives.
class TensorNumbers {
 public:
  // Of nothing where there is no such tensor, or one of another type.
  TensorNumbers(napi_env env, int32_t id);
  ~TensorNumbers();
  TensorNumbers(const TensorNumbers &) = delete;
  TensorNumbers &operator=(const TensorNumbers &) = delete;

  size_t Count() const;
  const float *Data() const;

 private:
  TF_Tensor *tensor_ = nullptr;
};

// addFunction(name: string, graph: Uint8Array, inputs: string[], outputs: string[], controls: string[]): void
// `graph` is a serialized GraphDef, inputs and outputs are "node:index", controls are nodes that must run although nothing
// depends on them.
napi_value AddFunction(napi_env env, napi_callback_info info);

// removeFunction(name: string): void
napi_value RemoveFunction(napi_env env, napi_callback_info info);

// callFunction(name: string, inputIds: number[], config: Uint8Array, outputs: number): Promise<{ id, shape, dtype }[]>
// `config` is a serialized ConfigProto; empty for TensorFlow's own choice. Runs on a thread of Node's pool.
napi_value CallFunction(napi_env env, napi_callback_info info);

// describeTensor(id: number): { shape: number[], dtype: number }
// The shape of a variable's handle is empty: it says nothing of the variable.
napi_value DescribeTensor(napi_env env, napi_callback_info info);

}  // namespace tfnodejs

#endif  // DIPTYCH_RECORDED_FUNCTIONS_H_
