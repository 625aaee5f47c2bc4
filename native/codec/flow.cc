#include "codec/flow.h"

#include <algorithm>
#include <cstring>

namespace everycore {
namespace {

// Where a row ends kernels may load a whole vector, which in a picture would hold the next row.
constexpr size_t slack = 256;

int64_t ceilDiv(int64_t count, int64_t by) { return (count + by - 1) / by; }

}  // namespace

Flow::Flow(const JobCall* calls, const RowReading* readings, int count, int64_t strip,
           void* scratch)
    : scratch_(scratch) {
  int64_t coming = strip;
  for (int i = 0; i < count; ++i) {
    const JobCall& job = calls[i];
    const RowReading& reading = readings[i];
    Stage& stage = stages_.emplace_back();
    stage.call = job.call;
    std::copy_n(job.call.views, job.call.viewCount, stage.views);
    stage.run = job.kernel->phases[0];
    stage.reading = reading;
    stage.unitCount = job.units[0];
    stage.stepCount = ceilDiv(stage.unitCount, reading.units);
    View& input = stage.views[0];
    input.stride[0] = input.shape[1] * input.shape[2];
    stage.rowBytes = input.stride[0] * dtypeBytes(input.dtype);
    const int64_t rows =
        reading.units == reading.rows ? stage.unitCount : stage.stepCount * reading.rows;
    stage.wantedEnd = std::min(input.shape[0], reading.first + rows + reading.around);
    // The first call's decoder can leave out rows, later ones are given all.
    stage.begin = i == 0 ? std::max<int64_t>(0, reading.first - reading.around) : 0;
    stage.end = stage.begin;
    // What a step reads, of which less than all is waiting, and what comes.
    stage.room = reading.rows + 2 * reading.around + coming;
    coming = ceilDiv(stage.room, reading.rows) * reading.rows;
  }
}

bool Flow::allocateMemory() {
  for (Stage& stage : stages_) {
    const size_t bytes = static_cast<size_t>(stage.room * stage.rowBytes) + slack;
    stage.memory.reset(static_cast<unsigned char*>(std::malloc(bytes)));
    if (!stage.memory) return false;
  }
  return true;
}

void Flow::take(unsigned char* rows, int64_t count) {
  Stage& first = stages_.front();
  if (first.begin < first.end || first.reading.around > 0) {
    unsigned char* const next = first.memory.get() + (first.end - first.begin) * first.rowBytes;
    std::memcpy(next, rows, static_cast<size_t>(count * first.rowBytes));
    return add(0, count);
  }
  // Nothing is waiting: these rows are used where they are, and what remains of them is kept.
  const int64_t begin = first.begin;
  first.end += count;
  runSteps(0, rows);
  first.begin = firstKept(first);
  std::memcpy(first.memory.get(), rows + (first.begin - begin) * first.rowBytes,
              static_cast<size_t>((first.end - first.begin) * first.rowBytes));
}

// Rows that have been written behind those that the stage holds.
void Flow::add(size_t index, int64_t rows) {
  Stage& stage = stages_[index];
  stage.end += rows;
  unsigned char* const held = stage.memory.get();
  runSteps(index, held);
  const int64_t begin = firstKept(stage);
  std::memmove(held, held + (begin - stage.begin) * stage.rowBytes,
               static_cast<size_t>((stage.end - begin) * stage.rowBytes));
  stage.begin = begin;
}

void Flow::runSteps(size_t index, unsigned char* held) {
  Stage& stage = stages_[index];
  const int64_t ready = stepsReady(stage);
  if (ready <= stage.done) return;
  const RowReading& reading = stage.reading;
  const Range range{stage.done * reading.units, std::min(ready * reading.units, stage.unitCount)};
  stage.views[0].data = held - stage.begin * stage.rowBytes;
  stage.call.views = stage.views;
  const bool last = index + 1 == stages_.size();
  View& output = stage.views[stage.call.viewCount - 1];
  if (!last) {
    Stage& next = stages_[index + 1];
    output.stride[0] = output.shape[1] * output.shape[2];
    output.data = next.memory.get() - next.begin * next.rowBytes;
  }
  stage.run(stage.call, range, scratch_);
  const auto written = [&](int64_t steps) {
    return std::min(steps * reading.rows, output.shape[0]);
  };
  const int64_t rows = written(ready) - written(stage.done);
  stage.done = ready;
  if (!last) add(index + 1, rows);
}

int64_t Flow::stepsReady(const Stage& stage) {
  if (stage.end >= stage.wantedEnd) return stage.stepCount;
  const int64_t rows = stage.end - stage.reading.around - stage.reading.first;
  return rows <= 0 ? 0 : std::min(rows / stage.reading.rows, stage.stepCount);
}

int64_t Flow::firstKept(const Stage& stage) {
  if (stage.done == stage.stepCount) return stage.end;
  const int64_t next = stage.reading.first + stage.done * stage.reading.rows - stage.reading.around;
  return std::clamp(next, stage.begin, stage.end);
}

}  // namespace everycore
