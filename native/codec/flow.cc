#include "codec/flow.h"

#include <algorithm>
#include <cstring>

namespace everycore {
namespace {

// Where a row ends kernels may load a whole vector, which in a picture would hold the next row.
constexpr size_t slack = 256;

// Rows of an answer that a second phase makes at a time.
constexpr int64_t pieceRows = 16;

int64_t ceilDiv(int64_t count, int64_t by) { return (count + by - 1) / by; }

int64_t rowBytesOf(const View& image) {
  return image.shape[1] * image.shape[2] * dtypeBytes(image.dtype);
}

}  // namespace

Flow::Flow(const View& pixels, const JobCall* calls, const RowReading* readings, int count,
           int64_t strip, void* scratch)
    : pixels_(pixels), coming_(strip), inAStrip_(strip), scratch_(scratch) {
  stages_.reserve(2 * static_cast<size_t>(count) + 1);
  for (int i = 0; i < count; ++i) addCall(calls[i], readings[i]);
}

void Flow::addCall(const JobCall& job, const RowReading& reading) {
  Stage& stage = addStage(job, 0, reading);
  const View& input = stage.views[0];
  stage.rowBytes = rowBytesOf(input);
  stage.views[0].stride[0] = input.shape[1] * input.shape[2];
  const int64_t rows =
      reading.units == reading.rows ? stage.unitCount : stage.stepCount * reading.rows;
  stage.wantedEnd = std::min(input.shape[0], reading.first + rows + reading.around);
  // The first call's decoder can leave out rows, later ones are given all.
  if (stages_.size() == 1) stage.begin = std::max<int64_t>(0, reading.first - reading.around);
  stage.end = stage.begin;
  stage.stepsAtOnce = stage.stepCount;
  stage.room = waiting(stage) + coming_;
  coming_ = madeOf(stage, coming_);
  inAStrip_ = madeOf(stage, inAStrip_);
  if (reading.needs == nullptr) return;
  stage.fillsShared = true;
  stage.rowsMade = stage.unitCount;
  Stage& second = addStage(job, 1, {0, 1, 1, 0, reading.sharedRow, reading.needs});
  second.readsShared = true;
  second.rowBytes = reading.sharedRow;
  second.wantedEnd = stage.rowsMade;
  second.stepsAtOnce = pieceRows;
  second.room = waiting(second) + coming_;
  coming_ = pieceRows;
  inAStrip_ = madeOf(second, inAStrip_);
}

Flow::Stage& Flow::addStage(const JobCall& job, int phase, const RowReading& reading) {
  Stage& stage = stages_.emplace_back();
  stage.call = job.call;
  std::copy_n(job.call.views, job.call.viewCount, stage.views);
  stage.run = job.kernel->phases[phase];
  stage.reading = reading;
  stage.unitCount = job.units[phase];
  stage.stepCount = ceilDiv(stage.unitCount, reading.units);
  stage.rowsMade = job.call.views[job.call.viewCount - 1].shape[0];
  return stage;
}

// What a step reads, of which less than all is waiting.
int64_t Flow::waiting(const Stage& stage) const {
  const RowReading& reading = stage.reading;
  if (!stage.readsShared) return reading.rows + 2 * reading.around;
  int64_t most = 0;
  for (int64_t u = 0; u < stage.unitCount; ++u) {
    most = std::max<int64_t>(most, reading.needs[2 * u + 1] - reading.needs[2 * u]);
  }
  return most;
}

// The most rows that a stage makes of so many.
int64_t Flow::madeOf(const Stage& stage, int64_t rows) const {
  const RowReading& reading = stage.reading;
  if (!stage.readsShared) return ceilDiv(waiting(stage) + rows, reading.rows) * reading.rows;
  int64_t most = 0;
  for (int64_t first = 0, u = 0; u < stage.unitCount; ++u) {
    while (reading.needs[2 * u + 1] - reading.needs[2 * first + 1] > rows) ++first;
    most = std::max(most, u + 1 - first);
  }
  return most;
}

void Flow::holdRows(const View& answer) {
  Stage& stage = stages_.emplace_back();
  stage.rowBytes = rowBytesOf(answer);
  stage.wantedEnd = answer.shape[0];
  stage.room = inAStrip_;
}

bool Flow::allocateMemory() {
  for (Stage& stage : stages_) {
    const size_t bytes = static_cast<size_t>(stage.room * stage.rowBytes) + slack;
    if (!stage.memory.allocate(bytes)) return false;
  }
  return true;
}

void Flow::take(unsigned char* rows, int64_t count) {
  Stage& first = stages_.front();
  if (first.run == nullptr || first.begin < first.end || first.reading.around > 0) {
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
  if (stage.run == nullptr) return;
  runSteps(index, stage.memory.get());
  keepNeeded(stage);
}

void Flow::keepNeeded(Stage& stage) {
  unsigned char* const held = stage.memory.get();
  const int64_t begin = firstKept(stage);
  std::memmove(held, held + (begin - stage.begin) * stage.rowBytes,
               static_cast<size_t>((stage.end - begin) * stage.rowBytes));
  stage.begin = begin;
}

void Flow::runSteps(size_t index, unsigned char* held) {
  const int64_t ready = stepsReady(stages_[index]);
  while (stages_[index].done < ready) {
    runStepsUntil(index, held, std::min(ready, stages_[index].done + stages_[index].stepsAtOnce));
  }
}

void Flow::runStepsUntil(size_t index, unsigned char* held, int64_t ready) {
  Stage& stage = stages_[index];
  const RowReading& reading = stage.reading;
  const Range range{stage.done * reading.units, std::min(ready * reading.units, stage.unitCount)};
  // Rows are where they would be if all those before them were there too.
  unsigned char* const input = held - stage.begin * stage.rowBytes;
  if (stage.readsShared) {
    stage.call.shared = input;
  } else {
    stage.views[0].data = input;
  }
  stage.call.views = stage.views;
  const bool last = index + 1 == stages_.size();
  if (!last) {
    Stage& next = stages_[index + 1];
    unsigned char* const output = next.memory.get() - next.begin * next.rowBytes;
    View& view = stage.views[stage.call.viewCount - 1];
    if (stage.fillsShared) {
      stage.call.shared = output;
    } else {
      view.stride[0] = view.shape[1] * view.shape[2];
      view.data = output;
    }
  }
  stage.run(stage.call, range, scratch_);
  const auto written = [&](int64_t steps) {
    return std::min(steps * reading.rows, stage.rowsMade);
  };
  const int64_t rows = written(ready) - written(stage.done);
  stage.done = ready;
  if (!last) add(index + 1, rows);
}

int64_t Flow::stepsReady(const Stage& stage) {
  const RowReading& reading = stage.reading;
  if (stage.end >= stage.wantedEnd) return stage.stepCount;
  if (stage.readsShared) {
    int64_t steps = stage.done;
    while (steps < stage.stepCount && reading.needs[2 * steps + 1] <= stage.end) ++steps;
    return steps;
  }
  const int64_t rows = stage.end - reading.around - reading.first;
  return rows <= 0 ? 0 : std::min(rows / reading.rows, stage.stepCount);
}

int64_t Flow::firstKept(const Stage& stage) {
  if (stage.done == stage.stepCount) return stage.end;
  const RowReading& reading = stage.reading;
  const int64_t next = stage.readsShared
                           ? reading.needs[2 * stage.done]
                           : reading.first + stage.done * reading.rows - reading.around;
  return std::clamp(next, stage.begin, stage.end);
}

Flow::Rows Flow::held() const {
  const Stage& last = stages_.back();
  return {last.memory.get(), last.begin, last.end};
}

void Flow::drop(int64_t rows) {
  Stage& last = stages_.back();
  unsigned char* const held = last.memory.get();
  last.begin += rows;
  std::memmove(held, held + rows * last.rowBytes,
               static_cast<size_t>((last.end - last.begin) * last.rowBytes));
}

}  // namespace everycore
