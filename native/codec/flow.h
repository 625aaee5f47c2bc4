// Rows on their way from a decoder through kernels: each strip goes through all calls of a chunk
// before the next is decoded, so that of the pictures between two calls only those rows are held
// that are still to be read.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

#include "core/job.h"

namespace everycore {

// How a call reads its first view: `units` units of its first phase read `rows` rows, the first of
// them from row `first` on, and `around` more above and below.
struct RowReading {
  int64_t first, rows, units, around;
};

class Flow {
 public:
  static constexpr uint32_t viewsMax = 16;

  // Through the calls that follow in the chunk, as many as there are readings.
  // `strip`: at most so many rows come at a time.
  Flow(const JobCall* calls, const RowReading* readings, int count, int64_t strip, void* scratch);

  // False when there is none.
  bool allocateMemory();

  // The rows that are wanted, [begin, end).
  int64_t begin() const { return stages_.front().begin; }
  int64_t end() const { return stages_.front().wantedEnd; }

  // The next rows, from `begin` on; they are looked at while this runs, no longer.
  void take(unsigned char* rows, int64_t count);

 private:
  struct Free {
    void operator()(void* memory) const { std::free(memory); }
  };

  // A call with the rows of its input that it still needs: [begin, end).
  struct Stage {
    Call call;
    View views[viewsMax];
    KernelFn run;
    RowReading reading;
    int64_t unitCount;
    int64_t stepCount;  // a step is `reading.units` units
    int64_t rowBytes;
    int64_t wantedEnd;
    int64_t room;  // rows that fit into the memory
    int64_t begin, end;
    int64_t done = 0;  // steps
    std::unique_ptr<unsigned char, Free> memory;
  };

  void add(size_t index, int64_t rows);
  void runSteps(size_t index, unsigned char* held);
  static int64_t stepsReady(const Stage& stage);
  static int64_t firstKept(const Stage& stage);

  std::vector<Stage> stages_;
  void* scratch_;
};

}  // namespace everycore
