# Builds the native binary with node-gyp, from the same lists as CMakeLists.txt.
{
  "includes": ["native/sources.gypi"],
  "target_defaults": {
    "include_dirs": ["native"],
    "cflags!": ["-fno-exceptions"],
    "cflags_cc!": ["-std=gnu++14", "-std=gnu++17", "-std=gnu++20", "-fno-exceptions", "-fno-rtti"],
    "cflags_cc": ["-std=c++20", "-fvisibility=hidden", "-fvisibility-inlines-hidden", "<@(warning_flags)"],
    "xcode_settings": {
      "CLANG_CXX_LANGUAGE_STANDARD": "c++20",
      "CLANG_CXX_LIBRARY": "libc++",
      "GCC_SYMBOLS_PRIVATE_EXTERN": "YES",
      "MACOSX_DEPLOYMENT_TARGET": "11.0"
    },
    "conditions": [["target_arch=='x64'", { "defines": ["EC_X86=1"] }]]
  },
  "targets": [
    {
      "target_name": "everycore",
      "sources": ["<@(addon_sources)", "<@(core_sources)"],
      "defines": ["<@(defines)"],
      "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")"],
      "cflags_cc": ["<@(core_flags)"],
      "xcode_settings": { "GCC_ENABLE_CPP_EXCEPTIONS": "YES" },
      "conditions": [
        ["target_arch=='x64'", { "dependencies": ["kernels_baseline", "kernels_avx2", "kernels_avx512", "kernels_avx512vnni"] }],
        ["target_arch=='arm64'", { "dependencies": ["kernels_neon"] }],
        ["target_arch!='x64' and target_arch!='arm64'", { "dependencies": ["kernels_baseline"] }],
        ["OS=='linux'", { "ldflags": ["<@(linux_link_flags)", "-Wl,--version-script=<(module_root_dir)/native/exports.map"] }]
      ]
    }
  ],
  "conditions": [
    ["target_arch!='arm64'", {
      "targets": [{
        "target_name": "kernels_baseline",
        "type": "static_library",
        "sources": ["<@(kernel_sources)"],
        "defines": ["EC_ISA=baseline"],
        "cflags_cc": ["<@(kernel_flags)", "<@(baseline_flags)"],
        "xcode_settings": { "OTHER_CPLUSPLUSFLAGS": ["<@(kernel_flags)", "<@(baseline_flags)"] }
      }]
    }],
    ["target_arch=='arm64'", {
      "targets": [{
        "target_name": "kernels_neon",
        "type": "static_library",
        "sources": ["<@(kernel_sources)"],
        "defines": ["EC_ISA=neon"],
        "cflags_cc": ["<@(kernel_flags)", "<@(neon_flags)"],
        "xcode_settings": { "OTHER_CPLUSPLUSFLAGS": ["<@(kernel_flags)", "<@(neon_flags)"] }
      }]
    }],
    ["target_arch=='x64'", {
      "targets": [
        {
          "target_name": "kernels_avx2",
          "type": "static_library",
          "sources": ["<@(kernel_sources)"],
          "defines": ["EC_ISA=avx2"],
          "cflags_cc": ["<@(kernel_flags)", "<@(avx2_flags)"],
          "xcode_settings": { "OTHER_CPLUSPLUSFLAGS": ["<@(kernel_flags)", "<@(avx2_flags)"] }
        },
        {
          "target_name": "kernels_avx512",
          "type": "static_library",
          "sources": ["<@(kernel_sources)"],
          "defines": ["EC_ISA=avx512"],
          "cflags_cc": ["<@(kernel_flags)", "<@(avx512_flags)"],
          "xcode_settings": { "OTHER_CPLUSPLUSFLAGS": ["<@(kernel_flags)", "<@(avx512_flags)"] }
        },
        {
          "target_name": "kernels_avx512vnni",
          "type": "static_library",
          "sources": ["<@(avx512vnni_kernels)"],
          "defines": ["EC_ISA=avx512vnni"],
          "cflags_cc": ["<@(kernel_flags)", "<@(avx512_flags)", "<@(avx512vnni_flags)"],
          "xcode_settings": { "OTHER_CPLUSPLUSFLAGS": ["<@(kernel_flags)", "<@(avx512_flags)", "<@(avx512vnni_flags)"] }
        }
      ]
    }]
  ]
}
