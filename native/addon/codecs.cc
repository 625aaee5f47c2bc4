// What codecs need beside their kernels: libvips opened, files asked for, encoded bytes taken.

#include <cstring>

#include "addon/addon.h"
#include "codec/codec.h"
#include "codec/vips.h"

namespace everycore {
namespace {

// (file) → null, or why libvips can't be used.
Napi::Value open(const Napi::CallbackInfo& info) {
  return guarded(info, [&]() -> Napi::Value {
    std::string error;
    if (openVips(info[0].ToString(), error)) return info.Env().Null();
    return Napi::String::New(info.Env(), error);
  });
}

// (file descriptor): asks the system to read the file soon.
void read(const Napi::CallbackInfo& info) { readAhead(info[0].ToNumber().Int32Value()); }

// (blob number) → an ArrayBuffer with the bytes of an encoded file; null when it is not there.
Napi::Value take(const Napi::CallbackInfo& info) {
  const Blob blob = takeBlob(info[0].ToNumber().DoubleValue());
  if (blob.data == nullptr) return info.Env().Null();
  napi_value buffer = bufferOver<freeBlob>(info.Env(), blob, blob.bytes);
  if (buffer != nullptr) return Napi::Value(info.Env(), buffer);
  void* copy = nullptr;
  const bool made = napi_create_arraybuffer(info.Env(), blob.bytes, &copy, &buffer) == napi_ok;
  if (made) std::memcpy(copy, blob.data, blob.bytes);
  freeBlob(blob);
  return made ? Napi::Value(info.Env(), buffer) : info.Env().Null();
}

}  // namespace

void exportCodecs(Napi::Env env, Napi::Object exports) {
  exports.Set("openVips", Napi::Function::New<open>(env));
  exports.Set("readAhead", Napi::Function::New<read>(env));
  exports.Set("takeBlob", Napi::Function::New<take>(env));
}

}  // namespace everycore
