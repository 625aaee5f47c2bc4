// Where the idle threads of a pool are. All of them are woken at once, by a thread that still runs;
// on a machine of two CPUs the scheduler then finds one idle CPU for both, and the second waits
// behind the first until the balancer comes by, which can be milliseconds. So no two idle threads
// are at home in the same place: each sleeps tied to its own share of the CPUs, and is let go once
// it runs, so that a busy CPU is left as ever. Does nothing but on Linux.
#pragma once

#if defined(__linux__)
#include <sched.h>
#endif

namespace everycore {

// The shares of the CPUs, and how many idle threads are at home in each. One a pool.
class Homes {
 public:
  Homes() noexcept;
  Homes(const Homes&) = delete;
  Homes& operator=(const Homes&) = delete;

 private:
  friend class Home;
  // More shares would leave a thread no choice where other programs keep CPUs busy.
  static constexpr int sharesMax = 4;

  int count_ = 0;  // of shares; below two there is nothing to choose
  int idle_[sharesMax] = {};
#if defined(__linux__)
  cpu_set_t allowed_;
  cpu_set_t shares_[sharesMax];
#endif
};

// The home of one thread, while that thread is idle.
class Home {
 public:
  explicit Home(Homes& homes) noexcept : homes_(homes) {}
  Home(const Home&) = delete;
  Home& operator=(const Home&) = delete;

  // Under the mutex of the pool: takes the share where the thread is, or else the emptiest …
  void take() noexcept;
  // … and gives it back.
  void giveBack() noexcept;
  // By the thread itself: goes home, unless it is there; stays there; may go anywhere again.
  void go() noexcept;
  void stay() noexcept;
  void leave() noexcept;

 private:
  bool here() const noexcept;

  Homes& homes_;
  int share_ = -1;
  int tiedTo_ = -1;
};

}  // namespace everycore
