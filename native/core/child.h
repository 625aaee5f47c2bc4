// What a worker process needs of the operating system and JavaScript cannot do.
#ifndef EVERYCORE_CORE_CHILD_H_
#define EVERYCORE_CORE_CHILD_H_

#include <cstddef>

namespace everycore {

// From now on this process is killed when its parent ends, whatever it is doing. If the parent has
// ended already, the process ends here.
void dieWithParent(long parent) noexcept;

// Maps the first bytes of a file that another process sees too; nullptr when that is not possible.
// The mapping stays until the process ends.
void* mapPage(int fd, std::size_t bytes) noexcept;

}  // namespace everycore

#endif  // EVERYCORE_CORE_CHILD_H_
