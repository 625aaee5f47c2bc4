#include "core/memory.h"

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#elif defined(_WIN32)
#include <malloc.h>
#endif

namespace everycore {

// Blocks of one size are cut from slabs that are multiples of a large page: the system clears and
// maps such a page for little more than an ordinary one, five hundred times as small. (The scheme
// is Bonwick's, "The Slab Allocator", 1994.) A block larger than a few pages is a slab by itself.
struct Piece {
  Piece* next;  // the next free one of its slab
};

using Clock = std::chrono::steady_clock;

struct Slab {
  char* data;
  std::size_t bytes;
  std::size_t blockBytes;
  int sizeIndex;
  int blocks;  // cut from it so far; those behind have never been used
  int blocksMax;
  int used;  // handed out
  Piece* free = nullptr;
  Clock::time_point emptySince{};
  // Neighbours among the slabs of this size that have something to give, the last used one first;
  // and among the empty slabs of all sizes, the oldest one first.
  Slab* before = nullptr;
  Slab* after = nullptr;
  Slab* older = nullptr;
  Slab* newer = nullptr;
};

namespace {

constexpr std::size_t largePage = std::size_t{2} << 20;
// Kept empty at the most: enough for what one collection of the results of many calls gives back,
// small beside the memory of a machine that computes on arrays of that size.
constexpr std::size_t emptyBytesMax = std::size_t{512} << 20;
constexpr std::size_t emptyBytesAny = ~std::size_t{0};

// New slabs for results in one turn of the event loop, at the most: then results lie elsewhere.
// They come back when the collector has found them and the event loop has turned; a loop that
// doesn't wait would be given new pages each time.
constexpr std::size_t newResultsMax = 16;
constexpr std::size_t newBytesMin = std::size_t{32} << 20;  // small results may be more
constexpr std::size_t newBytesMax = std::size_t{256} << 20;

// More than any machine has, and far from where sizes overflow.
constexpr std::size_t blockBytesMax = std::size_t{1} << 48;

// Four sizes for every doubling, so that slightly different requests share blocks: how large, and
// which one of all.
struct Size {
  std::size_t bytes;
  int index;
};
constexpr int sizesMax = 4 * 48;

Size roundUp(std::size_t bytes) {
  std::size_t step = 4096;
  int doublings = 0;
  while (step * 8 <= bytes) {
    step *= 2;
    ++doublings;
  }
  const std::size_t steps = std::max<std::size_t>(1, (bytes + step - 1) / step);
  return {steps * step, 4 * doublings + static_cast<int>(steps) - 1};
}

// The fewest large pages of which blocks of this size leave at most an eighth unused; a block of
// more than eight pages is alone.
int blocksOfSlab(std::size_t blockBytes) {
  if (blockBytes > 8 * largePage) return 1;
  for (std::size_t bytes = largePage;; bytes += largePage) {
    const std::size_t blocks = bytes / blockBytes;
    if (blocks > 0 && bytes - blocks * blockBytes <= bytes / 8) return static_cast<int>(blocks);
  }
}

#if defined(__linux__)
void* mapPages(std::size_t bytes) {
  // A large page begins at a multiple of its size: map one more and cut off what sticks out.
  const std::size_t mapped = bytes + largePage;
  void* data = mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (data == MAP_FAILED) return nullptr;
  char* const start = static_cast<char*>(data);
  const std::size_t before =
      (largePage - reinterpret_cast<std::size_t>(start) % largePage) % largePage;
  if (before > 0) munmap(start, before);
  if (before < largePage) munmap(start + before + bytes, largePage - before);
  madvise(start + before, bytes, MADV_HUGEPAGE);
  return start + before;
}
void unmapPages(void* data, std::size_t bytes) { munmap(data, bytes); }
#elif defined(_WIN32)
void* mapPages(std::size_t bytes) { return _aligned_malloc(bytes, 4096); }
void unmapPages(void* data, std::size_t) { _aligned_free(data); }
#else
void* mapPages(std::size_t bytes) { return std::aligned_alloc(4096, bytes); }
void unmapPages(void* data, std::size_t) { std::free(data); }
#endif

// What a slab of such blocks takes of the system.
std::size_t bytesOfSlab(std::size_t blockBytes) {
  return (blocksOfSlab(blockBytes) * blockBytes + largePage - 1) / largePage * largePage;
}

Slab* makeSlab(Size size) noexcept {
  const int blocks = blocksOfSlab(size.bytes);
  const std::size_t bytes = bytesOfSlab(size.bytes);
  void* const data = mapPages(bytes);
  if (data == nullptr) return nullptr;
  Slab* const slab = new (std::nothrow)
      Slab{static_cast<char*>(data), bytes, size.bytes, size.index, 0, blocks, 0};
  if (slab == nullptr) unmapPages(data, bytes);
  return slab;
}

void freeSlab(Slab* slab) noexcept {
  unmapPages(slab->data, slab->bytes);
  delete slab;
}

// Process-wide and never destroyed: a thread may still hold a block while the process exits.
// Everything is done under the mutex, but for what asks the system.
struct Shelves {
  std::mutex mutex;
  Slab* ofSize[sizesMax] = {};  // slabs that have something to give
  Slab* oldestEmpty = nullptr;
  Slab* newestEmpty = nullptr;
  std::size_t mappedBytes = 0;
  std::size_t emptyBytes = 0;
  std::size_t usedBytes = 0;
  std::size_t newResultBytes = 0;  // mapped in this turn

  void offer(Slab* slab) {
    Slab*& first = ofSize[slab->sizeIndex];
    slab->before = nullptr;
    slab->after = first;
    if (first != nullptr) first->before = slab;
    first = slab;
  }

  void withdraw(Slab* slab) {
    (slab->before == nullptr ? ofSize[slab->sizeIndex] : slab->before->after) = slab->after;
    if (slab->after != nullptr) slab->after->before = slab->before;
  }

  void addEmpty(Slab* slab) {
    slab->emptySince = Clock::now();
    slab->newer = nullptr;
    slab->older = newestEmpty;
    (newestEmpty == nullptr ? oldestEmpty : newestEmpty->newer) = slab;
    newestEmpty = slab;
    emptyBytes += slab->bytes;
  }

  void removeEmpty(Slab* slab) {
    (slab->older == nullptr ? oldestEmpty : slab->older->newer) = slab->newer;
    (slab->newer == nullptr ? newestEmpty : slab->newer->older) = slab->older;
    emptyBytes -= slab->bytes;
  }

  // A block of a slab that has one; the slab is not empty and perhaps full then.
  Block take(Slab* slab) {
    if (slab->used == 0) removeEmpty(slab);
    void* data = slab->free;
    if (slab->free != nullptr) {
      slab->free = slab->free->next;
    } else {
      data = slab->data + slab->blocks++ * slab->blockBytes;
    }
    if (++slab->used == slab->blocksMax) withdraw(slab);
    usedBytes += slab->blockBytes;
    return {data, slab->blockBytes, slab};
  }

  void giveBack(const Block& block) {
    Slab* const slab = block.slab;
    // The block that came back last is the one most likely still in the caches: it goes first.
    if (slab->used < slab->blocksMax) withdraw(slab);
    offer(slab);
    slab->free = new (block.data) Piece{slab->free};
    usedBytes -= slab->blockBytes;
    if (--slab->used == 0) addEmpty(slab);
  }

  void add(Slab* slab) {
    mappedBytes += slab->bytes;
    offer(slab);
    addEmpty(slab);
  }

  void remove(Slab* empty) {
    removeEmpty(empty);
    withdraw(empty);
    mappedBytes -= empty->bytes;
  }
};

Shelves& shelves() {
  static Shelves* const instance = new Shelves;
  return *instance;
}

Block acquire(std::size_t bytes, bool result) noexcept {
  if (bytes > blockBytesMax) return {};
  const Size size = roundUp(bytes);
  Shelves& all = shelves();
  {
    std::lock_guard lock(all.mutex);
    if (Slab* const slab = all.ofSize[size.index]) return all.take(slab);
    if (result) {
      const std::size_t most = std::clamp(newResultsMax * size.bytes, newBytesMin, newBytesMax);
      if (all.newResultBytes >= most) return {};
      all.newResultBytes += bytesOfSlab(size.bytes);
    }
  }
  Slab* const slab = makeSlab(size);
  if (slab == nullptr) return {};
  std::lock_guard lock(all.mutex);
  all.add(slab);
  return all.take(slab);
}

// Gives back the oldest empty slabs until they are no more than so many bytes, and all are younger
// than that. One by one, outside the lock: that takes longer than everything else here.
void shrink(std::size_t bytesMax, Clock::time_point since) noexcept {
  Shelves& all = shelves();
  while (true) {
    Slab* slab = nullptr;
    {
      std::lock_guard lock(all.mutex);
      slab = all.oldestEmpty;
      if (slab == nullptr || (all.emptyBytes <= bytesMax && slab->emptySince > since)) return;
      all.remove(slab);
    }
    freeSlab(slab);
  }
}

}  // namespace

Block acquireBlock(std::size_t bytes) noexcept { return acquire(bytes, false); }

Block acquireResult(std::size_t bytes, bool firstOfTurn) noexcept {
  if (firstOfTurn) {
    std::lock_guard lock(shelves().mutex);
    shelves().newResultBytes = 0;
  }
  return acquire(bytes, true);
}

void releaseBlock(Block block) noexcept {
  if (block.data == nullptr) return;
  Shelves& all = shelves();
  bool empty = false;
  {
    std::lock_guard lock(all.mutex);
    all.giveBack(block);
    empty = block.slab->used == 0;
  }
  if (empty) shrink(emptyBytesMax, Clock::time_point::min());
}

std::size_t trimBlocks(std::chrono::milliseconds unused) noexcept {
  shrink(emptyBytesAny, Clock::now() - unused);
  Shelves& all = shelves();
  std::lock_guard lock(all.mutex);
  return all.mappedBytes;
}

BlockStats blockStats() noexcept {
  Shelves& all = shelves();
  std::lock_guard lock(all.mutex);
  return {all.mappedBytes - all.usedBytes, all.usedBytes};
}

}  // namespace everycore
