// Blocks: what comes back is used again, and the accounts stay right.
#include "core/memory.h"

#include <cstdint>
#include <cstring>
#include <thread>
#include <vector>

#include "check.h"

using namespace everycore;

TEST(blocksAreUsedAgain) {
  trimBlocks();
  const Block first = acquireBlock(5'000'000);
  CHECK(first.data != nullptr && first.bytes >= 5'000'000);
  CHECK(reinterpret_cast<std::uintptr_t>(first.data) % 64 == 0);
  std::memset(first.data, 1, first.bytes);
  releaseBlock(first);
  const Block second = acquireBlock(5'000'000);
  CHECK(second.data == first.data);
  releaseBlock(second);
  trimBlocks();
  CHECK(blockStats().keptBytes == 0 && blockStats().usedBytes == 0);
}

TEST(absurdSizesAreRefused) {
  CHECK(acquireBlock(~std::size_t{0}).data == nullptr);
  CHECK(acquireBlock(std::size_t{1} << 62).data == nullptr);
  releaseBlock({});
}

TEST(blocksMoveBetweenThreads) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([t] {
      for (std::size_t i = 1; i < 100; ++i) {
        const Block block = acquireBlock(i * 10'000 * (1 + t % 2));
        std::memset(block.data, t, 64);
        releaseBlock(block);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(blockStats().usedBytes == 0);
  trimBlocks();
}
