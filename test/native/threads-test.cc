// Threads and jobs: every chunk runs once, phases in order, cancelling and stopping always settle.
#include "core/threads.h"

#include <chrono>
#include <future>

#include "check.h"

using namespace everycore;

namespace {

// A kernel that counts how often each unit of a phase ran, in its first view; the second phase
// checks that the first is complete, in its second view.
template <int phase>
void countUnits(const Call& call, Range range, void*) noexcept {
  int32_t* const seen = call.views[phase].as<int32_t>();
  for (int64_t i = range.begin; i < range.end; ++i) {
    if (phase == 1 && call.views[0].as<int32_t>()[i] != 1) seen[i] += 100;
    ++seen[i];
  }
}

void sleepLong(const Call&, Range range, void*) noexcept {
  std::this_thread::sleep_for(std::chrono::microseconds(200 * (range.end - range.begin)));
}

constexpr KernelEntry counting{"counting", Dtype::i32, {countUnits<0>, countUnits<1>}};
constexpr KernelEntry sleeping{"sleeping", Dtype::i32, {sleepLong}};

struct Counted {
  std::shared_ptr<Job> job = std::make_shared<Job>();
  std::vector<int32_t> seen[2];
  std::promise<JobStatus> settled;
  std::atomic<int> settledTimes{0};

  Counted(const KernelEntry& kernel, int64_t units, int64_t chunk, int phases) {
    for (auto& each : seen) each.assign(static_cast<size_t>(units), 0);
    for (auto& each : seen)
      job->views.push_back({each.data(), {1, 1, units}, {0, 0, 1}, Dtype::i32});
    JobCall call{&kernel, {job->views.data(), nullptr, nullptr, 2, 0}, {}, {}, 0};
    for (int phase = 0; phase < phases; ++phase) {
      call.units[phase] = units;
      call.quantum[phase] = 3;
      for (int64_t begin = 0; begin < units; begin += chunk)
        job->chunks.push_back({0, 1, begin, std::min(units, begin + chunk)});
      job->phaseEnd.push_back(static_cast<uint32_t>(job->chunks.size()));
    }
    job->calls.push_back(call);
    job->onSettled = [this](JobStatus status) {
      if (settledTimes.fetch_add(1) == 0) settled.set_value(status);
    };
  }
};

}  // namespace

TEST(everyUnitOfEveryPhaseRunsOnce) {
  Threads threads(3);
  for (int64_t units : {1, 2, 7, 100, 1000}) {
    for (int64_t chunk : {1, 3, 1000}) {
      Counted counted(counting, units, chunk, 2);
      threads.submit(counted.job);
      CHECK(counted.settled.get_future().get() == JobStatus::done);
      for (int32_t times : counted.seen[0]) CHECK(times == 1);
      for (int32_t times : counted.seen[1]) CHECK(times == 1);
      CHECK(counted.job->progress() == static_cast<uint64_t>(2 * units));
      CHECK(counted.job->settled());
    }
  }
}

TEST(manyJobsInFlightAllSettleOnce) {
  Threads threads(4);
  std::vector<std::unique_ptr<Counted>> jobs;
  for (int i = 0; i < 300; ++i)
    jobs.push_back(std::make_unique<Counted>(counting, 50, 7, 1 + i % 2));
  for (auto& job : jobs) threads.submit(job->job);
  for (auto& job : jobs) CHECK(job->settled.get_future().get() == JobStatus::done);
  for (auto& job : jobs) CHECK(job->settledTimes == 1);
}

TEST(aJobWithoutChunksSettlesAtOnce) {
  Threads threads(1);
  Counted counted(counting, 0, 1, 1);
  threads.submit(counted.job);
  CHECK(counted.settledTimes == 1);
}

TEST(aCancelledJobSettlesAndStopsEarly) {
  Threads threads(2);
  Counted counted(sleeping, 100'000, 50'000, 1);  // ten seconds a chunk
  threads.submit(counted.job);
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  counted.job->cancel();
  auto settled = counted.settled.get_future();
  CHECK(settled.wait_for(std::chrono::seconds(5)) == std::future_status::ready);
  CHECK(settled.get() == JobStatus::cancelled);
}

TEST(stoppingSettlesWhatRunsAndWhatWaits) {
  std::vector<std::unique_ptr<Counted>> jobs;
  for (int i = 0; i < 20; ++i)
    jobs.push_back(std::make_unique<Counted>(sleeping, 100'000, 50'000, 1));
  {
    Threads threads(2);
    for (auto& job : jobs) threads.submit(job->job);
    threads.stop();
  }
  for (auto& job : jobs) CHECK(job->settledTimes == 1);
  for (auto& job : jobs) CHECK(job->settled.get_future().get() == JobStatus::cancelled);
}

TEST(aJobSubmittedAfterStoppingIsSettled) {
  Threads threads(2);
  threads.stop();
  Counted counted(counting, 100, 3, 2);
  threads.submit(counted.job);
  CHECK(counted.settledTimes == 1);
  CHECK(counted.settled.get_future().get() == JobStatus::cancelled);
}

TEST(threadsEndByThemselvesAfterStopping) {
  Threads threads(3);
  CHECK(!threads.ended());
  threads.stop();
  for (int i = 0; i < 5000 && !threads.ended(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  CHECK(threads.ended());
}

TEST(threadsThatSleepAreWoken) {
  Threads threads(2);
  for (int i = 0; i < 200; ++i) {
    if (i % 20 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    Counted counted(counting, 4, 1, 2);
    threads.submit(counted.job);
    auto settled = counted.settled.get_future();
    CHECK(settled.wait_for(std::chrono::seconds(20)) == std::future_status::ready);
  }
}

TEST(manyThreadsSubmitAndCancelAtOnce) {
  Threads threads(3);
  std::vector<std::thread> users;
  for (int user = 0; user < 3; ++user) {
    users.emplace_back([&threads] {
      for (int i = 0; i < 100; ++i) {
        Counted counted(counting, 200, 5, 2);
        threads.submit(counted.job);
        if (i % 3 == 0) counted.job->cancel();
        counted.settled.get_future().wait();
        CHECK(counted.settledTimes == 1);
      }
    });
  }
  for (auto& user : users) user.join();
}
