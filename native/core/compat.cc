// Keeps the binary loadable on Linux systems older than the one it was built on. Node itself asks
// for glibc 2.28; what our own compiler and C library would add above that is taken back here.
#if defined(__linux__)
#include <pthread.h>

// The static libstdc++ of newer compilers asks glibc 2.32 for this flag. Our own copy says "there
// may be several threads", which is always right.
extern "C" {
extern __attribute__((visibility("hidden"))) char __libc_single_threaded;
char __libc_single_threaded = 0;
}

// glibc 2.34 moved the first two into libc, 2.29 made pow set errno no more, and both gave them a
// new version; the old ones are still served. The linker sends every call here (--wrap in
// native/sources.gypi).
extern "C" {
#if defined(__GLIBC__) && defined(__x86_64__)
__asm__(".symver oldPthreadCreate, pthread_create@GLIBC_2.2.5");
__asm__(".symver oldPthreadJoin, pthread_join@GLIBC_2.2.5");
__asm__(".symver oldPow, pow@GLIBC_2.2.5");
#elif defined(__GLIBC__) && defined(__aarch64__)
__asm__(".symver oldPthreadCreate, pthread_create@GLIBC_2.17");
__asm__(".symver oldPthreadJoin, pthread_join@GLIBC_2.17");
__asm__(".symver oldPow, pow@GLIBC_2.17");
#else
#define oldPthreadCreate __real_pthread_create
#define oldPthreadJoin __real_pthread_join
#define oldPow __real_pow
#endif
int oldPthreadCreate(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
int oldPthreadJoin(pthread_t, void**);
double oldPow(double, double);

int __wrap_pthread_create(pthread_t* thread, const pthread_attr_t* attributes,
                          void* (*start)(void*), void* argument) {
  return oldPthreadCreate(thread, attributes, start, argument);
}
int __wrap_pthread_join(pthread_t thread, void** result) { return oldPthreadJoin(thread, result); }
double __wrap_pow(double base, double exponent) { return oldPow(base, exponent); }
}
#endif
