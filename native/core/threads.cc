#include "core/threads.h"

#include <chrono>
#include <system_error>

#if defined(EC_X86)
#include <immintrin.h>
#endif

namespace everycore {
namespace {

// How long a thread without work looks out before it sleeps. Waking a sleeping thread costs tens of
// microseconds on a virtual machine; looking out costs a core, so it is short, and one core always
// stays free of it for the JavaScript thread.
constexpr std::chrono::microseconds lookOutTime{50};

std::atomic<unsigned> lookOuts{0};

unsigned lookOutsMax() noexcept {
  static const unsigned cores = std::thread::hardware_concurrency();
  return cores > 1 ? cores - 1 : 0;
}

void pause() noexcept {
#if defined(EC_X86)
  _mm_pause();
#elif defined(__aarch64__)
  __asm__ __volatile__("yield");
#endif
}

}  // namespace

Threads::Threads(unsigned count) {
  threads_.reserve(count);
  try {
    for (unsigned i = 0; i < count; ++i) threads_.emplace_back([this] { loop(); });
  } catch (const std::system_error&) {
    // A limit of the system: go on with the threads there are.
  }
}

Threads::~Threads() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const auto& job : jobs_) job->cancel();
  }
  announce(count());
  for (std::thread& thread : threads_) thread.join();
}

void Threads::submit(std::shared_ptr<Job> job) {
  const unsigned wakeups = static_cast<unsigned>(job->chunks.size());
  job->open();
  if (wakeups == 0) return;  // open() has settled it
  {
    std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  announce(wakeups);
}

void Threads::announce(unsigned wakeups) noexcept {
  {
    // Under the lock, so that no thread goes to sleep between its last look and this change.
    std::lock_guard lock(mutex_);
    epoch_.fetch_add(1, std::memory_order_release);
  }
  if (wakeups >= count()) {
    wake_.notify_all();
  } else {
    for (unsigned i = 0; i < wakeups; ++i) wake_.notify_one();
  }
}

std::shared_ptr<Job> Threads::findJob() {
  while (!jobs_.empty() && jobs_.front()->exhausted()) jobs_.pop_front();
  for (const auto& job : jobs_) {
    if (job->claimable()) return job;
  }
  return nullptr;
}

void Threads::loop() noexcept {
  Scratch scratch;
  std::unique_lock lock(mutex_);
  bool lookedOut = false;
  for (;;) {
    if (std::shared_ptr<Job> job = findJob()) {
      lock.unlock();
      uint32_t index = 0;
      while (job->claim(index)) {
        if (job->run(index, scratch)) announce(count());
      }
      job.reset();
      lookedOut = false;
      lock.lock();
      continue;
    }
    // Ends only when nothing is claimable; chunks still running elsewhere may open a phase, but
    // those threads then claim it themselves.
    if (stopping_) return;
    const uint32_t seen = epoch_.load(std::memory_order_relaxed);
    if (!lookedOut) {
      lookedOut = true;
      lock.unlock();
      lookOut(seen);
      lock.lock();
      continue;
    }
    wake_.wait(lock, [&] { return epoch_.load(std::memory_order_relaxed) != seen || stopping_; });
    lookedOut = false;
  }
}

bool Threads::lookOut(uint32_t seen) const noexcept {
  if (lookOuts.fetch_add(1, std::memory_order_relaxed) >= lookOutsMax()) {
    lookOuts.fetch_sub(1, std::memory_order_relaxed);
    return false;
  }
  const auto until = std::chrono::steady_clock::now() + lookOutTime;
  bool changed = false;
  while (!changed && std::chrono::steady_clock::now() < until) {
    for (int i = 0; i < 16 && !changed; ++i) {
      pause();
      changed = epoch_.load(std::memory_order_acquire) != seen;
    }
  }
  lookOuts.fetch_sub(1, std::memory_order_relaxed);
  return changed;
}

}  // namespace everycore
