#include "core/memory.h"

#include <algorithm>
#include <cstdlib>
#include <mutex>

#if defined(__linux__)
#include <sys/mman.h>
#elif defined(_WIN32)
#include <malloc.h>
#endif

namespace everycore {
namespace {

constexpr std::size_t largePage = std::size_t{2} << 20;
// Kept at the most: enough for the results of a few calls in flight, small beside the memory of a
// machine that computes on arrays of that size.
constexpr std::size_t keptBytesMax = std::size_t{512} << 20;
constexpr int keptCountMax = 64;

// Mapped for results at the most while none comes back; then they lie elsewhere. They come back
// when the collector has found them and the event loop has turned: a loop that doesn't wait would
// be given new pages each time.
constexpr std::size_t newResultsMax = 16;
constexpr std::size_t newResultBytesMax = std::size_t{256} << 20;

// Process-wide and never destroyed: a thread may still hold a block while the process exits.
struct Keep {
  std::mutex mutex;
  Block free[keptCountMax];
  int count = 0;
  std::size_t keptBytes = 0;
  std::size_t usedBytes = 0;
  std::size_t newResultBytes = 0;  // mapped in this turn
};

Keep& keep() {
  static Keep* const instance = new Keep;
  return *instance;
}

// More than any machine has, and far from where sizes overflow.
constexpr std::size_t blockBytesMax = std::size_t{1} << 48;

// Four sizes for every doubling, so that slightly different requests share blocks.
std::size_t roundUp(std::size_t bytes) {
  if (bytes == 0) bytes = 1;
  std::size_t step = 4096;
  while (step * 8 <= bytes) step *= 2;
  return (bytes + step - 1) / step * step;
}

#if defined(__linux__)
void* mapBlock(std::size_t bytes) {
  if (bytes < 2 * largePage) {
    void* data = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return data == MAP_FAILED ? nullptr : data;
  }
  // A large page begins at a multiple of its size: map one more and cut off what sticks out.
  const std::size_t mapped = bytes + largePage;
  void* data = mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (data == MAP_FAILED) return nullptr;
  char* const start = static_cast<char*>(data);
  const std::size_t before =
      (largePage - reinterpret_cast<std::size_t>(start) % largePage) % largePage;
  if (before > 0) munmap(start, before);
  munmap(start + before + bytes, largePage - before);
  madvise(start + before, bytes, MADV_HUGEPAGE);
  return start + before;
}
void unmapBlock(Block block) { munmap(block.data, block.bytes); }
#elif defined(_WIN32)
void* mapBlock(std::size_t bytes) { return _aligned_malloc(bytes, 4096); }
void unmapBlock(Block block) { _aligned_free(block.data); }
#else
void* mapBlock(std::size_t bytes) { return std::aligned_alloc(4096, bytes); }
void unmapBlock(Block block) { std::free(block.data); }
#endif

}  // namespace

namespace {

Block acquire(std::size_t bytes, bool result) noexcept {
  if (bytes > blockBytesMax) return {};
  const std::size_t rounded = roundUp(bytes);
  Keep& kept = keep();
  {
    std::lock_guard lock(kept.mutex);
    // The block that came back last is the one most likely still in the caches.
    for (int i = kept.count - 1; i >= 0; --i) {
      if (kept.free[i].bytes != rounded) continue;
      const Block found = kept.free[i];
      for (int j = i + 1; j < kept.count; ++j) kept.free[j - 1] = kept.free[j];
      --kept.count;
      kept.keptBytes -= found.bytes;
      kept.usedBytes += found.bytes;
      return found;
    }
    if (result) {
      if (kept.newResultBytes >= std::min(newResultsMax * rounded, newResultBytesMax)) return {};
      kept.newResultBytes += rounded;
    }
  }
  const Block fresh{mapBlock(rounded), rounded};
  if (fresh.data == nullptr) return {};
  std::lock_guard lock(kept.mutex);
  kept.usedBytes += rounded;
  return fresh;
}

}  // namespace

Block acquireBlock(std::size_t bytes) noexcept { return acquire(bytes, false); }

Block acquireResult(std::size_t bytes, bool firstOfTurn) noexcept {
  if (firstOfTurn) {
    std::lock_guard lock(keep().mutex);
    keep().newResultBytes = 0;
  }
  return acquire(bytes, true);
}

void releaseBlock(Block block) noexcept {
  if (block.data == nullptr) return;
  Keep& kept = keep();
  Block evicted[keptCountMax];
  int evictedCount = 0;
  bool keepIt = false;
  {
    std::lock_guard lock(kept.mutex);
    kept.usedBytes -= block.bytes;
    keepIt = block.bytes <= keptBytesMax / 2;
    // The oldest make room for the newest.
    while (keepIt && (kept.count == keptCountMax || kept.keptBytes + block.bytes > keptBytesMax)) {
      evicted[evictedCount++] = kept.free[0];
      kept.keptBytes -= kept.free[0].bytes;
      for (int j = 1; j < kept.count; ++j) kept.free[j - 1] = kept.free[j];
      --kept.count;
    }
    if (keepIt) {
      kept.free[kept.count++] = block;
      kept.keptBytes += block.bytes;
    }
  }
  for (int i = 0; i < evictedCount; ++i) unmapBlock(evicted[i]);
  if (!keepIt) unmapBlock(block);
}

void trimBlocks() noexcept {
  Keep& kept = keep();
  Block freed[keptCountMax];
  int count = 0;
  {
    std::lock_guard lock(kept.mutex);
    for (; count < kept.count; ++count) freed[count] = kept.free[count];
    kept.count = 0;
    kept.keptBytes = 0;
  }
  for (int i = 0; i < count; ++i) unmapBlock(freed[i]);
}

BlockStats blockStats() noexcept {
  Keep& kept = keep();
  std::lock_guard lock(kept.mutex);
  return {kept.keptBytes, kept.usedBytes};
}

}  // namespace everycore
