#include "core/threads.h"

#include <algorithm>
#include <chrono>
#include <system_error>

#if defined(__linux__)
#include <sys/prctl.h>
#elif defined(__APPLE__)
#include <pthread.h>
#endif

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

// For ps, top and debuggers.
void nameThisThread() noexcept {
#if defined(__linux__)
  prctl(PR_SET_NAME, "everycore");
#elif defined(__APPLE__)
  pthread_setname_np("everycore");
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
  if (threads_.empty()) stopping_ = true;  // no thread reads it then
}

Threads::~Threads() {
  stop();
  for (std::thread& thread : threads_) thread.join();
}

void Threads::stop() noexcept {
  std::lock_guard lock(mutex_);
  stopping_ = true;
  for (const auto& job : jobs_) job->cancel();
  announce(threads_.size());
}

void Threads::submit(std::shared_ptr<Job> job) {
  job->open();
  if (job->settled()) return;
  {
    std::lock_guard lock(mutex_);
    if (!stopping_) {
      const std::size_t chunks = job->chunks.size();
      jobs_.push_back(std::move(job));
      announce(chunks);
      return;
    }
  }
  // Nobody is left to run it: its chunks are counted off here.
  Scratch scratch;
  job->cancel();
  work(*job, scratch);
}

// Makes as many threads as there are chunks look for them. Called under the mutex, so that no
// thread goes to sleep between its last look and this change.
void Threads::announce(std::size_t chunks) noexcept {
  epoch_.fetch_add(1, std::memory_order_release);
  const std::size_t onTheirWay = std::min<std::size_t>(looking_, chunks);
  looking_ -= static_cast<unsigned>(onTheirWay);
  const std::size_t wakeups = std::min<std::size_t>(sleeping_, chunks - onTheirWay);
  if (wakeups > 0 && wakeups == sleeping_) {
    wake_.notify_all();
  } else {
    for (std::size_t i = 0; i < wakeups; ++i) wake_.notify_one();
  }
}

// Called under the mutex. Jobs whose last chunks still run elsewhere stay, so that stop() can
// cancel them.
std::shared_ptr<Job> Threads::findJob() noexcept {
  for (auto at = jobs_.begin(); at != jobs_.end();) {
    if ((*at)->claimable()) return *at;
    at = (*at)->settled() ? jobs_.erase(at) : at + 1;
  }
  return nullptr;
}

void Threads::work(Job& job, Scratch& scratch) noexcept {
  uint32_t index = 0;
  while (job.claim(index)) {
    const uint32_t opened = job.run(index, scratch);
    // This thread goes on with one of the new chunks itself.
    if (opened > 1) {
      std::lock_guard lock(mutex_);
      announce(opened - 1);
    }
  }
}

void Threads::loop() noexcept {
  nameThisThread();
  {
    Scratch scratch;
    Home home(homes_);
    std::unique_lock lock(mutex_);
    bool lookedOut = false;
    for (;;) {
      const uint32_t seen = epoch_.load(std::memory_order_relaxed);
      if (std::shared_ptr<Job> job = findJob()) {
        home.giveBack();
        lock.unlock();
        home.leave();
        work(*job, scratch);
        job.reset();
        lookedOut = false;
        lock.lock();
      } else if (stopping_) {
        // Chunks that still run elsewhere may open a phase, but that thread then claims it itself.
        break;
      } else {
        waitForChange(lock, seen, lookedOut, home);
      }
    }
  }
  ended_.fetch_add(1, std::memory_order_release);
}

void Threads::waitForChange(std::unique_lock<std::mutex>& lock, uint32_t seen, bool& lookedOut,
                            Home& home) {
  home.take();
  if (!lookedOut && lookOuts.fetch_add(1, std::memory_order_relaxed) < lookOutsMax()) {
    ++looking_;
    lock.unlock();
    home.go();
    lookOut(seen);
    lookOuts.fetch_sub(1, std::memory_order_relaxed);
    lock.lock();
    if (looking_ > 0) --looking_;
    lookedOut = true;
    return;
  }
  if (!lookedOut) lookOuts.fetch_sub(1, std::memory_order_relaxed);
  lock.unlock();
  home.stay();
  lock.lock();
  ++sleeping_;
  wake_.wait(lock, [&] { return epoch_.load(std::memory_order_relaxed) != seen; });
  --sleeping_;
  lookedOut = false;
}

void Threads::lookOut(uint32_t seen) const noexcept {
  const auto until = std::chrono::steady_clock::now() + lookOutTime;
  do {
    for (int i = 0; i < 16; ++i) {
      pause();
      if (epoch_.load(std::memory_order_acquire) != seen) return;
    }
  } while (std::chrono::steady_clock::now() < until);
}

}  // namespace everycore
