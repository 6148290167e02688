// Ops of Diptych's own, which TensorFlow then knows like any other of its ops.
#ifndef DIPTYCH_KERNELS_H_
#define DIPTYCH_KERNELS_H_

#include <node_api.h>

namespace tfnodejs {

// hasOwnKernels(): boolean
// Whether TensorFlow took the ops of own_ops.h. Processors only.
napi_value HasOwnKernels(napi_env env, napi_callback_info info);

}  // namespace tfnodejs

#endif  // DIPTYCH_KERNELS_H_
