#include "core/home.h"

#include <algorithm>

namespace everycore {

#if defined(__linux__)

Homes::Homes() noexcept {
  // Machines with more CPUs than the set has room for need no help.
  if (sched_getaffinity(0, sizeof allowed_, &allowed_) != 0) return;
  count_ = std::min(CPU_COUNT(&allowed_), sharesMax);
  for (cpu_set_t& share : shares_) CPU_ZERO(&share);
  for (int cpu = 0, seen = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &allowed_)) CPU_SET(cpu, &shares_[seen++ % count_]);
  }
}

bool Home::here() const noexcept {
  const int cpu = sched_getcpu();
  return cpu >= 0 && cpu < CPU_SETSIZE && CPU_ISSET(cpu, &homes_.shares_[share_]);
}

void Home::take() noexcept {
  if (share_ >= 0 || homes_.count_ < 2) return;
  int best = 0;
  for (share_ = 0; share_ < homes_.count_; ++share_) {
    const int more = homes_.idle_[share_] - homes_.idle_[best];
    if (more < 0 || (more == 0 && here())) best = share_;
  }
  share_ = best;
  ++homes_.idle_[share_];
}

void Home::stay() noexcept {
  if (share_ < 0 || tiedTo_ == share_) return;
  const cpu_set_t& share = homes_.shares_[share_];
  if (sched_setaffinity(0, sizeof share, &share) == 0) tiedTo_ = share_;
}

void Home::leave() noexcept {
  if (tiedTo_ < 0) return;
  // Somebody from outside may have given the thread other CPUs meanwhile: those stand.
  cpu_set_t now;
  const bool ours =
      sched_getaffinity(0, sizeof now, &now) == 0 && CPU_EQUAL(&now, &homes_.shares_[tiedTo_]);
  if (ours) sched_setaffinity(0, sizeof homes_.allowed_, &homes_.allowed_);
  tiedTo_ = -1;
}

#else

Homes::Homes() noexcept = default;
bool Home::here() const noexcept { return true; }
void Home::take() noexcept {}
void Home::stay() noexcept {}
void Home::leave() noexcept {}

#endif

void Home::giveBack() noexcept {
  if (share_ < 0) return;
  --homes_.idle_[share_];
  share_ = -1;
}

void Home::go() noexcept {
  if (share_ >= 0 && !here()) stay();
}

}  // namespace everycore
