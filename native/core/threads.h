// The native threads of one pool. They claim chunks of the jobs in the order the jobs came; a
// thread that finds nothing looks out for a moment, then sleeps. Knows nothing of kernels or
// JavaScript.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "core/home.h"
#include "core/job.h"

namespace everycore {

class Threads {
 public:
  // Starts up to `count` threads; fewer when the system refuses more.
  explicit Threads(unsigned count);
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;
  // Stops, and waits until every thread has ended.
  ~Threads();

  unsigned count() const noexcept { return static_cast<unsigned>(threads_.size()); }
  // The job will be settled, whatever happens. After stop() it is settled at once, as cancelled.
  void submit(std::shared_ptr<Job> job);
  // Cancels what is not done and lets the threads end, without waiting for them.
  void stop() noexcept;
  // True when the destructor has nothing to wait for.
  bool ended() const noexcept { return ended_.load(std::memory_order_acquire) == count(); }

 private:
  void loop() noexcept;
  void work(Job& job, Scratch& scratch) noexcept;
  std::shared_ptr<Job> findJob() noexcept;
  void announce(std::size_t chunks) noexcept;
  void waitForChange(std::unique_lock<std::mutex>& lock, uint32_t seen, bool& lookedOut,
                     Home& home);
  void lookOut(uint32_t seen) const noexcept;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::shared_ptr<Job>> jobs_;  // in the order they came; settled ones are dropped
  bool stopping_ = false;
  unsigned sleeping_ = 0;           // threads that wait to be woken
  unsigned looking_ = 0;            // threads that look out and have not been counted on yet
  std::atomic<uint32_t> epoch_{0};  // changes, under the mutex, when there may be something new
  std::atomic<unsigned> ended_{0};
  Homes homes_;
  std::vector<std::thread> threads_;
};

}  // namespace everycore
