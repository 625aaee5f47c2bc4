{
  "variables": {
    "addon_sources": [
      "native/addon/addon.cc",
      "native/addon/codecs.cc",
      "native/addon/memory.cc"
    ],
    "core_sources": [
      "native/codec/codec.cc",
      "native/codec/colour.cc",
      "native/codec/flow.cc",
      "native/codec/input.cc",
      "native/codec/output.cc",
      "native/codec/strips.cc",
      "native/codec/vips.cc",
      "native/core/child.cc",
      "native/core/compat.cc",
      "native/core/cpu.cc",
      "native/core/description.cc",
      "native/core/home.cc",
      "native/core/job.cc",
      "native/core/memory.cc",
      "native/core/registry.cc",
      "native/core/threads.cc"
    ],
    "kernel_sources": [
      "native/kernels/math.cc",
      "native/kernels/reduce.cc",
      "native/kernels/axis.cc",
      "native/kernels/order.cc",
      "native/kernels/quantile.cc",
      "native/kernels/scan.cc",
      "native/kernels/elementwise.cc",
      "native/kernels/exponential.cc",
      "native/kernels/trigonometric.cc",
      "native/kernels/single.cc",
      "native/kernels/matrix.cc",
      "native/kernels/linear.cc",
      "native/kernels/image.cc",
      "native/kernels/geometry.cc",
      "native/kernels/point.cc",
      "native/kernels/warp.cc",
      "native/kernels/alpha.cc",
      "native/kernels/filters.cc",
      "native/kernels/morphology.cc",
      "native/kernels/analysis.cc"
    ],
    "defines": ["NAPI_VERSION=9", "NODE_ADDON_API_CPP_EXCEPTIONS", "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS"],
    "warning_flags": ["-Wall", "-Wextra", "-Wno-psabi"],
    "core_flags": ["-O2", "-fexceptions"],
    "kernel_flags": ["-O3", "-fwrapv", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math", "-fno-exceptions", "-fno-rtti"],
    "baseline_flags": [],
    "neon_flags": [],
    "avx2_flags": ["-mavx2", "-mfma", "-mbmi", "-mbmi2", "-mpopcnt"],
    "avx512_flags": ["-mavx512f", "-mavx512bw", "-mavx512dq", "-mavx512vl", "-mavx512cd", "-mavx2", "-mfma", "-mbmi", "-mbmi2", "-mpopcnt", "-mprefer-vector-width=512"],
    "linux_link_flags": ["-static-libstdc++", "-Wl,--wrap=pthread_create,--wrap=pthread_join,--wrap=pow", "-Wl,--exclude-libs,ALL", "-Wl,--gc-sections", "-Wl,-z,relro,-z,now"]
  }
}
