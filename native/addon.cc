// The boundary between JavaScript and the core, and the only file that includes Node-API. It
// unpacks what src/native.ts packed, checks that every view lies inside its array, and settles
// promises. JavaScript values are touched on the JavaScript thread alone; exceptions end here.

#include <napi.h>

#include <atomic>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "codec/codec.h"
#include "codec/vips.h"
#include "core/job.h"
#include "core/memory.h"
#include "core/registry.h"
#include "core/threads.h"

namespace everycore {
namespace {

// Kernels are handed to JavaScript as numbers: level · stride + position.
constexpr int kernelStride = 1 << 16;

const std::vector<const KernelEntry*>& kernelsOf(Isa isa) {
  static const auto* const tables = [] {
    auto* all = new std::vector<const KernelEntry*>[isaCount];
    for (int level = 0; level < isaCount; ++level) {
      for (int group = 0; group < groupCount; ++group) {
        const KernelList list = kernelGroup(static_cast<Isa>(level), group);
        for (int i = 0; i < list.count; ++i) all[level].push_back(&list.entries[i]);
      }
    }
    return all;
  }();
  return tables[static_cast<int>(isa)];
}

// Codecs are the same at every level; their numbers are those of a level behind the last.
constexpr int codecLevel = isaCount;

const KernelEntry* kernelById(double id) {
  const int number = static_cast<int>(id);
  const int level = number / kernelStride;
  if (level == codecLevel) {
    const int position = number % kernelStride;
    return position < codecKernels().count ? codecKernels().entries + position : nullptr;
  }
  if (number < 0 || level >= isaCount || !isaUsable(static_cast<Isa>(level))) return nullptr;
  const auto& kernels = kernelsOf(static_cast<Isa>(level));
  const size_t position = static_cast<size_t>(number % kernelStride);
  return position < kernels.size() ? kernels[position] : nullptr;
}

// Reads the numbers that src/native.ts wrote, in the same order.
class Reader {
 public:
  Reader(const double* data, size_t length) : data_(data), length_(length) {}
  double number() {
    if (at_ >= length_) throw std::runtime_error("the job's description ends too early");
    return data_[at_++];
  }
  int64_t integer() { return static_cast<int64_t>(number()); }
  size_t count() {
    const double value = number();
    // Nothing in a description can be more numerous than the description is long.
    if (!(value >= 0 && value <= static_cast<double>(length_)))
      throw std::runtime_error("a count is out of range");
    return static_cast<size_t>(value);
  }
  size_t bytes() {
    const double value = number();
    if (!(value >= 0 && value < 9007199254740992.0))
      throw std::runtime_error("a size is out of range");
    return static_cast<size_t>(value);
  }

 private:
  const double* data_;
  size_t length_;
  size_t at_ = 0;
};

// The typed arrays of a job, looked up once each.
struct Arrays {
  struct Entry {
    Dtype dtype;
    void* data;
    int64_t length;
  };
  std::vector<Entry> entries;

  void read(Napi::Env env, napi_value array) {
    uint32_t count = 0;
    if (napi_get_array_length(env, array, &count) != napi_ok)
      throw std::runtime_error("an array of typed arrays was expected");
    entries.resize(count);
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
      entries[i] = {static_cast<Dtype>(type), data, static_cast<int64_t>(length)};
    }
  }
};

// A view is accepted only if every element it can reach lies inside its array.
View readView(Reader& reader, const Arrays& arrays) {
  const size_t index = reader.count();
  if (index >= arrays.entries.size())
    throw std::runtime_error("a view names an array that is not there");
  const Arrays::Entry& array = arrays.entries[index];
  View view{};
  view.dtype = array.dtype;
  const int64_t offset = reader.integer();
  int64_t low = offset;
  int64_t high = offset;
  bool empty = false;
  for (int axis = 0; axis < 3; ++axis) view.shape[axis] = reader.integer();
  for (int axis = 0; axis < 3; ++axis) view.stride[axis] = reader.integer();
  for (int axis = 0; axis < 3; ++axis) {
    const int64_t length = view.shape[axis];
    if (length < 0) throw std::runtime_error("a view has a negative length");
    if (length == 0) {
      empty = true;
      continue;
    }
    int64_t reach = 0;
    if (__builtin_mul_overflow(length - 1, view.stride[axis], &reach) ||
        __builtin_add_overflow(reach < 0 ? low : high, reach, reach < 0 ? &low : &high)) {
      throw std::runtime_error("a view is too large");
    }
  }
  if (!empty && (low < 0 || high >= array.length)) {
    throw std::runtime_error("a view reaches outside its array (was the buffer detached?)");
  }
  view.data = empty ? nullptr : static_cast<char*>(array.data) + offset * dtypeBytes(view.dtype);
  return view;
}

// Fills the calls of a job; views and params are filled first because calls point into them.
void readCalls(Reader& reader, const Arrays& arrays, Job& job) {
  const size_t callCount = reader.count();
  const size_t viewCount = reader.count();
  const size_t paramCount = reader.count();
  job.scratchBytes = reader.bytes();
  job.calls.resize(callCount);
  job.views.clear();
  job.views.reserve(viewCount);
  job.params.clear();
  job.params.reserve(paramCount);
  for (JobCall& call : job.calls) {
    call.kernel = kernelById(reader.number());
    if (call.kernel == nullptr) throw std::runtime_error("no kernel has this number");
    call.call.viewCount = static_cast<uint32_t>(reader.count());
    call.call.paramCount = static_cast<uint32_t>(reader.count());
    call.call.shared = nullptr;
    call.sharedBytes = reader.bytes();
    for (int phase = 0; phase < maxPhases; ++phase) {
      call.units[phase] = reader.integer();
      if (call.units[phase] > 0 && call.kernel->phases[phase] == nullptr) {
        throw std::runtime_error("the kernel has fewer phases than the call");
      }
    }
    for (int phase = 0; phase < maxPhases; ++phase) call.quantum[phase] = reader.integer();
    if (job.views.size() + call.call.viewCount > viewCount ||
        job.params.size() + call.call.paramCount > paramCount) {
      throw std::runtime_error("there are more views or parameters than announced");
    }
    call.call.views = job.views.data() + job.views.size();
    call.call.params = job.params.data() + job.params.size();
    for (uint32_t i = 0; i < call.call.viewCount; ++i)
      job.views.push_back(readView(reader, arrays));
    for (uint32_t i = 0; i < call.call.paramCount; ++i) job.params.push_back(reader.number());
    if (call.call.viewCount == 0 || call.call.views[0].dtype != call.kernel->dtype) {
      throw std::runtime_error("the first view has another dtype than the kernel");
    }
  }
}

void readChunks(Reader& reader, Job& job) {
  const size_t phaseCount = reader.count();
  if (phaseCount > maxPhases) throw std::runtime_error("a job has too many phases");
  for (size_t phase = 0; phase < phaseCount; ++phase) {
    const size_t count = reader.count();
    for (size_t i = 0; i < count; ++i) {
      Chunk chunk{};
      chunk.call = static_cast<uint32_t>(reader.count());
      chunk.callEnd = static_cast<uint32_t>(reader.count());
      chunk.begin = reader.integer();
      chunk.end = reader.integer();
      const bool whole = chunk.begin < 0;
      if (chunk.callEnd > job.calls.size() || chunk.call >= chunk.callEnd ||
          (whole && phaseCount != 1) ||
          (!whole && (chunk.callEnd != chunk.call + 1 || chunk.end < chunk.begin ||
                      chunk.end > job.calls[chunk.call].units[phase]))) {
        throw std::runtime_error("a chunk is out of range");
      }
      job.chunks.push_back(chunk);
    }
    job.phaseEnd.push_back(static_cast<uint32_t>(job.chunks.size()));
  }
}

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
                             InstanceMethod("allocate", &Addon::allocate),
                             InstanceMethod("discard", &Addon::discard),
                             InstanceMethod("trim", &Addon::trim),
                             InstanceMethod("memory", &Addon::memory),
                             InstanceMethod("openVips", &Addon::openVips),
                             InstanceMethod("takeBlob", &Addon::takeBlob),
                         });
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
    double pool;
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

  static Isa isaNamed(const std::string& name) {
    for (int level = 0; level < isaCount; ++level) {
      const Isa isa = static_cast<Isa>(level);
      if (name == isaName(isa) && isaUsable(isa)) return isa;
    }
    throw std::runtime_error("this CPU level is not usable here: " + name);
  }

  template <class Body>
  static Napi::Value guarded(const Napi::CallbackInfo& info, Body body) {
    try {
      return body();
    } catch (const Napi::Error&) {
      throw;
    } catch (const std::exception& error) {
      throw Napi::Error::New(info.Env(), std::string("everycore native: ") + error.what());
    }
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
      const auto& kernels = kernelsOf(isa);
      for (size_t i = 0; i < kernels.size(); ++i) {
        if (static_cast<int>(kernels[i]->dtype) == info[2].ToNumber().Int32Value() &&
            name == kernels[i]->name) {
          return Napi::Number::New(info.Env(),
                                   static_cast<int>(isa) * kernelStride + static_cast<int>(i));
        }
      }
      const KernelList codecs = codecKernels();
      for (int i = 0; i < codecs.count; ++i) {
        if (static_cast<int>(codecs.entries[i].dtype) == info[2].ToNumber().Int32Value() &&
            name == codecs.entries[i].name) {
          return Napi::Number::New(info.Env(), codecLevel * kernelStride + i);
        }
      }
      return Napi::Number::New(info.Env(), -1);
    });
  }

  // (file) → null, or why libvips can't be used.
  Napi::Value openVips(const Napi::CallbackInfo& info) {
    return guarded(info, [&]() -> Napi::Value {
      std::string error;
      if (everycore::openVips(info[0].ToString(), error)) return info.Env().Null();
      return Napi::String::New(info.Env(), error);
    });
  }

  // (blob number) → an ArrayBuffer with the bytes of an encoded file; null when it is not there.
  Napi::Value takeBlob(const Napi::CallbackInfo& info) {
    const Blob blob = everycore::takeBlob(info[0].ToNumber().DoubleValue());
    if (blob.data == nullptr) return info.Env().Null();
    napi_value buffer;
    auto* const owned = new Blob(blob);
    const napi_status status = napi_create_external_arraybuffer(
        info.Env(), blob.data, blob.bytes,
        [](napi_env, void*, void* hint) {
          auto* const owned = static_cast<Blob*>(hint);
          freeBlob(*owned);
          delete owned;
        },
        owned, &buffer);
    if (status == napi_ok) return Napi::Value(info.Env(), buffer);
    // External memory is refused here (Electron): a copy.
    void* copy = nullptr;
    const bool made = napi_create_arraybuffer(info.Env(), blob.bytes, &copy, &buffer) == napi_ok;
    if (made) std::memcpy(copy, blob.data, blob.bytes);
    freeBlob(blob);
    delete owned;
    return made ? Napi::Value(info.Env(), buffer) : info.Env().Null();
  }

  static Reader description(const Napi::CallbackInfo& info, size_t position) {
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

  // (description, arrays): runs the calls here, now.
  Napi::Value run(const Napi::CallbackInfo& info) {
    return guarded(info, [&]() -> Napi::Value {
      // The job's vectors are used again and again, so that a small call allocates nothing.
      Reader reader = description(info, 0);
      direct_.arrays.read(info.Env(), info[1]);
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

  // (pool): cancels what the pool has not done and ends its threads.
  Napi::Value closePool(const Napi::CallbackInfo& info) {
    return guarded(info, [&]() -> Napi::Value {
      const double id = info[0].ToNumber().DoubleValue();
      for (const auto& [jobId, live] : live_) {
        if (live.pool == id) live.job->cancel();
      }
      pools_.erase(id);
      return info.Env().Undefined();
    });
  }

  // (pool, job number, description, arrays) → promise of 'done' | 'cancelled'; rejects without
  // memory.
  Napi::Value submit(const Napi::CallbackInfo& info) {
    return guarded(info, [&]() -> Napi::Value {
      const auto pool = pools_.find(info[0].ToNumber().DoubleValue());
      if (pool == pools_.end()) throw std::runtime_error("the pool is closed");
      const double id = info[1].ToNumber().DoubleValue();
      auto job = std::make_shared<Job>();
      Reader reader = description(info, 2);
      Arrays arrays;
      arrays.read(info.Env(), info[3]);
      readCalls(reader, arrays, *job);
      readChunks(reader, *job);
      if (!job->allocateShared()) throw std::bad_alloc();
      job->onSettled = [inbox = inbox_, id](JobStatus status) { inbox->put(id, status); };

      Live live{job, pool->first, nullptr, nullptr};
      napi_value promise;
      NAPI_THROW_IF_FAILED(info.Env(), napi_create_reference(info.Env(), info[3], 1, &live.arrays),
                           Napi::Value());
      NAPI_THROW_IF_FAILED(info.Env(), napi_create_promise(info.Env(), &live.deferred, &promise),
                           Napi::Value());
      if (live_.empty()) napi_ref_threadsafe_function(info.Env(), inbox_->doorbell);
      live_.emplace(id, std::move(live));
      pool->second->submit(std::move(job));
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

  // (bytes) → an ArrayBuffer over recycled memory, contents undefined; null where that is refused.
  Napi::Value allocate(const Napi::CallbackInfo& info) {
    const size_t bytes = static_cast<size_t>(info[0].ToNumber().Int64Value());
    const Block block = acquireBlock(bytes);
    if (block.data == nullptr) return info.Env().Null();
    auto* const owned = new Block(block);
    napi_value buffer;
    const napi_status status = napi_create_external_arraybuffer(
        info.Env(), block.data, bytes,
        [](napi_env, void*, void* hint) {
          auto* const owned = static_cast<Block*>(hint);
          releaseBlock(*owned);
          delete owned;
        },
        owned, &buffer);
    if (status == napi_ok) return Napi::Value(info.Env(), buffer);
    releaseBlock(block);
    delete owned;
    return info.Env().Null();
  }

  // (buffer): gives its memory back now, not when the collector finds it; the buffer is empty then.
  Napi::Value discard(const Napi::CallbackInfo& info) {
    napi_detach_arraybuffer(info.Env(), info[0]);
    return info.Env().Undefined();
  }

  Napi::Value trim(const Napi::CallbackInfo& info) {
    trimBlocks();
    return info.Env().Undefined();
  }

  Napi::Value memory(const Napi::CallbackInfo& info) {
    const BlockStats stats = blockStats();
    Napi::Object answer = Napi::Object::New(info.Env());
    answer.Set("keptBytes", static_cast<double>(stats.keptBytes));
    answer.Set("usedBytes", static_cast<double>(stats.usedBytes));
    return answer;
  }

  // On the JavaScript thread: settles the promises of all jobs in the inbox.
  static void onDoorbell(napi_env env, napi_value, void* context, void*) {
    if (env == nullptr) return;  // the environment is ending
    static_cast<Addon*>(context)->settle(Napi::Env(env));
  }

  void settle(Napi::Env env) {
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
      if (status == JobStatus::outOfMemory) {
        napi_reject_deferred(
            env, live.deferred,
            Napi::RangeError::New(env, "Array buffer allocation failed: no memory for a kernel")
                .Value());
      } else {
        napi_resolve_deferred(
            env, live.deferred,
            Napi::String::New(env, status == JobStatus::done ? "done" : "cancelled"));
      }
    }
    if (live_.empty()) napi_unref_threadsafe_function(env, inbox_->doorbell);
  }

  // The buffers of this environment are about to go: no thread may touch them any more.
  static void onEnvironmentEnd(void* self) {
    Addon& addon = *static_cast<Addon*>(self);
    for (const auto& [id, live] : addon.live_) live.job->cancel();
    addon.pools_.clear();
    std::lock_guard lock(addon.inbox_->mutex);
    addon.inbox_->doorbell = nullptr;
  }

  struct Direct {
    Job job;
    Arrays arrays;
    Scratch scratch;
  };

  std::shared_ptr<Inbox> inbox_;
  std::unordered_map<double, std::unique_ptr<Threads>> pools_;
  std::unordered_map<double, Live> live_;
  double lastPool_ = 0;
  Direct direct_;
};

}  // namespace
}  // namespace everycore

using EverycoreAddon = everycore::Addon;
NODE_API_ADDON(EverycoreAddon)
