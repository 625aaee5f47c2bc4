// The checks of the C++ tests: TEST(name) { CHECK(condition); } registers itself, main() runs all.
#pragma once

#include <cstdio>
#include <vector>

namespace check {

struct Test {
  const char* name;
  void (*body)();
};

inline std::vector<Test>& tests() {
  static std::vector<Test> all;
  return all;
}

inline int& failures() {
  static int count = 0;
  return count;
}

struct Registration {
  Registration(const char* name, void (*body)()) { tests().push_back({name, body}); }
};

inline void failed(const char* file, int line, const char* what) {
  // A broken loop should not fill the screen.
  if (++failures() <= 20) std::fprintf(stderr, "%s:%d: %s does not hold\n", file, line, what);
}

}  // namespace check

#define TEST(name)                                                        \
  static void test_##name();                                              \
  static const check::Registration registered_##name(#name, test_##name); \
  static void test_##name()

#define CHECK(condition) \
  ((condition) ? static_cast<void>(0) : check::failed(__FILE__, __LINE__, #condition))

// Passes when the statement throws an exception of this type.
#define CHECK_THROWS(type, statement)                                            \
  do {                                                                           \
    bool thrown = false;                                                         \
    try {                                                                        \
      statement;                                                                 \
    } catch (const type&) {                                                      \
      thrown = true;                                                             \
    }                                                                            \
    if (!thrown) check::failed(__FILE__, __LINE__, #statement " throws " #type); \
  } while (false)
