#include "codec/vips.h"

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <mutex>

#if defined(_WIN32)
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#else
#include <dlfcn.h>
#endif

// glibc 2.34 gave these a new version; the old one, of which native/core/compat.cc says why, is
// still served. libstdc++ has defined __GLIBC__ by now.
#if defined(__GLIBC__) && (defined(__x86_64__) || defined(__aarch64__))
#if defined(__x86_64__)
#define EC_OLD_GLIBC "GLIBC_2.2.5"
#else
#define EC_OLD_GLIBC "GLIBC_2.17"
#endif
extern "C" {
__asm__(".symver oldDlopen, dlopen@" EC_OLD_GLIBC);
__asm__(".symver oldDlsym, dlsym@" EC_OLD_GLIBC);
__asm__(".symver oldDlerror, dlerror@" EC_OLD_GLIBC);
void* oldDlopen(const char*, int);
void* oldDlsym(void*, const char*);
char* oldDlerror();
}
#define dlopen oldDlopen
#define dlsym oldDlsym
#define dlerror oldDlerror
#endif

namespace everycore {
namespace {

std::atomic<const Vips*> opened{nullptr};

#if defined(_WIN32)
void* openLibrary(const std::string& file, std::string& error) {
  std::wstring wide(file.size() + 1, L'\0');
  const int length =
      MultiByteToWideChar(CP_UTF8, 0, file.c_str(), -1, wide.data(), static_cast<int>(wide.size()));
  wide.resize(length > 0 ? static_cast<size_t>(length) - 1 : 0);
  HMODULE library = LoadLibraryExW(wide.c_str(), nullptr, LOAD_WITH_ALTERED_SEARCH_PATH);
  if (library == nullptr) error = "LoadLibrary: error " + std::to_string(GetLastError());
  return library;
}

// The functions of GLib lie in a library of their own beside it there.
void* findSymbol(void* library, const char* name) {
  if (void* found = reinterpret_cast<void*>(GetProcAddress(static_cast<HMODULE>(library), name)))
    return found;
  for (const wchar_t* other : {L"libglib-2.0-0.dll", L"libgobject-2.0-0.dll"}) {
    if (HMODULE module = GetModuleHandleW(other)) {
      if (void* found = reinterpret_cast<void*>(GetProcAddress(module, name))) return found;
    }
  }
  return nullptr;
}
#else
void* openLibrary(const std::string& file, std::string& error) {
  void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* why = dlerror();
    error = why == nullptr ? "dlopen failed" : why;
  }
  return library;
}

void* findSymbol(void* library, const char* name) { return dlsym(library, name); }
#endif

struct ThreadState {
  bool used = false;
  char warning[200] = "";
  ~ThreadState() {
    if (used) vips()->thread_shutdown();
  }
};
thread_local ThreadState threadState;

void onWarning(const char*, int, const char* message, void*) {
  char* const kept = threadState.warning;
  if (kept[0] == '\0') std::strncpy(kept, message, sizeof threadState.warning - 1);
}

constexpr int warningLevel = 1 << 4;  // G_LOG_LEVEL_WARNING

template <class F>
void bind(void* library, const char* name, F& function, std::string& error) {
  function = reinterpret_cast<F>(findSymbol(library, name));
  if (function == nullptr && error.empty()) error = std::string("it lacks ") + name;
}

const RegionFields& fieldsIn(const VipsRegion* region, size_t objectBytes) {
  return *reinterpret_cast<const RegionFields*>(reinterpret_cast<const char*>(region) +
                                                objectBytes);
}

// Finds the fields of regions, and tries them on one whose contents are known.
bool findFields(Vips& v) {
  struct {
    size_t type;
    const char* name;
    unsigned classBytes, instanceBytes;
  } query{};
  v.g_type_query(v.g_type_from_name("VipsObject"), &query);
  v.objectBytes = query.instanceBytes;
  if (query.instanceBytes == 0 || query.instanceBytes % sizeof(void*) != 0) return false;
  const unsigned char pixels[3][4] = {{0, 1, 2, 3}, {4, 5, 6, 7}, {8, 9, 10, 11}};
  VipsImage* const image = v.image_new_from_memory(pixels, sizeof pixels, 4, 3, 1, 0);
  if (image == nullptr) return false;
  VipsRegion* const region = v.region_new(image);
  bool found = false;
  const VipsRect wanted{1, 1, 2, 2};
  if (region != nullptr && v.region_prepare(region, &wanted) == 0) {
    const RegionFields& fields = fieldsIn(region, v.objectBytes);
    const VipsRect& valid = fields.valid;
    // More than what was wanted may be shown: here the image itself is.
    const bool inside = valid.left >= 0 && valid.left <= 1 && valid.top >= 0 && valid.top <= 1 &&
                        valid.left + valid.width >= 3 && valid.left + valid.width <= 4 &&
                        valid.top + valid.height == 3;
    found = fields.image == image && inside && fields.rowBytes == 4 &&
            fields.data[(2 - valid.top) * fields.rowBytes + 2 - valid.left] == 10;
  }
  if (region != nullptr) v.g_object_unref(region);
  v.g_object_unref(image);
  return found;
}

// glibc's allocator begins with giving every large block back to the system, and learns from blocks
// that come and go, as those of decoders and encoders do with every picture, to keep them. It had
// to see a larger one for that: else the pages of an encoder are new for every picture.
void teachAllocator() {
  void* volatile block = std::malloc(std::size_t{8} << 20);
  std::free(block);
}

const Vips* load(const std::string& file, std::string& error) {
  void* library = openLibrary(file, error);
  if (library == nullptr) return nullptr;
  auto* const table = new Vips{};
#define BIND(name) bind(library, "vips_" #name, table->name, error)
  BIND(init);
  BIND(version);
  BIND(error_buffer_copy);
  BIND(thread_shutdown);
  BIND(jpegload_source);
  BIND(pngload_source);
  BIND(source_custom_new);
  BIND(webpload_buffer);
  BIND(heifload_buffer);
  BIND(tiffload_buffer);
  BIND(gifload_buffer);
  BIND(image_new_from_memory);
  BIND(image_write_to_buffer);
  BIND(image_write_to_target);
  BIND(target_custom_new);
  BIND(image_get_width);
  BIND(image_get_height);
  BIND(image_get_bands);
  BIND(image_get_format);
  BIND(image_get_interpretation);
  BIND(image_get_coding);
  BIND(image_get_orientation);
  BIND(image_get_typeof);
  BIND(image_get_blob);
  BIND(image_init_fields);
  BIND(image_invalidate_all);
  BIND(image_minimise_all);
  BIND(image_set_int);
  BIND(image_set_progress);
  BIND(image_set_kill);
  BIND(icc_transform);
  BIND(colourspace);
  BIND(cast);
  BIND(region_new);
  BIND(region_prepare);
  BIND(image_new);
  BIND(image_pipelinev);
  BIND(image_generate);
#undef BIND
  bind(library, "g_free", table->g_free, error);
  bind(library, "g_try_realloc", table->g_try_realloc, error);
  bind(library, "g_object_unref", table->g_object_unref, error);
  bind(library, "g_signal_connect_data", table->g_signal_connect_data, error);
  bind(library, "g_signal_handler_disconnect", table->g_signal_handler_disconnect, error);
  bind(library, "g_log_set_handler", table->g_log_set_handler, error);
  bind(library, "g_type_from_name", table->g_type_from_name, error);
  bind(library, "g_type_query", table->g_type_query, error);
  if (error.empty() && table->init("everycore") != 0) error = "vips_init failed";
  if (error.empty() && !findFields(*table)) error = "its regions are not laid out as expected";
  if (error.empty()) {
    table->g_log_set_handler("VIPS", warningLevel, onWarning, nullptr);
    teachAllocator();
    return table;
  }
  delete table;
  return nullptr;
}

}  // namespace

bool openVips(const std::string& file, std::string& error) {
  static std::mutex mutex;
  static auto* const failure = new std::string;
  std::lock_guard lock(mutex);
  if (opened.load() == nullptr && failure->empty()) opened.store(load(file, *failure));
  error = *failure;
  return opened.load() != nullptr;
}

const Vips* vips() noexcept { return opened.load(std::memory_order_acquire); }

const RegionFields& fieldsOf(const VipsRegion* region) noexcept {
  return fieldsIn(region, vips()->objectBytes);
}

void enterVips() noexcept {
  threadState.used = true;
  forgetWarning();
}

void forgetWarning() noexcept { threadState.warning[0] = '\0'; }

std::string takeVipsErrors() {
  char* const errors = vips()->error_buffer_copy();
  std::string all = std::string(errors == nullptr ? "" : errors) + '\n' + vipsWarning();
  vips()->g_free(errors);
  return all;
}

const char* vipsWarning() noexcept { return threadState.warning; }

}  // namespace everycore
