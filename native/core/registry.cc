#include "core/registry.h"

#include <cstring>

namespace everycore {

// Each level is compiled into a namespace of its name by the files in kernels/.
#define GROUP(name) KernelList name() noexcept;
#if defined(__aarch64__)
namespace neon {
#include "kernels/groups.inc"
}
#else
namespace baseline {
#include "kernels/groups.inc"
}
#endif
#if defined(EC_X86)
namespace avx2 {
#include "kernels/groups.inc"
}
namespace avx512 {
#include "kernels/groups.inc"
}
#endif
#undef GROUP

namespace {

using Group = KernelList (*)() noexcept;

#define GROUP(name) name,
#if defined(__aarch64__)
namespace neonTable {
using namespace neon;
constexpr Group groups[] = {
#include "kernels/groups.inc"
};
}  // namespace neonTable
#else
namespace baselineTable {
using namespace baseline;
constexpr Group groups[] = {
#include "kernels/groups.inc"
};
}  // namespace baselineTable
#endif
#if defined(EC_X86)
namespace avx2Table {
using namespace avx2;
constexpr Group groups[] = {
#include "kernels/groups.inc"
};
}  // namespace avx2Table
namespace avx512Table {
using namespace avx512;
constexpr Group groups[] = {
#include "kernels/groups.inc"
};
}  // namespace avx512Table
#endif
#undef GROUP

const Group* groupsOf(Isa isa) noexcept {
  switch (isa) {
#if defined(__aarch64__)
    case Isa::neon:
      return neonTable::groups;
#else
    case Isa::baseline:
      return baselineTable::groups;
#endif
#if defined(EC_X86)
    case Isa::avx2:
      return avx2Table::groups;
    case Isa::avx512:
      return avx512Table::groups;
#endif
    default:
      return nullptr;
  }
}

}  // namespace

KernelList kernelGroup(Isa isa, int group) noexcept {
  const Group* const groups = groupsOf(isa);
  return groups == nullptr ? KernelList{nullptr, 0} : groups[group]();
}

const KernelEntry* findKernel(Isa isa, const char* name, Dtype dtype) noexcept {
  for (int group = 0; group < groupCount; ++group) {
    const KernelList list = kernelGroup(isa, group);
    for (int i = 0; i < list.count; ++i) {
      const KernelEntry& entry = list.entries[i];
      if (entry.dtype == dtype && std::strcmp(entry.name, name) == 0) return &entry;
    }
  }
  return nullptr;
}

}  // namespace everycore
