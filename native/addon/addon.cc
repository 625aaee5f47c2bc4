// Pools and jobs: unpacks what src/executors/packing.ts packed, checks that every view lies inside
// its array, and settles promises.

#include "addon/addon.h"

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/cpu.h"
#include "core/description.h"
#include "core/job.h"
#include "core/memory.h"
#include "core/registry.h"
#include "core/threads.h"

namespace everycore {
namespace {

// The typed arrays of a job, looked up once each.
void readArrays(napi_env env, napi_value array, std::vector<ArrayInfo>& arrays) {
  uint32_t count = 0;
  if (napi_get_array_length(env, array, &count) != napi_ok)
    throw std::runtime_error("an array of typed arrays was expected");
  arrays.resize(count);
  for (uint32_t i = 0; i < count; ++i) {
    napi_value element;
    napi_typedarray_type type;
    size_t length = 0;
    size_t offset = 0;
    void* data = nullptr;
    if (napi_get_element(env, array, i, &element) != napi_ok ||
        napi_get_typedarray_info(env, element, &type, &length, &data, nullptr, &offset) !=
            napi_ok ||
        static_cast<int>(type) >= dtypeCount) {
      throw std::runtime_error("a typed array was expected");
    }
    arrays[i] = {static_cast<Dtype>(type), data, static_cast<int64_t>(length)};
  }
}

Reader readerOf(const Napi::CallbackInfo& info, size_t position) {
  napi_typedarray_type type;
  size_t length = 0;
  size_t offset = 0;
  void* data = nullptr;
  if (napi_get_typedarray_info(info.Env(), info[position], &type, &length, &data, nullptr,
                               &offset) != napi_ok ||
      type != napi_float64_array) {
    throw std::runtime_error("a Float64Array was expected as description");
  }
  return Reader(static_cast<const double*>(data), length);
}

Isa isaNamed(const std::string& name) {
  for (int level = 0; level < isaCount; ++level) {
    const Isa isa = static_cast<Isa>(level);
    if (name == isaName(isa) && isaUsable(isa)) return isa;
  }
  throw std::runtime_error("this CPU level is not usable here: " + name);
}

// Pools that were closed are kept until their threads have ended, but no more than this many.
constexpr size_t closingMax = 64;

// Settled jobs on their way to the JavaScript thread. Outlives its environment: a thread may settle
// a job after the environment has gone, and then nobody listens.
struct Inbox {
  std::mutex mutex;
  std::vector<std::pair<double, JobStatus>> settled;
  napi_threadsafe_function doorbell = nullptr;
  bool rung = false;

  void put(double id, JobStatus status) {
    std::lock_guard lock(mutex);
    if (doorbell == nullptr) return;
    settled.emplace_back(id, status);
    if (rung) return;
    rung = true;
    napi_call_threadsafe_function(doorbell, nullptr, napi_tsfn_nonblocking);
  }
};

// One per environment (main thread, worker thread, …).
class Addon : public Napi::Addon<Addon> {
 public:
  Addon(Napi::Env env, Napi::Object exports) : inbox_(std::make_shared<Inbox>()) {
    DefineAddon(exports, {
                             InstanceMethod("isas", &Addon::isas),
                             InstanceMethod("kernels", &Addon::kernels),
                             InstanceMethod("find", &Addon::find),
                             InstanceMethod("run", &Addon::run),
                             InstanceMethod("openPool", &Addon::openPool),
                             InstanceMethod("closePool", &Addon::closePool),
                             InstanceMethod("submit", &Addon::submit),
                             InstanceMethod("cancel", &Addon::cancel),
                             InstanceMethod("progress", &Addon::progress),
                         });
    exportMemory(env, exports);
    exportCodecs(env, exports);
    napi_value name = Napi::String::New(env, "everycore");
    NAPI_THROW_IF_FAILED_VOID(
        env, napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, nullptr, nullptr,
                                             this, onDoorbell, &inbox_->doorbell));
    napi_unref_threadsafe_function(env, inbox_->doorbell);
    // Runs before the doorbell's own cleanup, which was registered earlier.
    napi_add_env_cleanup_hook(env, onEnvironmentEnd, this);
  }

 private:
  struct Live {
    std::shared_ptr<Job> job;
    napi_deferred deferred;
    napi_ref arrays;  // keeps the typed arrays, and with them their buffers, alive
  };

  Napi::Value isas(const Napi::CallbackInfo& info) {
    Napi::Array names = Napi::Array::New(info.Env());
    for (int level = 0; level < isaCount; ++level) {
      const Isa isa = static_cast<Isa>(level);
      if (isaUsable(isa)) names.Set(names.Length(), isaName(isa));
    }
    return names;
  }

  Napi::Value kernels(const Napi::CallbackInfo& info) {
    return guarded(info, [&]() -> Napi::Value {
      Napi::Array list = Napi::Array::New(info.Env());
      for (const KernelEntry* entry : kernelsOf(isaNamed(info[0].ToString()))) {
        Napi::Object row = Napi::Object::New(info.Env());
        row.Set("name", entry->name);
        row.Set("dtype", static_cast<int>(entry->dtype));
        list.Set(list.Length(), row);
      }
      return list;
    });
  }

  // (isa, name, dtype) → the kernel's number, or -1.
  Napi::Value find(const Napi::CallbackInfo& info) {
    return guarded(info, [&]() -> Napi::Value {
      const Isa isa = isaNamed(info[0].ToString());
      const std::string name = info[1].ToString();
      const int dtype = info[2].ToNumber().Int32Value();
      return Napi::Number::New(info.Env(),
                               kernelNumber(isa, name.c_str(), static_cast<Dtype>(dtype)));
    });
  }

  // (description, arrays): runs the calls here, now.
  Napi::Value run(const Napi::CallbackInfo& info) {
    return guarded(info, [&]() -> Napi::Value {
      // The job's vectors are used again and again, so that a small call allocates nothing.
      Reader reader = readerOf(info, 0);
      readArrays(info.Env(), info[1], direct_.arrays);
      readCalls(reader, direct_.arrays, direct_.job);
      void* const scratch = direct_.job.scratchBytes > 0
                                ? direct_.scratch.reserve(direct_.job.scratchBytes)
                                : nullptr;
      if (direct_.job.scratchBytes > 0 && scratch == nullptr) throw std::bad_alloc();
      for (JobCall& call : direct_.job.calls) {
        Block shared;
        if (call.sharedBytes > 0) {
          shared = acquireBlock(call.sharedBytes);
          if (shared.data == nullptr) throw std::bad_alloc();
          call.call.shared = shared.data;
        }
        runCall(call, scratch);
        releaseBlock(shared);
      }
      return info.Env().Undefined();
    });
  }

  // (threads) → the pool's number. Throws when not one thread can be started.
  Napi::Value openPool(const Napi::CallbackInfo& info) {
    return guarded(info, [&]() -> Napi::Value {
      auto threads = std::make_unique<Threads>(info[0].ToNumber().Uint32Value());
      if (threads->count() == 0) throw std::runtime_error("the system refuses to start a thread");
      const double id = ++lastPool_;
      pools_.emplace(id, std::move(threads));
      return Napi::Number::New(info.Env(), id);
    });
  }

  // (pool): cancels what the pool has not done and lets its threads end. Waits for none: a job that
  // runs keeps its arrays until it has settled.
  Napi::Value closePool(const Napi::CallbackInfo& info) {
    return guarded(info, [&]() -> Napi::Value {
      const auto found = pools_.find(info[0].ToNumber().DoubleValue());
      if (found != pools_.end()) {
        found->second->stop();
        closing_.push_back(std::move(found->second));
        pools_.erase(found);
        reap();
      }
      return info.Env().Undefined();
    });
  }

  // Joins the threads of closed pools that have ended, and of the oldest ones where they pile up.
  void reap() {
    std::erase_if(closing_, [](const auto& threads) { return threads->ended(); });
    while (closing_.size() > closingMax) closing_.pop_front();
  }

  // (pool, job number, description, arrays) → promise of 'done' | 'cancelled'; rejects without
  // memory. The numbers of jobs that have not settled are unique in the environment.
  Napi::Value submit(const Napi::CallbackInfo& info) {
    return guarded(info, [&]() -> Napi::Value {
      const auto pool = pools_.find(info[0].ToNumber().DoubleValue());
      if (pool == pools_.end()) throw std::runtime_error("the pool is closed");
      const double id = info[1].ToNumber().DoubleValue();
      auto job = std::make_shared<Job>();
      Reader reader = readerOf(info, 2);
      std::vector<ArrayInfo> arrays;
      readArrays(info.Env(), info[3], arrays);
      readCalls(reader, arrays, *job);
      readChunks(reader, *job);
      if (!job->allocateShared()) throw std::bad_alloc();
      job->onSettled = [inbox = inbox_, id](JobStatus status) { inbox->put(id, status); };

      const auto [live, added] = live_.try_emplace(id, Live{job, nullptr, nullptr});
      if (!added) throw std::runtime_error("a job of this number has not settled");
      napi_value promise;
      try {
        NAPI_THROW_IF_FAILED(info.Env(),
                             napi_create_reference(info.Env(), info[3], 1, &live->second.arrays),
                             Napi::Value());
        NAPI_THROW_IF_FAILED(info.Env(),
                             napi_create_promise(info.Env(), &live->second.deferred, &promise),
                             Napi::Value());
        pool->second->submit(std::move(job));
      } catch (...) {
        if (live->second.arrays != nullptr) napi_delete_reference(info.Env(), live->second.arrays);
        live_.erase(live);
        throw;
      }
      if (live_.size() == 1) napi_ref_threadsafe_function(info.Env(), inbox_->doorbell);
      return Napi::Value(info.Env(), promise);
    });
  }

  Napi::Value cancel(const Napi::CallbackInfo& info) {
    const auto live = live_.find(info[0].ToNumber().DoubleValue());
    if (live != live_.end()) live->second.job->cancel();
    return info.Env().Undefined();
  }

  // (job number) → calls and units done; -1 when the job has settled.
  Napi::Value progress(const Napi::CallbackInfo& info) {
    const auto live = live_.find(info[0].ToNumber().DoubleValue());
    const double done =
        live == live_.end() ? -1 : static_cast<double>(live->second.job->progress());
    return Napi::Number::New(info.Env(), done);
  }

  // On the JavaScript thread: settles the promises of all jobs in the inbox.
  // An environment that is being terminated refuses calls: nothing in here throws.
  static void onDoorbell(napi_env env, napi_value, void* context, void*) {
    if (env == nullptr) return;  // the environment is ending
    static_cast<Addon*>(context)->settle(env);
  }

  void settle(napi_env env) {
    std::vector<std::pair<double, JobStatus>> settled;
    {
      std::lock_guard lock(inbox_->mutex);
      settled.swap(inbox_->settled);
      inbox_->rung = false;
    }
    for (const auto& [id, status] : settled) {
      const auto found = live_.find(id);
      if (found == live_.end()) continue;
      const Live live = std::move(found->second);
      live_.erase(found);
      napi_delete_reference(env, live.arrays);
      settle(env, live.deferred, status);
    }
    if (live_.empty()) napi_unref_threadsafe_function(env, inbox_->doorbell);
  }

  static void settle(napi_env env, napi_deferred deferred, JobStatus status) {
    const char* const text = status == JobStatus::done        ? "done"
                             : status == JobStatus::cancelled ? "cancelled"
                                                              : noMemoryText;
    napi_value string;
    napi_value error;
    if (napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &string) != napi_ok) return;
    if (status != JobStatus::outOfMemory) {
      napi_resolve_deferred(env, deferred, string);
    } else if (napi_create_range_error(env, nullptr, string, &error) == napi_ok) {
      napi_reject_deferred(env, deferred, error);
    }
  }

  // The buffers of this environment are about to go: no thread may touch them any more.
  static void onEnvironmentEnd(void* self) {
    Addon& addon = *static_cast<Addon*>(self);
    for (const auto& [id, threads] : addon.pools_) threads->stop();
    addon.pools_.clear();
    addon.closing_.clear();
    std::lock_guard lock(addon.inbox_->mutex);
    addon.inbox_->doorbell = nullptr;
  }

  struct Direct {
    Job job;
    std::vector<ArrayInfo> arrays;
    Scratch scratch;
  };

  std::shared_ptr<Inbox> inbox_;
  std::unordered_map<double, std::unique_ptr<Threads>> pools_;
  std::deque<std::unique_ptr<Threads>> closing_;
  std::unordered_map<double, Live> live_;
  double lastPool_ = 0;
  Direct direct_;
};

}  // namespace
}  // namespace everycore

using EverycoreAddon = everycore::Addon;
NODE_API_ADDON(EverycoreAddon)
