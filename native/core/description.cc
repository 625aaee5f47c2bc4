#include "core/description.h"

#include <stdexcept>

#include "core/registry.h"

namespace everycore {
namespace {

// Integers up to here are exact in a double.
constexpr double integerMax = 9007199254740991.0;

void require(bool holds, const char* otherwise) {
  if (!holds) throw std::runtime_error(otherwise);
}

// A view is accepted only if every element it can reach lies inside its array.
View readView(Reader& reader, const std::vector<ArrayInfo>& arrays) {
  const std::size_t index = reader.count();
  require(index < arrays.size(), "a view names an array that is not there");
  const ArrayInfo& array = arrays[index];
  View view{};
  view.dtype = array.dtype;
  const int64_t offset = reader.integer();
  for (int64_t& length : view.shape) length = reader.integer();
  for (int64_t& stride : view.stride) stride = reader.integer();
  int64_t low = offset;
  int64_t high = offset;
  bool empty = false;
  for (int axis = 0; axis < 3; ++axis) {
    const int64_t length = view.shape[axis];
    require(length >= 0, "a view has a negative length");
    if (length == 0) {
      empty = true;
      continue;
    }
    int64_t reach = 0;
    bool overflows = __builtin_mul_overflow(length - 1, view.stride[axis], &reach);
    int64_t& side = reach < 0 ? low : high;
    overflows = overflows || __builtin_add_overflow(side, reach, &side);
    require(!overflows, "a view is too large");
  }
  if (empty) return view;
  require(low >= 0 && high < array.length,
          "a view reaches outside its array (was the buffer detached?)");
  view.data = static_cast<char*>(array.data) + offset * dtypeBytes(view.dtype);
  return view;
}

// Appends the views and parameters of one call; the job has room for as many as were announced.
void readCall(Reader& reader, const std::vector<ArrayInfo>& arrays, Job& job, JobCall& call) {
  call.kernel = kernelByNumber(reader.number());
  require(call.kernel != nullptr, "no kernel has this number");
  const std::size_t viewCount = reader.count();
  const std::size_t paramCount = reader.count();
  call.sharedBytes = reader.bytes();
  for (int phase = 0; phase < maxPhases; ++phase) {
    call.units[phase] = reader.integer();
    require(call.units[phase] >= 0, "a phase has a negative length");
    require(call.units[phase] == 0 || call.kernel->phases[phase] != nullptr,
            "the kernel has fewer phases than the call");
  }
  for (int64_t& quantum : call.quantum) quantum = reader.integer();
  // More would move the memory that earlier calls point into.
  require(job.views.size() + viewCount <= job.views.capacity() &&
              job.params.size() + paramCount <= job.params.capacity(),
          "there are more views or parameters than announced");
  call.call = {job.views.data() + job.views.size(), job.params.data() + job.params.size(), nullptr,
               static_cast<uint32_t>(viewCount), static_cast<uint32_t>(paramCount)};
  for (std::size_t i = 0; i < viewCount; ++i) job.views.push_back(readView(reader, arrays));
  for (std::size_t i = 0; i < paramCount; ++i) job.params.push_back(reader.number());
  require(viewCount > 0 && call.call.views[0].dtype == call.kernel->dtype,
          "the first view has another dtype than the kernel");
}

Chunk readChunk(Reader& reader, const Job& job, std::size_t phase, bool onlyPhase) {
  const std::size_t call = reader.count();
  const std::size_t callEnd = reader.count();
  const int64_t begin = reader.integer();
  const int64_t end = reader.integer();
  require(call < callEnd && callEnd <= job.calls.size(), "a chunk names calls that are not there");
  if (begin < 0) {
    require(onlyPhase, "whole calls go in one phase");
  } else {
    require(callEnd == call + 1 && begin <= end && end <= job.calls[call].units[phase],
            "a chunk is out of range");
  }
  return {static_cast<uint32_t>(call), static_cast<uint32_t>(callEnd), begin, end};
}

}  // namespace

double Reader::number() {
  require(at_ < length_, "the job's description ends too early");
  return data_[at_++];
}

int64_t Reader::integer() {
  const double value = number();
  require(value >= -integerMax && value <= integerMax, "an integer is out of range");
  return static_cast<int64_t>(value);
}

std::size_t Reader::count() {
  const double value = number();
  require(value >= 0 && value <= static_cast<double>(length_), "a count is out of range");
  return static_cast<std::size_t>(value);
}

std::size_t Reader::bytes() {
  const double value = number();
  require(value >= 0 && value <= integerMax, "a size is out of range");
  return static_cast<std::size_t>(value);
}

void readCalls(Reader& reader, const std::vector<ArrayInfo>& arrays, Job& job) {
  job.calls.resize(reader.count());
  job.views.clear();
  job.views.reserve(reader.count());
  job.params.clear();
  job.params.reserve(reader.count());
  job.scratchBytes = reader.bytes();
  for (JobCall& call : job.calls) readCall(reader, arrays, job, call);
}

void readChunks(Reader& reader, Job& job) {
  const std::size_t phaseCount = reader.count();
  require(phaseCount <= maxPhases, "a job has too many phases");
  for (std::size_t phase = 0; phase < phaseCount; ++phase) {
    const std::size_t count = reader.count();
    job.chunks.reserve(job.chunks.size() + count);
    for (std::size_t i = 0; i < count; ++i)
      job.chunks.push_back(readChunk(reader, job, phase, phaseCount == 1));
    job.phaseEnd.push_back(static_cast<uint32_t>(job.chunks.size()));
  }
}

}  // namespace everycore
