// The table of resize, compiled once per CPU level; the one group that has an avx512vnni of its
// own.
#include "kernels/image/resize-inl.h"

namespace everycore::EC_ISA {
namespace {

constexpr KernelEntry entries[] = {EC_KERNELS_RESIZE};

}  // namespace

KernelList resize() noexcept { return {entries, sizeof(entries) / sizeof(entries[0])}; }

}  // namespace everycore::EC_ISA
