// Rows on their way from a decoder through kernels: each strip goes through all calls of a chunk
// before the next is decoded, so that of the pictures between two calls only those rows are held
// that are still to be read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <vector>

#include "core/job.h"

namespace everycore {

// How a call reads its first view: `units` units of its first phase read `rows` rows, the first of
// them from row `first` on, and `around` more above and below.
//
// With `needs` the call has a second phase, the last one, whose unit u makes row u of the answer
// from rows needs[2 u] up to needs[2 u + 1] of the shared memory, of `sharedRow` bytes each, which
// are the rows that the first phase makes. Neither number goes back from unit to unit.
struct RowReading {
  int64_t first, rows, units, around;
  int64_t sharedRow = 0;
  const int32_t* needs = nullptr;
};

// Memory that goes when this does. Of the allocator, not in blocks: those lie on large pages of
// their own for every size, and these sizes are many and small.
class Memory {
 public:
  Memory() = default;
  Memory(Memory&& other) noexcept : data_(other.data_) { other.data_ = nullptr; }
  Memory& operator=(Memory&&) = delete;
  ~Memory() { ::operator delete(data_, alignment); }
  bool allocate(std::size_t bytes) {
    data_ = ::operator new(bytes, alignment, std::nothrow);
    return data_ != nullptr;
  }
  unsigned char* get() const { return static_cast<unsigned char*>(data_); }

 private:
  static constexpr std::align_val_t alignment{64};
  void* data_ = nullptr;
};

class Flow {
 public:
  static constexpr uint32_t viewsMax = 16;

  // Rows of `pixels` through the calls that follow in the chunk, as many as there are readings.
  // `strip`: at most so many rows come at a time.
  Flow(const View& pixels, const JobCall* calls, const RowReading* readings, int count,
       int64_t strip, void* scratch);

  // The last call's rows are not for its view, which has the answer's size, but wait to be taken.
  void holdRows(const View& answer);

  // False when there is none.
  bool allocateMemory();

  // The rows that are wanted, [begin, end).
  int64_t begin() const { return stages_.front().begin; }
  int64_t end() const { return stages_.front().wantedEnd; }

  // The next rows, from `begin` on; they are looked at while this runs, no longer.
  void take(unsigned char* rows, int64_t count);

  // With `holdRows`: the first rows that nobody has taken yet, as many as there are.
  struct Rows {
    const unsigned char* data;
    int64_t begin, end;
  };
  Rows held() const;
  void drop(int64_t rows);

 private:
  // A phase of a call with the rows of its input that it still needs: [begin, end). Of the last
  // stage, where rows are held, that is all.
  struct Stage {
    Call call{};
    View views[viewsMax];
    KernelFn run = nullptr;
    RowReading reading{};
    bool readsShared = false;  // else the first view
    bool fillsShared = false;  // else the last view
    int64_t unitCount = 0;
    int64_t stepCount = 0;  // a step is `reading.units` units
    int64_t stepsAtOnce = 0;
    int64_t rowsMade = 0;  // by all steps
    int64_t rowBytes = 0;
    int64_t wantedEnd = 0;
    int64_t room = 0;  // rows that fit into the memory
    int64_t begin = 0, end = 0;
    int64_t done = 0;  // steps
    Memory memory;
  };

  Stage& addStage(const JobCall& job, int phase, const RowReading& reading);
  void addCall(const JobCall& job, const RowReading& reading);
  int64_t waiting(const Stage& stage) const;
  int64_t madeOf(const Stage& stage, int64_t rows) const;
  void add(size_t index, int64_t rows);
  void runSteps(size_t index, unsigned char* held);
  void runStepsUntil(size_t index, unsigned char* held, int64_t ready);
  static void keepNeeded(Stage& stage);
  static int64_t stepsReady(const Stage& stage);
  static int64_t firstKept(const Stage& stage);

  std::vector<Stage> stages_;
  View pixels_;
  int64_t coming_;    // the most rows that the last stage is given at a time …
  int64_t inAStrip_;  // … and until the next strip is taken
  void* scratch_;
};

}  // namespace everycore
