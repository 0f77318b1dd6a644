#include "exports.h"

#include "arguments.h"
#include "nvrtc.h"
#include "off_thread.h"

namespace oriented1d::cuda {

namespace {

Napi::Value open_nvrtc(const Napi::CallbackInfo& info) {
  const auto nvrtc = std::make_shared<const Nvrtc>(string(info[0], "path"));
  const Napi::Object object = to_handle(info.Env(), nvrtc);
  object.Set("version", nvrtc->version());
  object.Set("path", nvrtc->path());
  return object;
}

Napi::Value compile(const Napi::CallbackInfo& info) {
  const auto cubin = std::make_shared<std::string>();
  auto work = [cubin, nvrtc = from_handle<const Nvrtc>(info[0]), file = string(info[1], "file"),
               text = string(info[2], "text"),
               flags = list(info[3], "flags", [](Napi::Value value) { return string(value, "a flag"); })] {
    *cubin = nvrtc->compile(file, text, flags);
  };
  return off_thread(info.Env(), std::move(work), [cubin](Napi::Env env) {
    return Napi::Buffer<char>::Copy(env, cubin->data(), cubin->size());
  });
}

}  // namespace

void add_compiler(Napi::Object exports) {
  add<open_nvrtc>(exports, "nvrtc");
  add<compile>(exports, "compile");
}

}  // namespace oriented1d::cuda
