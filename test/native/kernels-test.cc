// The plainest kernel of each elementwise and reducing shape, for every dtype and CPU level, at
// awkward lengths and offsets between guard zones: the same bits at all levels, and no byte beside
// the result. All other kernels run under the sanitizers in stress.mjs, and against their
// references in test/.
#include <cmath>
#include <cstring>
#include <random>

#include "check.h"
#include "core/job.h"
#include "core/registry.h"

using namespace everycore;

namespace {

constexpr int64_t lengths[] = {1,  2,  3,  7,   8,   15,   16,   17,   31,   33,
                               63, 64, 65, 127, 129, 1000, 4095, 4096, 4097, 9001};
constexpr std::size_t guard = 192;

struct Guarded {
  std::vector<unsigned char> bytes;
  std::size_t size;
  std::size_t at;
  Guarded(std::size_t size, std::size_t shift)
      : bytes(size + 2 * guard + shift, 0xA5), size(size), at(guard + shift) {}
  void* data() { return bytes.data() + at; }
  bool intact() const {
    for (std::size_t i = 0; i < bytes.size(); ++i)
      if ((i < at || i >= at + size) && bytes[i] != 0xA5) return false;
    return true;
  }
};

void fill(Guarded& memory, Dtype dtype, int64_t length, uint32_t seed) {
  std::mt19937 random(seed);
  for (int64_t i = 0; i < length; ++i) {
    const double value = (static_cast<double>(random() % 2001) - 1000) / 8;
    if (dtype == Dtype::f64) {
      static_cast<double*>(memory.data())[i] = value;
    } else if (dtype == Dtype::f32) {
      static_cast<float*>(memory.data())[i] = static_cast<float>(value);
    } else {
      for (int b = 0; b < dtypeBytes(dtype); ++b)
        static_cast<unsigned char*>(memory.data())[i * dtypeBytes(dtype) + b] =
            static_cast<unsigned char>(random());
    }
  }
}

std::vector<unsigned char> run(const KernelEntry& kernel, int inputs, int64_t length,
                               std::size_t shift, bool reduces) {
  const std::size_t item = static_cast<std::size_t>(dtypeBytes(kernel.dtype));
  std::vector<Guarded> memory;
  std::vector<View> views;
  for (int i = 0; i < inputs; ++i) {
    memory.emplace_back(item * static_cast<std::size_t>(length), shift * item);
    fill(memory.back(), kernel.dtype, length, static_cast<uint32_t>(i + 1));
  }
  const bool floats = kernel.dtype == Dtype::f32 || kernel.dtype == Dtype::f64;
  memory.emplace_back(reduces ? 8 : item * static_cast<std::size_t>(length),
                      reduces ? 0 : shift * item);
  for (int i = 0; i <= inputs; ++i) {
    const bool total = reduces && i == inputs;
    views.push_back({memory[static_cast<std::size_t>(i)].data(),
                     {1, 1, total ? 1 : length},
                     {0, 0, 1},
                     total ? (floats ? Dtype::f64 : Dtype::i64) : kernel.dtype});
  }
  const int64_t blocks = (length + 4095) / 4096;
  std::vector<double> shared(static_cast<std::size_t>(blocks) + 1);
  JobCall call{&kernel,
               {views.data(), nullptr, shared.data(), static_cast<uint32_t>(views.size()), 0},
               {},
               {},
               0};
  call.units[0] = reduces ? blocks : length;
  if (reduces) call.units[1] = 1;
  runCall(call, nullptr);
  for (const Guarded& each : memory) CHECK(each.intact());
  const unsigned char* const result = static_cast<unsigned char*>(memory.back().data());
  return {result, result + memory.back().size};
}

void compareLevels(const char* name, int inputs, bool reduces) {
  int compared = 0;
  for (int type = 0; type < dtypeCount; ++type) {
    for (int64_t length : lengths) {
      for (std::size_t shift : {0, 1, 3}) {
        std::vector<unsigned char> first;
        for (int level = 0; level < isaCount; ++level) {
          const Isa isa = static_cast<Isa>(level);
          const KernelEntry* const kernel =
              isaUsable(isa) ? kernelByNumber(kernelNumber(isa, name, static_cast<Dtype>(type)))
                             : nullptr;
          if (kernel == nullptr) continue;
          const auto bytes = run(*kernel, inputs, length, shift, reduces);
          if (first.empty()) first = bytes;
          CHECK(bytes == first);
          ++compared;
        }
      }
    }
  }
  CHECK(compared > 0);
}

}  // namespace

TEST(unaryKernelsHaveTheSameBitsAtEveryLevel) { compareLevels("square", 1, false); }
TEST(binaryKernelsHaveTheSameBitsAtEveryLevel) { compareLevels("add", 2, false); }
TEST(reducingKernelsHaveTheSameBitsAtEveryLevel) { compareLevels("sum", 1, true); }

// A thread that has taken a tile may be put to sleep; the others then make its totals themselves.
TEST(scansGoOnWithoutATileThatNobodyHasDone) {
  constexpr int64_t tiles = 5;
  constexpr int64_t length = tiles * 32 * 528 - 77;
  std::vector<double> x(length), whole(length), parts(length), shared(4096);
  for (int64_t i = 0; i < length; ++i) x[static_cast<std::size_t>(i)] = std::sin(static_cast<double>(i));
  const auto view = [&](std::vector<double>& data) -> View {
    return {data.data(), {1, 1, length}, {0, 0, 1}, Dtype::f64};
  };
  const View wholeViews[] = {view(x), view(whole)};
  const View partViews[] = {view(x), view(parts)};
  for (int level = 0; level < isaCount; ++level) {
    const Isa isa = static_cast<Isa>(level);
    if (!isaUsable(isa)) continue;
    const KernelEntry& kernel = *kernelByNumber(kernelNumber(isa, "cumsum", Dtype::f64));
    const Call all{wholeViews, nullptr, shared.data(), 2, 0};
    kernel.phases[0](all, {0, 1}, nullptr);
    kernel.phases[1](all, {0, tiles}, nullptr);
    const Call some{partViews, nullptr, shared.data(), 2, 0};
    int64_t next = 2;  // as though somebody had the first two
    kernel.phases[0](some, {0, 1}, nullptr);
    std::memcpy(shared.data(), &next, sizeof next);
    kernel.phases[1](some, {0, tiles - 2}, nullptr);
    next = 0;
    std::memcpy(shared.data(), &next, sizeof next);
    kernel.phases[1](some, {0, 2}, nullptr);
    CHECK(std::memcmp(whole.data(), parts.data(), length * sizeof(double)) == 0);
  }
}
