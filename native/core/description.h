// A job's description: the flat numbers that src/executors/packing.ts writes, read in the same
// order. Nothing is trusted: a description that is wrong throws std::runtime_error, and one that is
// accepted makes no kernel look outside its arrays.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/job.h"

namespace everycore {

// One typed array of a job.
struct ArrayInfo {
  Dtype dtype;
  void* data;
  int64_t length;
};

class Reader {
 public:
  Reader(const double* data, std::size_t length) : data_(data), length_(length) {}
  double number();
  int64_t integer();
  // How many of something the description holds: no more than it has numbers.
  std::size_t count();
  std::size_t bytes();

 private:
  const double* data_;
  std::size_t length_;
  std::size_t at_ = 0;
};

// Fills views, params, calls and scratchBytes of a job, whatever they were before.
void readCalls(Reader& reader, const std::vector<ArrayInfo>& arrays, Job& job);

// Fills chunks and phaseEnd of a fresh job whose calls have been read.
void readChunks(Reader& reader, Job& job);

}  // namespace everycore
