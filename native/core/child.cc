#include "core/child.h"

#if defined(_WIN32)

namespace everycore {

// Child processes are in a job object of their parent's, which ends them.
void dieWithParent(long) noexcept {}

void* mapPage(int, std::size_t) noexcept { return nullptr; }

}  // namespace everycore

#else

#include <sys/mman.h>
#include <unistd.h>

#include <csignal>

#if defined(__linux__)
#include <sys/prctl.h>
#else
#include <chrono>
#include <thread>
#endif

namespace everycore {

void dieWithParent(long parent) noexcept {
#if defined(__linux__)
  prctl(PR_SET_PDEATHSIG, SIGKILL);
#else
  // No signal tells of it: a thread looks.
  try {
    std::thread([parent] {
      while (getppid() == static_cast<pid_t>(parent)) {
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
      }
      kill(getpid(), SIGKILL);
    }).detach();
  } catch (...) {
    // Without a thread the closed channel still tells, between two tasks.
  }
#endif
  if (getppid() != static_cast<pid_t>(parent)) _exit(1);
}

void* mapPage(int fd, std::size_t bytes) noexcept {
  void* const memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  return memory == MAP_FAILED ? nullptr : memory;
}

}  // namespace everycore

#endif
