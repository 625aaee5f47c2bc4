// Descriptions: a right one is unpacked, a wrong one throws, and no mutation of one reaches
// outside.
#include "core/description.h"

#include <cmath>
#include <limits>
#include <random>
#include <stdexcept>

#include "check.h"
#include "core/registry.h"

using namespace everycore;

namespace {

Isa bestIsa() {
  Isa best = Isa::baseline;
  for (int level = 0; level < isaCount; ++level)
    if (isaUsable(static_cast<Isa>(level))) best = static_cast<Isa>(level);
  return best;
}

// square over ten f64 in two chunks; array 0 in, array 1 out.
std::vector<double> squareOfTen() {
  const double number = kernelNumber(bestIsa(), "square", Dtype::f64);
  return {1, 2, 0, 0, number, 2, 0, 0, 10, 0, 0, 0, 64, 0, 0, 0,  //
          0, 0, 1, 1, 10,     0, 0, 1,                            //
          1, 0, 1, 1, 10,     0, 0, 1,                            //
          1, 2, 0, 1, 0,      5, 0, 1, 5,  10};
}

void read(const std::vector<double>& numbers, const std::vector<ArrayInfo>& arrays, Job& job) {
  Reader reader(numbers.data(), numbers.size());
  readCalls(reader, arrays, job);
  readChunks(reader, job);
}

}  // namespace

TEST(aRightDescriptionIsUnpackedAndRuns) {
  std::vector<double> in(10, 3.0);
  std::vector<double> out(10, 0.0);
  Job job;
  read(squareOfTen(), {{Dtype::f64, in.data(), 10}, {Dtype::f64, out.data(), 10}}, job);
  CHECK(job.calls.size() == 1 && job.chunks.size() == 2 && job.views.size() == 2);
  runCall(job.calls[0], nullptr);
  for (double value : out) CHECK(value == 9.0);
}

TEST(viewsOutsideTheirArraysAreRefused) {
  std::vector<double> memory(10);
  Job job;
  const std::vector<ArrayInfo> shorter{{Dtype::f64, memory.data(), 10},
                                       {Dtype::f64, memory.data(), 9}};
  CHECK_THROWS(std::runtime_error, read(squareOfTen(), shorter, job));
  const std::vector<ArrayInfo> detached{{Dtype::f64, nullptr, 0}, {Dtype::f64, memory.data(), 10}};
  CHECK_THROWS(std::runtime_error, read(squareOfTen(), detached, job));
  const std::vector<ArrayInfo> otherType{{Dtype::f32, memory.data(), 10},
                                         {Dtype::f64, memory.data(), 10}};
  CHECK_THROWS(std::runtime_error, read(squareOfTen(), otherType, job));
}

TEST(noMutationOfADescriptionReachesOutside) {
  std::vector<double> in(10, 3.0);
  std::vector<double> out(10);
  const std::vector<ArrayInfo> arrays{{Dtype::f64, in.data(), 10}, {Dtype::f64, out.data(), 10}};
  const double odd[] = {-1,
                        0,
                        1,
                        3,
                        11,
                        0.5,
                        1e9,
                        -1e9,
                        1e300,
                        9007199254740991.0,
                        -9007199254740991.0,
                        std::nan(""),
                        std::numeric_limits<double>::infinity()};
  std::mt19937 random(1);
  int accepted = 0;
  for (int i = 0; i < 50'000; ++i) {
    std::vector<double> numbers = squareOfTen();
    for (unsigned changes = random() % 3; changes-- > 0;)
      numbers[random() % numbers.size()] = odd[random() % std::size(odd)];
    if (random() % 10 == 0) numbers.resize(random() % numbers.size());
    Job job;
    try {
      read(numbers, arrays, job);
    } catch (const std::exception&) {
      continue;
    }
    ++accepted;
    for (const View& view : job.views) {
      bool empty = false;
      int64_t low = 0, high = 0;
      for (int axis = 0; axis < 3; ++axis) {
        if (view.shape[axis] == 0) empty = true;
        const int64_t reach = (view.shape[axis] - 1) * view.stride[axis];
        (reach < 0 ? low : high) += reach;
      }
      if (empty) continue;
      const double* const base = view.as<double>();
      const double* const start =
          base >= in.data() && base < in.data() + 10 ? in.data() : out.data();
      CHECK(base + low >= start && base + high < start + 10);
    }
    for (const Chunk& chunk : job.chunks) CHECK(chunk.callEnd <= job.calls.size());
  }
  CHECK(accepted > 1000);
}

TEST(kernelNumbersAreFoundAgain) {
  for (int level = 0; level < isaCount; ++level) {
    const Isa isa = static_cast<Isa>(level);
    if (!isaUsable(isa)) continue;
    CHECK(!kernelsOf(isa).empty());
    for (const KernelEntry* entry : kernelsOf(isa)) {
      CHECK(kernelByNumber(kernelNumber(isa, entry->name, entry->dtype)) == entry);
      CHECK(entry->phases[0] != nullptr);
    }
  }
  for (double number : {-1.0, 1e9, 1e300, std::nan("")}) CHECK(kernelByNumber(number) == nullptr);
  CHECK(kernelNumber(bestIsa(), "no such kernel", Dtype::f64) == -1);
}
