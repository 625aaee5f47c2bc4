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

#include "core/job.h"

namespace everycore {

class Threads {
 public:
  // Starts up to `count` threads; fewer when the system refuses more.
  explicit Threads(unsigned count);
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;
  // Cancels what is not done, waits for the running chunks, ends the threads.
  ~Threads();

  unsigned count() const noexcept { return static_cast<unsigned>(threads_.size()); }
  void submit(std::shared_ptr<Job> job);

 private:
  void loop() noexcept;
  std::shared_ptr<Job> findJob();
  bool lookOut(uint32_t seen) const noexcept;
  void announce(unsigned wakeups) noexcept;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::shared_ptr<Job>> jobs_;  // in the order they came; exhausted ones are dropped
  bool stopping_ = false;
  std::atomic<uint32_t> epoch_{0};  // changes whenever there may be something new to claim
  std::vector<std::thread> threads_;
};

}  // namespace everycore
