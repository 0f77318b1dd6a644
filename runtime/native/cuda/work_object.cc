#include "work_object.h"

#include "failure.h"
#include "handles.h"

namespace oriented1d::cuda {

namespace {

struct Bound {
  std::shared_ptr<const Work> work;
  std::shared_ptr<const Stream> stream;
};

void run_on(const Bound& bound, Napi::Value stream) {
  if (stream.IsUndefined())
    bound.work->run(*bound.stream);
  else
    bound.work->run(*from_handle<const Stream>(stream));
}

// The path that every launch takes, hence raw Node-API: node-addon-api's wrappers would add to each.
napi_value run(napi_env env, napi_callback_info info) {
  void* data = nullptr;
  napi_value stream = nullptr;  // undefined where no argument is given
  size_t count = 1;
  napi_get_cb_info(env, info, &count, &stream, nullptr, &data);
  try {
    run_on(*static_cast<const Bound*>(data), Napi::Value(env, stream));
  } catch (const Failure& failure) {
    to_error(env, failure).ThrowAsJavaScriptException();
  } catch (const Napi::Error& error) {
    error.ThrowAsJavaScriptException();
  } catch (const std::exception& error) {
    napi_throw_error(env, nullptr, error.what());
  }
  return nullptr;
}

}  // namespace

Napi::Object work_object(Napi::Env env, std::shared_ptr<const Work> work, std::shared_ptr<const Stream> stream) {
  const Napi::Object object = to_handle(env, work);
  auto owner = std::make_unique<Bound>(Bound{std::move(work), std::move(stream)});
  napi_value value = nullptr;
  if (napi_create_function(env, "run", NAPI_AUTO_LENGTH, run, owner.get(), &value) != napi_ok)
    throw Napi::Error::New(env);
  Napi::Function function(env, value);
  function.AddFinalizer([](Napi::Env, Bound* data) { delete data; }, owner.get());
  owner.release();
  object.Set("run", function);
  return object;
}

}  // namespace oriented1d::cuda
