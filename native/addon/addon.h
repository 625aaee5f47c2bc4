// The boundary between JavaScript and the core, and the only folder that includes Node-API.
// JavaScript values are touched on the JavaScript thread alone; exceptions end here.
#pragma once

#include <napi.h>

#include <exception>
#include <new>
#include <string>

namespace everycore {

constexpr char noMemoryText[] = "Array buffer allocation failed: no memory for a kernel";

// C++ exceptions become JavaScript's.
template <class Body>
Napi::Value guarded(const Napi::CallbackInfo& info, Body body) {
  try {
    return body();
  } catch (const Napi::Error&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw Napi::RangeError::New(info.Env(), noMemoryText);
  } catch (const std::exception& error) {
    throw Napi::Error::New(info.Env(), std::string("everycore native: ") + error.what());
  }
}

// An ArrayBuffer over memory of `owner` (a Block, a Blob), which goes back by `release` when the
// collector finds the buffer; null, and nothing released, where the runtime refuses such buffers
// (Electron), or might: Node 20 takes none longer than this, and releases it then.
constexpr size_t bufferOverMax = size_t{1} << 32;

template <auto release, class Owner>
napi_value bufferOver(napi_env env, const Owner& owner, size_t bytes) {
  if (bytes > bufferOverMax) return nullptr;
  auto* const owned = new Owner(owner);
  const auto finalize = [](napi_env, void*, void* hint) {
    auto* const owned = static_cast<Owner*>(hint);
    release(*owned);
    delete owned;
  };
  napi_value buffer;
  if (napi_create_external_arraybuffer(env, owner.data, bytes, finalize, owned, &buffer) == napi_ok)
    return buffer;
  delete owned;
  return nullptr;
}

// What the other files of this folder export.
void exportCodecs(Napi::Env env, Napi::Object exports);
void exportMemory(Napi::Env env, Napi::Object exports);

}  // namespace everycore
