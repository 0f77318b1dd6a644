#include "off_thread.h"

#include <optional>
#include <utility>

#include "failure.h"

namespace oriented1d::cuda {

namespace {

class Worker : public Napi::AsyncWorker {
 public:
  Worker(Napi::Env env, std::function<void()> work, std::function<Napi::Value(Napi::Env)> result)
      : AsyncWorker(env, "oriented1d"), work_(std::move(work)), result_(std::move(result)), done_(env) {}

  Napi::Promise promise() const { return done_.Promise(); }

 private:
  void Execute() override {
    try {
      work_();
    } catch (const Failure& failure) {
      failure_ = failure;
    }
  }

  void OnOK() override {
    if (failure_)
      done_.Reject(to_error(Env(), *failure_).Value());
    else
      done_.Resolve(result_(Env()));
  }

  void OnError(const Napi::Error& error) override { done_.Reject(error.Value()); }

  std::function<void()> work_;
  std::function<Napi::Value(Napi::Env)> result_;
  std::optional<Failure> failure_;
  Napi::Promise::Deferred done_;
};

}  // namespace

Napi::Promise off_thread(Napi::Env env, std::function<void()> work, std::function<Napi::Value(Napi::Env)> result) {
  auto* worker = new Worker(env, std::move(work), std::move(result));  // deletes itself when done
  const Napi::Promise promise = worker->promise();
  worker->Queue();
  return promise;
}

}  // namespace oriented1d::cuda
