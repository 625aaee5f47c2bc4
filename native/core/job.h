// A job: the calls of one submit, cut into planned chunks that threads claim until none is left.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <vector>

#include "core/kernel.h"
#include "core/memory.h"

namespace everycore {

// Memory of one thread for the kernels it runs; grows, never shrinks.
class Scratch {
 public:
  Scratch() = default;
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { releaseBlock(block_); }

  // Null when there is no memory.
  void* reserve(std::size_t bytes) noexcept;

 private:
  Block block_;
};

struct JobCall {
  const KernelEntry* kernel;
  Call call;
  int64_t units[maxPhases];    // 0 for phases that the call does not have
  int64_t quantum[maxPhases];  // the largest range to run between two looks at the cancel flag
  std::size_t sharedBytes;
};

// Either one range of one call's phase, or (begin < 0) the whole calls [call, callEnd).
struct Chunk {
  uint32_t call;
  uint32_t callEnd;
  int64_t begin;
  int64_t end;
};

enum class JobStatus { done, cancelled, outOfMemory };

// What long steps of a job may ask and say about the chunk that runs on their thread: codecs do.
struct JobCall;
struct RunState {
  const std::atomic<JobStatus>* status = nullptr;
  const JobCall* next = nullptr;  // the calls that follow in the chunk …
  uint32_t following = 0;         // … and how many
  bool abandoned = false;
  int fed = 0;        // of the next calls so many are done …
  int fedPhases = 0;  // … the last of them as far as this
};
// Null where no job runs. Valid until the kernel that asked returns.
const RunState* runState() noexcept;
// True when the work is no longer wanted.
bool runCancelled(const RunState* run = runState()) noexcept;
// The calls that follow in this chunk need what could not be made: they are not run.
void abandonRun() noexcept;
// So many of the next calls have been run, of the last of them the first `phases` phases: whoever
// makes their input did that on the way.
void feedRun(int calls, int phases) noexcept;

class Job {
 public:
  // Filled in before the job is submitted, constant afterwards.
  std::vector<View> views;
  std::vector<double> params;
  std::vector<JobCall> calls;
  std::vector<Chunk> chunks;       // those of phase 0, then those of phase 1, …
  std::vector<uint32_t> phaseEnd;  // index behind the last chunk of each phase
  std::size_t scratchBytes = 0;
  // Called once, on the thread that ended the last chunk.
  std::function<void(JobStatus)> onSettled;

  ~Job();

  // Memory that the ranges of a call share; false when there is none.
  bool allocateShared() noexcept;
  // Lets threads claim; a job without chunks is settled at once.
  void open() noexcept;

  // Takes the next chunk of the present phase.
  bool claim(uint32_t& index) noexcept;
  // Runs a claimed chunk. When it was the last of its phase, the next phase opens: the answer is
  // how many chunks have become claimable by that.
  uint32_t run(uint32_t index, Scratch& scratch) noexcept;
  bool claimable() const noexcept;
  // True once onSettled has been or is being called: no thread touches views or params any more.
  bool settled() const noexcept { return settled_.load(std::memory_order_acquire); }

  void cancel() noexcept { fail(JobStatus::cancelled); }
  // Calls and units that are done, all phases together.
  uint64_t progress() const noexcept { return progress_.load(std::memory_order_relaxed); }

 private:
  void fail(JobStatus why) noexcept;
  uint32_t openNextPhase() noexcept;
  void settle(JobStatus status) noexcept;
  bool stopped() const noexcept {
    return status_.load(std::memory_order_relaxed) != JobStatus::done;
  }
  void runRange(const JobCall& call, int phase, Range range, void* scratch) noexcept;
  void runWhole(const Chunk& chunk, void* scratch) noexcept;

  std::vector<Block> shared_;
  uint32_t phase_ = 0;              // the phase that is open; written by the thread that ends one
  std::atomic<uint32_t> next_{0};   // the next chunk to claim
  std::atomic<uint32_t> limit_{0};  // chunks from here on belong to later phases
  std::atomic<uint32_t> left_{0};   // chunks of this phase that have not ended
  std::atomic<JobStatus> status_{JobStatus::done};
  std::atomic<uint64_t> progress_{0};
  std::atomic<bool> settled_{false};
};

// Runs a whole call on the calling thread, phase after phase.
void runCall(const JobCall& call, void* scratch) noexcept;

}  // namespace everycore
