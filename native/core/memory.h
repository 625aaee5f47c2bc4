// Large blocks of memory that are used again. A fresh block of the operating system costs a page
// fault and a cleared page for every 4 KiB touched, which for a large result is more than the
// kernel's own work; so blocks that come back are kept for the next one, and all lie on large
// pages, where the system has them.
#pragma once

#include <chrono>
#include <cstddef>

namespace everycore {

struct Slab;

struct Block {
  void* data = nullptr;   // aligned to 4096 bytes; contents undefined
  std::size_t bytes = 0;  // may be more than was asked for
  Slab* slab = nullptr;   // where it comes from
};

// Data is null when there is no memory.
Block acquireBlock(std::size_t bytes) noexcept;
void releaseBlock(Block block) noexcept;
// The same for results, which come back when the collector finds them: data is null too when so
// much was asked for in one turn of the event loop that another one would only make the process
// larger.
Block acquireResult(std::size_t bytes, bool firstOfTurn) noexcept;

// Gives back to the operating system what nobody has used for so long. Answers how many bytes are
// left, used or not.
std::size_t trimBlocks(std::chrono::milliseconds unused) noexcept;

struct BlockStats {
  std::size_t keptBytes;  // free, waiting to be used again
  std::size_t usedBytes;  // handed out
};
BlockStats blockStats() noexcept;

}  // namespace everycore
