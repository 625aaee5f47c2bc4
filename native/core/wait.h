// What a kernel asks whose units wait for one another.
#pragma once

#include <stdint.h>

namespace everycore {

// For a unit that waits for one before it, which another thread runs: called between two looks.
// False when that one may never end, since the job has been cancelled.
bool keepWaiting(int64_t looks) noexcept;

}  // namespace everycore
