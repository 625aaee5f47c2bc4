// Memory of results, and what a worker process needs of the operating system.

#include "core/memory.h"

#include "addon/addon.h"
#include "core/child.h"

namespace everycore {
namespace {

// (bytes, whether it is the first in this turn) → an ArrayBuffer over recycled memory, contents
// undefined; undefined when there is none to be had now, null where the runtime refuses such
// buffers.
Napi::Value allocate(const Napi::CallbackInfo& info) {
  const size_t bytes = static_cast<size_t>(info[0].ToNumber().Int64Value());
  const Block block = acquireResult(bytes, info[1].ToBoolean());
  if (block.data == nullptr) return info.Env().Undefined();
  const napi_value buffer = bufferOver<releaseBlock>(info.Env(), block, bytes);
  if (buffer != nullptr) return Napi::Value(info.Env(), buffer);
  releaseBlock(block);
  return info.Env().Null();
}

// (buffer): gives its memory back now, not when the collector finds it; the buffer is empty then.
void discard(const Napi::CallbackInfo& info) { napi_detach_arraybuffer(info.Env(), info[0]); }

// (milliseconds): what nobody has used for so long goes back to the system → bytes that are left.
Napi::Value trim(const Napi::CallbackInfo& info) {
  const std::chrono::milliseconds unused{info[0].ToNumber().Int64Value()};
  return Napi::Number::New(info.Env(), static_cast<double>(trimBlocks(unused)));
}

Napi::Value memory(const Napi::CallbackInfo& info) {
  const BlockStats stats = blockStats();
  Napi::Object answer = Napi::Object::New(info.Env());
  answer.Set("keptBytes", static_cast<double>(stats.keptBytes));
  answer.Set("usedBytes", static_cast<double>(stats.usedBytes));
  return answer;
}

// (parent's process id): see core/child.h.
void endWithParent(const Napi::CallbackInfo& info) {
  dieWithParent(info[0].ToNumber().Int64Value());
}

// (file descriptor, bytes) → ArrayBuffer | null, where memory cannot be shared like this.
Napi::Value page(const Napi::CallbackInfo& info) {
  const size_t bytes = static_cast<size_t>(info[1].ToNumber().Int64Value());
  void* const memory = mapPage(info[0].ToNumber().Int32Value(), bytes);
  napi_value buffer;
  if (memory == nullptr || napi_create_external_arraybuffer(info.Env(), memory, bytes, nullptr,
                                                            nullptr, &buffer) != napi_ok) {
    return info.Env().Null();
  }
  return Napi::Value(info.Env(), buffer);
}

}  // namespace

void exportMemory(Napi::Env env, Napi::Object exports) {
  exports.Set("allocate", Napi::Function::New<allocate>(env));
  exports.Set("discard", Napi::Function::New<discard>(env));
  exports.Set("trim", Napi::Function::New<trim>(env));
  exports.Set("memory", Napi::Function::New<memory>(env));
  exports.Set("dieWithParent", Napi::Function::New<endWithParent>(env));
  exports.Set("mapPage", Napi::Function::New<page>(env));
}

}  // namespace everycore
