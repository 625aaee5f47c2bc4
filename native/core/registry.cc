#include "core/registry.h"

#include <array>
#include <cstring>

#include "codec/codec.h"

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
#if defined(EC_AVX2)
namespace avx2 {
#include "kernels/groups.inc"
}
#endif
#if defined(EC_AVX512)
namespace avx512 {
#include "kernels/groups.inc"
}
#endif
#if defined(EC_AVX512VNNI)
namespace avx512vnni {
KernelList resize() noexcept;
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
#if defined(EC_AVX2)
namespace avx2Table {
using namespace avx2;
constexpr Group groups[] = {
#include "kernels/groups.inc"
};
}  // namespace avx2Table
#endif
#if defined(EC_AVX512)
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
#if defined(EC_AVX2)
    case Isa::avx2:
      return avx2Table::groups;
#endif
#if defined(EC_AVX512)
    case Isa::avx512:
    case Isa::avx512vnni:
      return avx512Table::groups;
#endif
    default:
      return nullptr;
  }
}

constexpr int groupCount = 0
#define GROUP(name) +1
#include "kernels/groups.inc"
#undef GROUP
    ;

// A kernel's number: level * numberStride + position. Codecs are the same at every level; their
// numbers are those of a level behind the last.
constexpr int numberStride = 1 << 16;
constexpr int codecLevel = isaCount;

using Table = std::vector<const KernelEntry*>;
using Tables = std::array<Table, isaCount + 1>;

void append(Table& table, KernelList list) {
  for (int i = 0; i < list.count; ++i) table.push_back(&list.entries[i]);
}

#if defined(EC_AVX512VNNI)
// This level has few kernels of its own; the others are those of avx512.
void replaceOwn(Table& table, KernelList list) {
  for (int i = 0; i < list.count; ++i) {
    for (const KernelEntry*& entry : table) {
      if (entry->dtype == list.entries[i].dtype &&
          std::strcmp(entry->name, list.entries[i].name) == 0)
        entry = &list.entries[i];
    }
  }
}
#endif

// Never destroyed: other threads may look kernels up while the process exits.
const Tables& tables() {
  static const Tables* const all = [] {
    auto* const made = new Tables;
    for (int level = 0; level < isaCount; ++level) {
      const Group* const groups = groupsOf(static_cast<Isa>(level));
      for (int group = 0; groups != nullptr && group < groupCount; ++group)
        append((*made)[level], groups[group]());
    }
#if defined(EC_AVX512VNNI)
    replaceOwn((*made)[static_cast<int>(Isa::avx512vnni)], avx512vnni::resize());
#endif
    append((*made)[codecLevel], codecKernels());
    return made;
  }();
  return *all;
}

}  // namespace

const std::vector<const KernelEntry*>& kernelsOf(Isa isa) {
  return tables()[static_cast<int>(isa)];
}

int kernelNumber(Isa isa, const char* name, Dtype dtype) {
  for (const int level : {static_cast<int>(isa), codecLevel}) {
    const Table& table = tables()[level];
    for (std::size_t i = 0; i < table.size(); ++i) {
      if (table[i]->dtype == dtype && std::strcmp(table[i]->name, name) == 0)
        return level * numberStride + static_cast<int>(i);
    }
  }
  return -1;
}

const KernelEntry* kernelByNumber(double number) {
  if (!(number >= 0 && number < (codecLevel + 1) * numberStride)) return nullptr;
  const int id = static_cast<int>(number);
  const int level = id / numberStride;
  const std::size_t position = static_cast<std::size_t>(id % numberStride);
  if (level != codecLevel && !isaUsable(static_cast<Isa>(level))) return nullptr;
  const Table& table = tables()[level];
  return position < table.size() ? table[position] : nullptr;
}

}  // namespace everycore
