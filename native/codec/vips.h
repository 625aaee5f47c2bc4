// libvips, opened at run time: nothing is linked and no header of it is needed. The copy that sharp
// brings is meant, which a program that uses sharp itself then shares.
#pragma once

#include <cstddef>
#include <string>

struct _VipsImage;
struct _VipsRegion;

namespace everycore {

using VipsImage = _VipsImage;
using VipsRegion = _VipsRegion;
struct VipsProgress;
struct VipsRect {
  int left, top, width, height;
};
struct VipsSource;
struct VipsTarget;

// The functions that are used, by their names without `vips_`. Those with `...` take names and
// values of options, ended by a null pointer.
struct Vips {
  int (*init)(const char* program);
  int (*version)(int part);
  char* (*error_buffer_copy)();
  void (*thread_shutdown)();

  using Load = int (*)(void* bytes, size_t length, VipsImage** out, ...);
  using LoadFrom = int (*)(VipsSource* source, VipsImage** out, ...);
  LoadFrom jpegload_source;
  LoadFrom pngload_source;
  VipsSource* (*source_custom_new)();
  Load webpload_buffer;
  Load heifload_buffer;
  Load tiffload_buffer;
  Load gifload_buffer;
  VipsImage* (*image_new_from_memory)(const void* data, size_t size, int width, int height,
                                      int bands, int format);
  int (*image_write_to_buffer)(VipsImage* in, const char* suffix, void** data, size_t* size, ...);
  int (*image_write_to_target)(VipsImage* in, const char* suffix, VipsTarget* target, ...);
  VipsTarget* (*target_custom_new)();

  int (*image_get_width)(const VipsImage*);
  int (*image_get_height)(const VipsImage*);
  int (*image_get_bands)(const VipsImage*);
  int (*image_get_format)(const VipsImage*);
  int (*image_get_interpretation)(const VipsImage*);
  int (*image_get_coding)(const VipsImage*);
  int (*image_get_orientation)(VipsImage*);
  size_t (*image_get_typeof)(const VipsImage*, const char* name);
  int (*image_get_blob)(const VipsImage*, const char* name, const void** data, size_t* length);
  void (*image_init_fields)(VipsImage*, int width, int height, int bands, int format, int coding,
                            int interpretation, double xres, double yres);
  void (*image_invalidate_all)(VipsImage*);
  void (*image_minimise_all)(VipsImage*);
  void (*image_set_int)(VipsImage*, const char* name, int value);
  void (*image_set_progress)(VipsImage*, int on);
  void (*image_set_kill)(VipsImage*, int kill);

  int (*icc_transform)(VipsImage* in, VipsImage** out, const char* profile, ...);
  int (*colourspace)(VipsImage* in, VipsImage** out, int space, ...);
  int (*cast)(VipsImage* in, VipsImage** out, int format, ...);

  VipsRegion* (*region_new)(VipsImage*);
  int (*region_prepare)(VipsRegion*, const VipsRect*);

  // Images whose rows a function of ours makes.
  using Start = void* (*)(VipsImage* image, void* a, void* b);
  using Generate = int (*)(VipsRegion* out, void* sequence, void* a, void* b, int* stop);
  using Stop = int (*)(void* sequence, void* a, void* b);
  VipsImage* (*image_new)();
  int (*image_pipelinev)(VipsImage*, int demandStyle, ...);
  int (*image_generate)(VipsImage*, Start, Generate, Stop, void* a, void* b);

  void (*g_free)(void*);
  void* (*g_try_realloc)(void* memory, size_t bytes);
  void (*g_object_unref)(void*);
  unsigned long (*g_signal_connect_data)(void* object, const char* signal, void (*callback)(),
                                         void* data, void (*destroy)(void*, void*), int flags);
  void (*g_signal_handler_disconnect)(void* object, unsigned long handler);
  using LogHandler = void (*)(const char* domain, int level, const char* message, void* data);
  unsigned (*g_log_set_handler)(const char* domain, int levels, LogHandler handler, void* data);
  size_t (*g_type_from_name)(const char* name);
  void (*g_type_query)(size_t type, void* query);

  // Bytes of what every object of libvips begins with; the fields of a region follow.
  size_t objectBytes;
};

// What a region shows, as libvips' own macros read it in every program.
struct RegionFields {
  VipsImage* image;
  VipsRect valid;
  int kind;
  unsigned char* data;  // of the pixel (valid.left, valid.top)
  int rowBytes;
};

// Opens the library once for the process; later calls answer what the first one found. False, and
// why, when that fails. It is never closed: threads and other users of it may outlive us.
bool openVips(const std::string& file, std::string& error);

// Null until openVips has answered true.
const Vips* vips() noexcept;

const RegionFields& fieldsOf(const VipsRegion* region) noexcept;

// To be called on a thread before it uses the library for something new: the library's state there
// is freed at the thread's end, and earlier warnings are forgotten.
void enterVips() noexcept;

// For threads of the library's own, which look after its state themselves.
void forgetWarning() noexcept;

// libvips' errors, which are forgotten with this, and the warning. The errors are the process's,
// not the thread's: another thread's may be among them.
std::string takeVipsErrors();

// The first warning on this thread since enterVips or forgetWarning; empty when there was none.
// Warnings are kept from standard error, where GLib would print them.
const char* vipsWarning() noexcept;

}  // namespace everycore
