#include "off_thread.h"

#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "failure.h"

namespace oriented1d::cuda {

namespace {

// Deletes itself, on the JavaScript thread, once its thread has let go of it.
class Job {
 public:
  Job(Napi::Env env, std::function<void()> work, std::function<Napi::Value(Napi::Env)> result)
      : work_(std::move(work)),
        result_(std::move(result)),
        done_(env),
        settle_(Settle::New(env, "oriented1d", 0, 1, this, [](Napi::Env, void*, Job* job) { delete job; })) {}

  // Ends the process's last thread before the code that it runs is gone.
  ~Job() {
    if (thread_.joinable()) thread_.join();
  }

  Napi::Promise promise() const { return done_.Promise(); }

  void start() {
    try {
      thread_ = std::thread([this] { run(); });
    } catch (...) {
      settle_.Release();
      throw;
    }
  }

 private:
  static void on_done(Napi::Env env, Napi::Function, Job* job, void*) {
    if (env != nullptr) job->settle(env);
  }
  using Settle = Napi::TypedThreadSafeFunction<Job, void, on_done>;

  void run() {
    try {
      work_();
    } catch (const Failure& failure) {
      failure_ = failure;
    } catch (const std::exception& error) {
      error_ = error.what();
    }
    // A closing one has let go of this thread already.
    if (settle_.NonBlockingCall() != napi_closing) settle_.Release();
  }

  void settle(Napi::Env env) {
    try {
      if (failure_)
        done_.Reject(to_error(env, *failure_).Value());
      else if (error_)
        done_.Reject(Napi::Error::New(env, *error_).Value());
      else
        done_.Resolve(result_(env));
    } catch (const Napi::Error& error) {
      done_.Reject(error.Value());
    }
  }

  std::function<void()> work_;
  std::function<Napi::Value(Napi::Env)> result_;
  std::optional<Failure> failure_;
  std::optional<std::string> error_;
  Napi::Promise::Deferred done_;
  Settle settle_;
  std::thread thread_;
};

}  // namespace

Napi::Promise off_thread(Napi::Env env, std::function<void()> work, std::function<Napi::Value(Napi::Env)> result) {
  auto* job = new Job(env, std::move(work), std::move(result));
  const Napi::Promise promise = job->promise();
  job->start();
  return promise;
}

}  // namespace oriented1d::cuda
