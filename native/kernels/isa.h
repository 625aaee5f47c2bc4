// Every file in kernels/ is compiled once per CPU level, with that level's flags and EC_ISA set to
// its name. This header proves that the flags arrived (a lost flag fails the build, not a user's
// machine).
//
// Law for all files in here: internal linkage only (an anonymous namespace) and no C++ library
// header. An inline function with external linkage could be emitted with AVX-512 instructions, and
// the linker may then give that copy to the baseline code as well. Signed integers wrap (-fwrapv):
// lanes that nobody uses may hold anything.
#pragma once

#include <stdint.h>
#include <string.h>

#include "core/kernel.h"

#define EC_ISA_baseline 0
#define EC_ISA_neon 1
#define EC_ISA_avx2 2
#define EC_ISA_avx512 3
#define EC_ISA_avx512vnni 3  // the code of avx512, and some by quads of bytes
#define EC_QUADS_avx512vnni 1
#define EC_CONCAT_(a, b) a##b
#define EC_CONCAT(a, b) EC_CONCAT_(a, b)
#define EC_LEVEL EC_CONCAT(EC_ISA_, EC_ISA)
#define EC_QUADS EC_CONCAT(EC_QUADS_, EC_ISA)

#ifndef EC_ISA
#error "EC_ISA is not set: this file must be compiled once per CPU level"
#elif EC_LEVEL == EC_ISA_avx512
#if !defined(__AVX512F__) || !defined(__AVX512BW__) || !defined(__AVX512DQ__) || \
    !defined(__AVX512VL__) || !defined(__FMA__)
#error "flags of the avx512 level are missing"
#endif
#if EC_QUADS && (!defined(__AVX512VNNI__) || !defined(__AVX512VBMI__))
#error "flags of the avx512vnni level are missing"
#endif
#define EC_VECTOR_BYTES 64
#elif EC_LEVEL == EC_ISA_avx2
#if !defined(__AVX2__) || !defined(__FMA__)
#error "flags of the avx2 level are missing"
#endif
#define EC_VECTOR_BYTES 32
#else
#define EC_VECTOR_BYTES 16
#endif

#if defined(__x86_64__)
#if defined(__GNUC__) && !defined(__clang__)
// GCC 12 takes the undefined lanes that its own header begins with for a mistake.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#include <immintrin.h>
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif
