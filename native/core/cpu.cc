#include "core/cpu.h"

namespace everycore {

const char* isaName(Isa isa) noexcept {
  switch (isa) {
    case Isa::baseline:
      return "baseline";
    case Isa::neon:
      return "neon";
    case Isa::avx2:
      return "avx2";
    case Isa::avx512:
      return "avx512";
    case Isa::avx512vnni:
      return "avx512vnni";
  }
  return "unknown";
}

#if defined(EC_X86)

namespace {

#if defined(EC_AVX2)
constexpr bool builtAvx2 = true;
#else
constexpr bool builtAvx2 = false;
#endif
#if defined(EC_AVX512)
constexpr bool builtAvx512 = true;
#else
constexpr bool builtAvx512 = false;
#endif
#if defined(EC_AVX512VNNI)
constexpr bool builtAvx512Vnni = true;
#else
constexpr bool builtAvx512Vnni = false;
#endif

}  // namespace

// __builtin_cpu_supports asks CPUID and, by XGETBV, whether the operating system saves the
// registers.
bool isaUsable(Isa isa) noexcept {
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                    __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
                    __builtin_cpu_supports("popcnt");
  switch (isa) {
    case Isa::baseline:
      return true;
    case Isa::avx2:
      return builtAvx2 && avx2;
    case Isa::avx512:
      return builtAvx512 && avx2 && __builtin_cpu_supports("avx512f") &&
             __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
             __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512cd");
    case Isa::avx512vnni:
      return builtAvx512Vnni && isaUsable(Isa::avx512) && __builtin_cpu_supports("avx512vnni") &&
             __builtin_cpu_supports("avx512vbmi");
    case Isa::neon:
      return false;
  }
  return false;
}

#elif defined(__aarch64__)

// NEON is part of every 64-bit Arm CPU; the baseline would be the same code once more.
bool isaUsable(Isa isa) noexcept { return isa == Isa::neon; }

#else

bool isaUsable(Isa isa) noexcept { return isa == Isa::baseline; }

#endif

}  // namespace everycore
