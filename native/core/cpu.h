// CPU levels: what kernels are compiled for, and which of them this machine can run.
#pragma once

// A build may leave levels out (EC_LEVELS in CMakeLists.txt).
#if defined(EC_X86) && !defined(EC_WITHOUT_AVX2)
#define EC_AVX2 1
#endif
#if defined(EC_X86) && !defined(EC_WITHOUT_AVX512)
#define EC_AVX512 1
#endif
#if defined(EC_AVX512) && !defined(EC_WITHOUT_AVX512VNNI)
#define EC_AVX512VNNI 1
#endif

namespace everycore {

enum class Isa { baseline, neon, avx2, avx512, avx512vnni };

constexpr int isaCount = 5;

const char* isaName(Isa isa) noexcept;

// True when the binary holds kernels of this level and the CPU and the operating system can run
// them.
bool isaUsable(Isa isa) noexcept;

}  // namespace everycore
