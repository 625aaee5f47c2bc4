#include "core/job.h"

#include <thread>

#include "core/wait.h"

namespace everycore {
namespace {

thread_local RunState threadRun;

}  // namespace

const RunState* runState() noexcept { return &threadRun; }

bool runCancelled(const RunState* run) noexcept {
  return run->status != nullptr && run->status->load(std::memory_order_relaxed) != JobStatus::done;
}

void abandonRun() noexcept { threadRun.abandoned = true; }

bool keepWaiting(int64_t looks) noexcept {
  // So long a wait means that the other thread has not got a core.
  constexpr int64_t patience = 2000;
  if (looks >= patience) std::this_thread::yield();
  return !runCancelled();
}

void feedRun(int calls, int phases) noexcept {
  threadRun.fed = calls;
  threadRun.fedPhases = phases;
}

void* Scratch::reserve(std::size_t bytes) noexcept {
  if (block_.bytes < bytes) {
    releaseBlock(block_);
    block_ = acquireBlock(bytes);
  }
  return block_.data;
}

Job::~Job() {
  for (const Block& block : shared_) releaseBlock(block);
}

bool Job::allocateShared() noexcept {
  shared_.reserve(calls.size());
  for (JobCall& call : calls) {
    if (call.sharedBytes == 0) continue;
    const Block block = acquireBlock(call.sharedBytes);
    if (block.data == nullptr) return false;
    shared_.push_back(block);
    call.call.shared = block.data;
  }
  return true;
}

void Job::open() noexcept {
  if (openNextPhase() == 0) settle(JobStatus::done);
}

// Called by one thread at a time, when no chunk is claimable or running.
uint32_t Job::openNextPhase() noexcept {
  const uint32_t begin = limit_.load(std::memory_order_relaxed);
  if (begin > 0) ++phase_;
  while (phase_ < phaseEnd.size() && phaseEnd[phase_] == begin) ++phase_;
  if (phase_ >= phaseEnd.size()) return 0;
  const uint32_t end = phaseEnd[phase_];
  left_.store(end - begin, std::memory_order_relaxed);
  limit_.store(end, std::memory_order_release);  // whoever claims has seen all writes before this
  return end - begin;
}

bool Job::claimable() const noexcept {
  return next_.load(std::memory_order_relaxed) < limit_.load(std::memory_order_acquire);
}

bool Job::claim(uint32_t& index) noexcept {
  uint32_t next = next_.load(std::memory_order_relaxed);
  while (next < limit_.load(std::memory_order_acquire)) {
    if (next_.compare_exchange_weak(next, next + 1, std::memory_order_relaxed)) {
      index = next;
      return true;
    }
  }
  return false;
}

uint32_t Job::run(uint32_t index, Scratch& scratch) noexcept {
  const Chunk& chunk = chunks[index];
  if (!stopped()) {
    void* const memory = scratchBytes > 0 ? scratch.reserve(scratchBytes) : nullptr;
    if (memory == nullptr && scratchBytes > 0) {
      fail(JobStatus::outOfMemory);
    } else if (chunk.begin < 0) {
      runWhole(chunk, memory);
    } else {
      threadRun.status = &status_;
      // phase_ is stable here: it changes only after every chunk of the phase has ended.
      runRange(calls[chunk.call], static_cast<int>(phase_), {chunk.begin, chunk.end}, memory);
      progress_.fetch_add(static_cast<uint64_t>(chunk.end - chunk.begin),
                          std::memory_order_relaxed);
      threadRun = {};
    }
  }
  // The last one to come by here has seen what all others wrote.
  if (left_.fetch_sub(1, std::memory_order_acq_rel) > 1) return 0;
  const uint32_t opened = openNextPhase();
  if (opened == 0) settle(status_.load(std::memory_order_relaxed));
  return opened;
}

void Job::settle(JobStatus status) noexcept {
  settled_.store(true, std::memory_order_release);
  onSettled(status);
}

void Job::runRange(const JobCall& call, int phase, Range range, void* scratch) noexcept {
  const int64_t quantum = call.quantum[phase] > 0 ? call.quantum[phase] : range.end - range.begin;
  for (int64_t begin = range.begin; begin < range.end && !stopped(); begin += quantum) {
    const int64_t end = range.end - begin > quantum ? begin + quantum : range.end;
    call.kernel->phases[phase](call.call, {begin, end}, scratch);
  }
}

void Job::runWhole(const Chunk& chunk, void* scratch) noexcept {
  threadRun = {};
  threadRun.status = &status_;
  for (uint32_t i = chunk.call; i < chunk.callEnd && !stopped() && !threadRun.abandoned; ++i) {
    int first = 0;
    if (threadRun.fed > 0) first = --threadRun.fed > 0 ? maxPhases : threadRun.fedPhases;
    threadRun.following = chunk.callEnd - i - 1;
    threadRun.next = threadRun.following > 0 ? &calls[i + 1] : nullptr;
    for (int phase = first; phase < maxPhases; ++phase) {
      if (calls[i].units[phase] > 0) runRange(calls[i], phase, {0, calls[i].units[phase]}, scratch);
    }
    progress_.fetch_add(1, std::memory_order_relaxed);
  }
  threadRun = {};
}

void Job::fail(JobStatus why) noexcept {
  JobStatus expected = JobStatus::done;
  status_.compare_exchange_strong(expected, why, std::memory_order_relaxed);
}

void runCall(const JobCall& call, void* scratch) noexcept {
  for (int phase = 0; phase < maxPhases; ++phase) {
    if (call.units[phase] > 0)
      call.kernel->phases[phase](call.call, {0, call.units[phase]}, scratch);
  }
}

}  // namespace everycore
