#include "launch.h"

#include <utility>

#include "handle.h"

namespace oriented1d {

Launch::Launch(const std::vector<Napi::Float32Array>& arrays) {
  for (const Napi::Float32Array& array : arrays)
    buffers_.push_back(Napi::Persistent(array.ArrayBuffer().As<Napi::Object>()));
}

bool Launch::detached(napi_env env) const {
  for (const Napi::ObjectReference& buffer : buffers_) {
    napi_value value = nullptr;
    bool detached = true;
    napi_get_reference_value(env, buffer, &value);
    if (napi_is_detached_arraybuffer(env, value, &detached) != napi_ok || detached) return true;
  }
  return false;
}

namespace {

constexpr const char* TRANSFERRED = "an array of this launch was transferred away; bind it anew";

// The path that every call takes, hence raw Node-API: node-addon-api's wrappers would double its cost.
napi_value run(napi_env env, napi_callback_info info) {
  void* data = nullptr;
  napi_get_cb_info(env, info, nullptr, nullptr, nullptr, &data);
  const Launch& launch = **static_cast<std::shared_ptr<const Launch>*>(data);
  if (launch.detached(env))
    napi_throw_error(env, nullptr, TRANSFERRED);
  else
    launch.run();
  return nullptr;
}

// A function that owns a share of the launch, so that it may outlive the object that it was taken from.
Napi::Function run_function(Napi::Env env, std::shared_ptr<const Launch> launch) {
  auto owner = std::make_unique<std::shared_ptr<const Launch>>(std::move(launch));
  napi_value value = nullptr;
  if (napi_create_function(env, "run", NAPI_AUTO_LENGTH, run, owner.get(), &value) != napi_ok)
    throw Napi::Error::New(env);
  Napi::Function function(env, value);
  function.AddFinalizer([](Napi::Env, std::shared_ptr<const Launch>* data) { delete data; }, owner.get());
  owner.release();
  return function;
}

class AsyncRun : public Napi::AsyncWorker {
 public:
  AsyncRun(Napi::Env env, std::shared_ptr<const Launch> launch)
      : AsyncWorker(env, "oriented1d"), launch_(std::move(launch)), done_(env) {}

  Napi::Promise promise() const { return done_.Promise(); }

 private:
  void Execute() override { launch_->run(); }
  void OnOK() override { done_.Resolve(Env().Undefined()); }
  void OnError(const Napi::Error& error) override { done_.Reject(error.Value()); }

  std::shared_ptr<const Launch> launch_;
  Napi::Promise::Deferred done_;
};

Napi::Function run_async_function(Napi::Env env, std::shared_ptr<const Launch> launch) {
  const auto run_async = [launch = std::move(launch)](const Napi::CallbackInfo& info) -> Napi::Value {
    if (launch->detached(info.Env())) throw Napi::Error::New(info.Env(), TRANSFERRED);
    auto* worker = new AsyncRun(info.Env(), launch);  // deletes itself when done
    const Napi::Promise promise = worker->promise();
    worker->Queue();
    return promise;
  };
  return Napi::Function::New(env, run_async, "runAsync");
}

}  // namespace

Napi::Object launch_object(Napi::Env env, std::shared_ptr<const Launch> launch) {
  Napi::Object object = to_handle(env, launch);
  object.Set("run", run_function(env, launch));
  object.Set("runAsync", run_async_function(env, launch));
  return object;
}

}  // namespace oriented1d
