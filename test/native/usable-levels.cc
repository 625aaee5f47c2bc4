// Prints the CPU levels that this machine can run, for CMake: native/core/cpu.cc itself is asked.
#include <cstdio>

#include "core/cpu.cc"

int main() {
  for (int level = 0; level < everycore::isaCount; ++level) {
    const everycore::Isa isa = static_cast<everycore::Isa>(level);
    if (everycore::isaUsable(isa)) std::printf("%s;", everycore::isaName(isa));
  }
}
