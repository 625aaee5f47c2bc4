// Blocks: what comes back is used again, and the accounts stay right.
#include "core/memory.h"

#include <cstdint>
#include <cstring>
#include <thread>
#include <utility>
#include <vector>

#include "check.h"

using namespace everycore;
using namespace std::chrono_literals;

TEST(blocksAreUsedAgain) {
  trimBlocks(0ms);
  const Block first = acquireBlock(5'000'000);
  CHECK(first.data != nullptr && first.bytes >= 5'000'000);
  CHECK(reinterpret_cast<std::uintptr_t>(first.data) % 64 == 0);
  std::memset(first.data, 1, first.bytes);
  releaseBlock(first);
  const Block second = acquireBlock(5'000'000);
  CHECK(second.data == first.data);
  releaseBlock(second);
  trimBlocks(0ms);
  CHECK(blockStats().keptBytes == 0 && blockStats().usedBytes == 0);
}

TEST(blocksOfAllSizesLieApart) {
  trimBlocks(0ms);
  // Every block holds its number at both ends while others come and go.
  std::vector<Block> blocks(400);
  const std::size_t sizes[] = {1,       5000,      130'000,   200'000,
                               900'000, 1'300'000, 2'100'000, 20'000'000};
  const auto ends = [](const Block& block) {
    char* const data = static_cast<char*>(block.data);
    return std::pair(reinterpret_cast<int*>(data),
                     reinterpret_cast<int*>(data + block.bytes - sizeof(int)));
  };
  std::size_t used = 0;
  unsigned random = 1;
  for (int step = 0; step < 4000; ++step) {
    random = random * 1664525 + 1013904223;
    const int i = static_cast<int>(random >> 16) % 400;
    Block& block = blocks[i];
    if (block.data != nullptr) {
      CHECK(*ends(block).first == i && *ends(block).second == i);
      used -= block.bytes;
      releaseBlock(block);
      block = {};
    } else if (i % 8 < 7 || i < 40) {
      block = acquireBlock(sizes[i % 8]);
      CHECK(block.data != nullptr && block.bytes >= sizes[i % 8]);
      CHECK(reinterpret_cast<std::uintptr_t>(block.data) % 4096 == 0);
      *ends(block).first = *ends(block).second = i;
      used += block.bytes;
    }
    CHECK(blockStats().usedBytes == used);
  }
  for (const Block& block : blocks) releaseBlock(block);
  trimBlocks(0ms);
  CHECK(blockStats().keptBytes == 0 && blockStats().usedBytes == 0);
}

TEST(theLastOneOfASizeComesFirst) {
  Block blocks[300];
  for (Block& block : blocks) block = acquireBlock(200'000);
  for (const Block& block : blocks) releaseBlock(block);
  for (int i = 0; i < 10; ++i) {
    const Block again = acquireBlock(199'000);
    CHECK(again.data == blocks[299].data);
    releaseBlock(again);
  }
  trimBlocks(0ms);
}

TEST(aSlabIsGivenBackWhenItsLastBlockIs) {
  trimBlocks(0ms);
  const Block first = acquireBlock(200'000);
  const Block second = acquireBlock(200'000);
  CHECK(second.slab == first.slab);
  releaseBlock(first);
  trimBlocks(0ms);
  CHECK(blockStats().usedBytes == second.bytes && blockStats().keptBytes > 0);
  releaseBlock(second);
  trimBlocks(0ms);
  CHECK(blockStats().keptBytes == 0);
}

TEST(whatNobodyHasUsedForSoLongGoesBack) {
  trimBlocks(0ms);
  const Block early = acquireBlock(5'000'000), late = acquireBlock(9'000'000);
  const Block held = acquireBlock(14'000'000);
  releaseBlock(early);
  std::this_thread::sleep_for(40ms);
  releaseBlock(late);
  const std::size_t mapped = blockStats().keptBytes + blockStats().usedBytes;
  CHECK(trimBlocks(1h) == mapped);
  const std::size_t left = trimBlocks(20ms);
  CHECK(left >= late.bytes + held.bytes && left < early.bytes + late.bytes + held.bytes);
  CHECK(trimBlocks(0ms) >= held.bytes && blockStats().keptBytes < late.bytes);
  releaseBlock(held);
  CHECK(trimBlocks(0ms) == 0);
}

TEST(theOldestMakeRoom) {
  trimBlocks(0ms);
  std::vector<Block> blocks;
  for (int i = 0; i < 20; ++i) blocks.push_back(acquireBlock(std::size_t{64} << 20));
  for (const Block& block : blocks) releaseBlock(block);
  CHECK(blockStats().keptBytes <= std::size_t{512} << 20);
  CHECK(blockStats().keptBytes >= std::size_t{256} << 20);
  const Block newest = acquireBlock(std::size_t{64} << 20);
  CHECK(newest.data == blocks.back().data);
  releaseBlock(newest);
  trimBlocks(0ms);
}

TEST(aTurnHasSoMuchNewMemoryForResults) {
  for (const std::size_t bytes :
       {std::size_t{130'000}, std::size_t{2'600'000}, std::size_t{20'000'000}}) {
    trimBlocks(0ms);
    std::vector<Block> blocks;
    for (int i = 0; i < 3000; ++i) {
      const Block block = acquireResult(bytes, i == 0);
      if (block.data == nullptr) break;
      blocks.push_back(block);
    }
    const std::size_t mapped = blockStats().usedBytes + blockStats().keptBytes;
    CHECK(blocks.size() < 3000);
    CHECK(mapped >= std::size_t{32} << 20 && mapped < std::size_t{288} << 20);
    if (bytes < 2'000'000) CHECK(mapped <= std::size_t{34} << 20);
    if (bytes > 2'000'000 && bytes < 3'000'000) CHECK(mapped <= std::size_t{56} << 20);
    for (const Block& block : blocks) releaseBlock(block);
  }
  trimBlocks(0ms);
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
  trimBlocks(0ms);
}
