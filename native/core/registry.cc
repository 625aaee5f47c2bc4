#include "core/registry.h"

#include <cstring>

namespace everycore {

// Each level is compiled into a namespace of its name by the files in kernels/.
#define EC_DECLARE_LEVEL(isa)   \
  namespace isa {               \
  KernelList math() noexcept;   \
  KernelList matrix() noexcept; \
  KernelList image() noexcept;  \
  }
#define EC_GROUPS(isa) \
  { isa::math(), isa::matrix(), isa::image() }

#if defined(__aarch64__)
EC_DECLARE_LEVEL(neon)
#else
EC_DECLARE_LEVEL(baseline)
#endif
#if defined(EC_X86)
EC_DECLARE_LEVEL(avx2)
EC_DECLARE_LEVEL(avx512)
#endif

KernelList kernelGroup(Isa isa, int group) noexcept {
  struct Level {
    KernelList groups[groupCount];
  };
  const auto pick = [group](const Level& level) { return level.groups[group]; };
  switch (isa) {
#if defined(__aarch64__)
    case Isa::neon:
      return pick({EC_GROUPS(neon)});
#else
    case Isa::baseline:
      return pick({EC_GROUPS(baseline)});
#endif
#if defined(EC_X86)
    case Isa::avx2:
      return pick({EC_GROUPS(avx2)});
    case Isa::avx512:
      return pick({EC_GROUPS(avx512)});
#endif
    default:
      return {nullptr, 0};
  }
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
