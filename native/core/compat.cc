// Keeps the binary loadable on older systems: the static libstdc++ of newer compilers asks glibc 2.32
// for this flag. Our own copy says "there may be several threads", which is always right.
#if defined(__linux__)
extern "C" {
extern __attribute__((visibility("hidden"))) char __libc_single_threaded;
char __libc_single_threaded = 0;
}
#endif
