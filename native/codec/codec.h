// Reading and writing images through libvips, in the form of kernels: a job decodes, computes and
// encodes on the threads that run everything else. Unlike the kernels proper these allocate, fail
// and take long: they report failure in a view and stop the calls that follow in their chunk, and
// they stop early when their job is cancelled.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/kernel.h"

namespace everycore {

// The bytes of an encoded file, owned by libvips until they are freed.
struct Blob {
  void* data = nullptr;
  size_t bytes = 0;
};

// Takes a blob by the number that its encoder reported; empty when there is none (any more).
Blob takeBlob(double number) noexcept;
void freeBlob(Blob blob) noexcept;

// Asks the system to read a file that will be wanted soon. Does not wait.
void readAhead(int file) noexcept;

KernelList codecKernels() noexcept;

}  // namespace everycore
