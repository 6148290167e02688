// What our ops use of tensorflow/c/kernels.h, which cannot be included: it needs headers of TensorFlow's inside, of which set-up
// unpacks none. TensorFlow keeps these C functions from version to version; a missing one fails when the addon is loaded.
#ifndef DIPTYCH_KERNEL_API_H_
#define DIPTYCH_KERNEL_API_H_

#include <stddef.h>
#include <stdint.h>

#include "tensorflow/c/c_api_macros.h"
#include "tensorflow/c/tf_datatype.h"
#include "tensorflow/c/tf_status.h"
#include "tensorflow/c/tf_tensor.h"

extern "C" {

typedef struct TF_KernelBuilder TF_KernelBuilder;
typedef struct TF_OpKernelConstruction TF_OpKernelConstruction;
typedef struct TF_OpKernelContext TF_OpKernelContext;

TF_CAPI_EXPORT extern TF_KernelBuilder *TF_NewKernelBuilder(const char *op, const char *device,
                                                            void *(*create)(TF_OpKernelConstruction *),
                                                            void (*compute)(void *, TF_OpKernelContext *),
                                                            void (*destroy)(void *));
TF_CAPI_EXPORT extern void TF_KernelBuilder_TypeConstraint(TF_KernelBuilder *builder, const char *attribute,
                                                           const TF_DataType type, TF_Status *status);
TF_CAPI_EXPORT extern void TF_RegisterKernelBuilder(const char *name, TF_KernelBuilder *builder, TF_Status *status);
TF_CAPI_EXPORT extern int TF_NumInputs(TF_OpKernelContext *context);
TF_CAPI_EXPORT extern void TF_GetInput(TF_OpKernelContext *context, int index, TF_Tensor **tensor, TF_Status *status);
TF_CAPI_EXPORT extern TF_Tensor *TF_AllocateOutput(TF_OpKernelContext *context, int index, TF_DataType type,
                                                   const int64_t *sides, int count, size_t bytes, TF_Status *status);
TF_CAPI_EXPORT extern TF_Tensor *TF_ForwardInputOrAllocateOutput(TF_OpKernelContext *context, const int *candidates,
                                                                  int candidateCount, int index, const int64_t *sides, int count,
                                                                  int *forwarded, TF_Status *status);
TF_CAPI_EXPORT extern void TF_OpKernelContext_Failure(TF_OpKernelContext *context, TF_Status *status);
TF_CAPI_EXPORT extern void TF_OpKernelConstruction_Failure(TF_OpKernelConstruction *construction, TF_Status *status);
TF_CAPI_EXPORT extern void TF_OpKernelConstruction_GetAttrFloat(TF_OpKernelConstruction *construction, const char *name,
                                                                float *value, TF_Status *status);
TF_CAPI_EXPORT extern void TF_OpKernelConstruction_GetAttrBool(TF_OpKernelConstruction *construction, const char *name,
                                                               unsigned char *value, TF_Status *status);
TF_CAPI_EXPORT extern void TF_OpKernelConstruction_GetAttrInt32(TF_OpKernelConstruction *construction, const char *name,
                                                                int32_t *value, TF_Status *status);

}  // extern "C"

#endif  // DIPTYCH_KERNEL_API_H_
