#include "recorded_functions.h"

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "tensorflow/c/c_api.h"
#include "tensorflow/c/eager/c_api.h"
#include "tfjs_backend.h"

namespace tfnodejs {

// The only part that sees the backend's private members; the addon's header names it as a friend.
class RecordedFunctions {
 public:
  static TFE_Context *Context(TFJSBackend *backend) { return backend->tfe_context_; }

  static TFE_TensorHandle *Handle(TFJSBackend *backend, int32_t id) {
    auto found = backend->tfe_handle_map_.find(id);
    return found == backend->tfe_handle_map_.end() ? nullptr : found->second;
  }

  static napi_value Describe(TFJSBackend *backend, napi_env env, TFE_TensorHandle *handle) {
    return backend->GenerateOutputTensorInfo(env, handle);
  }
};

namespace {

template <typename T, void (*Delete)(T *)>
struct Deleter {
  void operator()(T *value) const { Delete(value); }
};
template <typename T, void (*Delete)(T *)>
using Owned = std::unique_ptr<T, Deleter<T, Delete>>;

using Status = Owned<TF_Status, TF_DeleteStatus>;
using Graph = Owned<TF_Graph, TF_DeleteGraph>;
using Buffer = Owned<TF_Buffer, TF_DeleteBuffer>;
using ImportOptions = Owned<TF_ImportGraphDefOptions, TF_DeleteImportGraphDefOptions>;
using Function = Owned<TF_Function, TF_DeleteFunction>;
using Op = Owned<TFE_Op, TFE_DeleteOp>;

Status NewStatus() { return Status(TF_NewStatus()); }

bool IsOk(const Status &status) { return TF_GetCode(status.get()) == TF_OK; }

napi_value Throw(napi_env env, const std::string &message) {
  napi_throw_error(env, nullptr, message.c_str());
  return nullptr;
}

napi_value Throw(napi_env env, const Status &status) { return Throw(env, TF_Message(status.get())); }

bool ReadText(napi_env env, napi_value value, std::string *text) {
  size_t length = 0;
  if (napi_get_value_string_utf8(env, value, nullptr, 0, &length) != napi_ok) return false;
  text->resize(length);
  return napi_get_value_string_utf8(env, value, &(*text)[0], length + 1, &length) == napi_ok;
}

bool ReadTexts(napi_env env, napi_value value, std::vector<std::string> *texts) {
  uint32_t count = 0;
  if (napi_get_array_length(env, value, &count) != napi_ok) return false;
  texts->resize(count);
  for (uint32_t index = 0; index < count; ++index) {
    napi_value element;
    if (napi_get_element(env, value, index, &element) != napi_ok) return false;
    if (!ReadText(env, element, &(*texts)[index])) return false;
  }
  return true;
}

bool ReadBytes(napi_env env, napi_value value, std::string *bytes) {
  napi_typedarray_type type;
  size_t length = 0;
  void *data = nullptr;
  if (napi_get_typedarray_info(env, value, &type, &length, &data, nullptr, nullptr) != napi_ok) return false;
  if (type != napi_uint8_array) return false;
  bytes->assign(static_cast<const char *>(data), length);
  return true;
}

bool ReadIds(napi_env env, napi_value value, std::vector<int32_t> *ids) {
  uint32_t count = 0;
  if (napi_get_array_length(env, value, &count) != napi_ok) return false;
  ids->resize(count);
  for (uint32_t index = 0; index < count; ++index) {
    napi_value element;
    if (napi_get_element(env, value, index, &element) != napi_ok) return false;
    if (napi_get_value_int32(env, element, &(*ids)[index]) != napi_ok) return false;
  }
  return true;
}

// Arguments of a call, or false after an error was thrown.
bool ReadArguments(napi_env env, napi_callback_info info, size_t wanted, napi_value *arguments, TFJSBackend **backend) {
  size_t count = wanted;
  if (napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr) != napi_ok || count < wanted) {
    Throw(env, "Too few arguments.");
    return false;
  }
  if (napi_get_instance_data(env, reinterpret_cast<void **>(backend)) != napi_ok || *backend == nullptr) {
    Throw(env, "TensorFlow is closed.");
    return false;
  }
  return true;
}

// "node:index" in the graph; an output without an operation where there is none.
TF_Output FindOutput(TF_Graph *graph, const std::string &place) {
  const size_t colon = place.rfind(':');
  if (colon == std::string::npos) return {nullptr, 0};
  return {TF_GraphOperationByName(graph, place.substr(0, colon).c_str()), std::atoi(place.c_str() + colon + 1)};
}

bool FindOutputs(TF_Graph *graph, const std::vector<std::string> &places, std::vector<TF_Output> *outputs,
                 std::string *missing) {
  for (const std::string &place : places) {
    outputs->push_back(FindOutput(graph, place));
    if (outputs->back().oper != nullptr) continue;
    *missing = place;
    return false;
  }
  return true;
}

Graph ImportGraph(const std::string &bytes, const Status &status) {
  Graph graph(TF_NewGraph());
  const Buffer buffer(TF_NewBufferFromString(bytes.data(), bytes.size()));
  const ImportOptions options(TF_NewImportGraphDefOptions());
  TF_GraphImportGraphDef(graph.get(), buffer.get(), options.get(), status.get());
  return graph;
}

// What one call needs on its thread and after it.
struct Call {
  napi_async_work work = nullptr;
  napi_deferred deferred = nullptr;
  TFJSBackend *backend = nullptr;
  Op op;
  Status status = NewStatus();
  std::vector<TFE_TensorHandle *> results;
};

// On a thread of the pool: nothing of Node may be touched.
void Execute(napi_env, void *data) {
  Call *call = static_cast<Call *>(data);
  int count = static_cast<int>(call->results.size());
  TFE_Execute(call->op.get(), call->results.data(), &count, call->status.get());
}

void Reject(napi_env env, const Call &call) {
  napi_value message, error;
  napi_create_string_utf8(env, TF_Message(call.status.get()), NAPI_AUTO_LENGTH, &message);
  napi_create_error(env, nullptr, message, &error);
  napi_reject_deferred(env, call.deferred, error);
}

void Resolve(napi_env env, const Call &call) {
  napi_value list;
  napi_create_array_with_length(env, call.results.size(), &list);
  for (size_t index = 0; index < call.results.size(); ++index)
    napi_set_element(env, list, static_cast<uint32_t>(index),
                     RecordedFunctions::Describe(call.backend, env, call.results[index]));
  napi_resolve_deferred(env, call.deferred, list);
}

void Complete(napi_env env, napi_status, void *data) {
  const std::unique_ptr<Call> call(static_cast<Call *>(data));
  if (IsOk(call->status))
    Resolve(env, *call);
  else
    Reject(env, *call);
  napi_delete_async_work(env, call->work);
}

}  // namespace

napi_value AddFunction(napi_env env, napi_callback_info info) {
  napi_value arguments[5];
  TFJSBackend *backend;
  if (!ReadArguments(env, info, 5, arguments, &backend)) return nullptr;
  std::string name, bytes;
  std::vector<std::string> inputs, outputs, controls;
  if (!ReadText(env, arguments[0], &name) || !ReadBytes(env, arguments[1], &bytes) ||
      !ReadTexts(env, arguments[2], &inputs) || !ReadTexts(env, arguments[3], &outputs) ||
      !ReadTexts(env, arguments[4], &controls))
    return Throw(env, "addFunction takes a name, a graph and three lists of names.");

  const Status status = NewStatus();
  const Graph graph = ImportGraph(bytes, status);
  if (!IsOk(status)) return Throw(env, status);
  std::vector<TF_Output> from, to;
  std::string missing;
  if (!FindOutputs(graph.get(), inputs, &from, &missing) || !FindOutputs(graph.get(), outputs, &to, &missing))
    return Throw(env, "The graph has no output named " + missing + ".");
  std::vector<const TF_Operation *> always;
  for (const std::string &control : controls) {
    always.push_back(TF_GraphOperationByName(graph.get(), control.c_str()));
    if (always.back() == nullptr) return Throw(env, "The graph has no node named " + control + ".");
  }
  const Function function(TF_GraphToFunctionWithControlOutputs(
      graph.get(), name.c_str(), 0, -1, nullptr, static_cast<int>(from.size()), from.data(), static_cast<int>(to.size()),
      to.data(), nullptr, static_cast<int>(always.size()), always.data(), nullptr, nullptr, nullptr, status.get()));
  if (!IsOk(status)) return Throw(env, status);
  TFE_ContextAddFunction(RecordedFunctions::Context(backend), function.get(), status.get());
  return IsOk(status) ? nullptr : Throw(env, status);
}

napi_value RemoveFunction(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  TFJSBackend *backend;
  if (!ReadArguments(env, info, 1, arguments, &backend)) return nullptr;
  std::string name;
  if (!ReadText(env, arguments[0], &name)) return Throw(env, "removeFunction takes a name.");
  const Status status = NewStatus();
  TFE_ContextRemoveFunction(RecordedFunctions::Context(backend), name.c_str(), status.get());
  return IsOk(status) ? nullptr : Throw(env, status);
}

napi_value CallFunction(napi_env env, napi_callback_info info) {
  napi_value arguments[4];
  TFJSBackend *backend;
  if (!ReadArguments(env, info, 4, arguments, &backend)) return nullptr;
  std::string name, config;
  std::vector<int32_t> ids;
  int32_t outputs = 0;
  if (!ReadText(env, arguments[0], &name) || !ReadIds(env, arguments[1], &ids) ||
      !ReadBytes(env, arguments[2], &config) || napi_get_value_int32(env, arguments[3], &outputs) != napi_ok)
    return Throw(env, "callFunction takes a name, tensors, a configuration and a number of outputs.");

  std::unique_ptr<Call> call(new Call());
  call->backend = backend;
  call->op.reset(TFE_NewOp(RecordedFunctions::Context(backend), name.c_str(), call->status.get()));
  if (!IsOk(call->status)) return Throw(env, call->status);
  for (const int32_t id : ids) {
    TFE_TensorHandle *handle = RecordedFunctions::Handle(backend, id);
    if (handle == nullptr) return Throw(env, "There is no tensor " + std::to_string(id) + " any more.");
    TFE_OpAddInput(call->op.get(), handle, call->status.get());
    if (!IsOk(call->status)) return Throw(env, call->status);
  }
  if (!config.empty()) TFE_OpSetAttrString(call->op.get(), "config_proto", config.data(), config.size());
  call->results.resize(static_cast<size_t>(outputs), nullptr);

  napi_value promise, label;
  if (napi_create_promise(env, &call->deferred, &promise) != napi_ok ||
      napi_create_string_utf8(env, "callFunction", NAPI_AUTO_LENGTH, &label) != napi_ok ||
      napi_create_async_work(env, nullptr, label, Execute, Complete, call.get(), &call->work) != napi_ok ||
      napi_queue_async_work(env, call->work) != napi_ok)
    return Throw(env, "Node could not start the work.");
  call.release();
  return promise;
}

napi_value DescribeTensor(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  TFJSBackend *backend;
  if (!ReadArguments(env, info, 1, arguments, &backend)) return nullptr;
  int32_t id = 0;
  if (napi_get_value_int32(env, arguments[0], &id) != napi_ok) return Throw(env, "describeTensor takes a number.");
  TFE_TensorHandle *handle = RecordedFunctions::Handle(backend, id);
  if (handle == nullptr) return Throw(env, "There is no tensor " + std::to_string(id) + " any more.");
  const Status status = NewStatus();
  const int axes = TFE_TensorHandleNumDims(handle, status.get());
  if (!IsOk(status)) return Throw(env, status);
  napi_value described, shape, dtype;
  napi_create_object(env, &described);
  napi_create_array_with_length(env, static_cast<size_t>(axes), &shape);
  for (int axis = 0; axis < axes; ++axis) {
    napi_value side;
    napi_create_int64(env, TFE_TensorHandleDim(handle, axis, status.get()), &side);
    napi_set_element(env, shape, static_cast<uint32_t>(axis), side);
  }
  napi_create_int32(env, TFE_TensorHandleDataType(handle), &dtype);
  napi_set_named_property(env, described, "shape", shape);
  napi_set_named_property(env, described, "dtype", dtype);
  return described;
}

TensorNumbers::TensorNumbers(napi_env env, int32_t id) {
  TFJSBackend *backend = nullptr;
  if (napi_get_instance_data(env, reinterpret_cast<void **>(&backend)) != napi_ok || backend == nullptr) return;
  TFE_TensorHandle *handle = RecordedFunctions::Handle(backend, id);
  if (handle == nullptr || TFE_TensorHandleDataType(handle) != TF_FLOAT) return;
  const Status status = NewStatus();
  tensor_ = TFE_TensorHandleResolve(handle, status.get());
}

TensorNumbers::~TensorNumbers() {
  if (tensor_ != nullptr) TF_DeleteTensor(tensor_);
}

size_t TensorNumbers::Count() const { return tensor_ == nullptr ? 0 : static_cast<size_t>(TF_TensorElementCount(tensor_)); }

const float *TensorNumbers::Data() const { return static_cast<const float *>(TF_TensorData(tensor_)); }

}  // namespace tfnodejs
