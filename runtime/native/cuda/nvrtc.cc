#include "nvrtc.h"

namespace oriented1d::cuda {

class Nvrtc::OwnedProgram {
 public:
  OwnedProgram(const Nvrtc& nvrtc, const std::string& file, const std::string& text) : nvrtc_(nvrtc) {
    nvrtc_.create_(&program_, text.c_str(), file.c_str(), 0, nullptr, nullptr);
  }
  ~OwnedProgram() { nvrtc_.destroy_.quietly(&program_); }
  OwnedProgram(const OwnedProgram&) = delete;
  OwnedProgram& operator=(const OwnedProgram&) = delete;

  Program get() const { return program_; }

 private:
  const Nvrtc& nvrtc_;
  Program program_ = nullptr;
};

namespace {

// NVRTC opens a second library by its bare name, which the loader finds only if it is open already or in its own path.
std::optional<SharedObject> open_builtins(const std::string& nvrtc, const std::string& version) {
  try {
    return SharedObject(nvrtc.substr(0, nvrtc.rfind('/') + 1) + "libnvrtc-builtins.so." + version);
  } catch (const std::runtime_error&) {
    return std::nullopt;  // it may well be in the loader's path
  }
}

}  // namespace

Nvrtc::Nvrtc(const std::string& path)
    : library_(path), error_name_(reinterpret_cast<const char* (*)(int)>(library_.symbol("nvrtcGetErrorString"))) {
  if (auto builtins = open_builtins(this->path(), version())) builtins_.emplace(std::move(*builtins));
}

Failure Nvrtc::failure(const char* call, int result) const {
  return {call, error_name_(result), "result " + std::to_string(result)};
}

std::string Nvrtc::version() const {
  int major = 0, minor = 0;
  version_(&major, &minor);
  return std::to_string(major) + "." + std::to_string(minor);
}

std::string Nvrtc::compile(const std::string& file, const std::string& text,
                           const std::vector<std::string>& flags) const {
  const OwnedProgram program(*this, file, text);
  std::vector<const char*> options;
  for (const std::string& flag : flags) options.push_back(flag.c_str());
  const int result = compile_.quietly(program.get(), static_cast<int>(options.size()), options.data());
  if (result != 0) throw Failure("nvrtcCompileProgram", error_name_(result), log(program.get()));
  size_t bytes = 0;
  cubin_size_(program.get(), &bytes);
  std::string cubin(bytes, '\0');
  cubin_(program.get(), cubin.data());
  return cubin;
}

std::string Nvrtc::log(Program program) const {
  size_t bytes = 0;
  if (log_size_.quietly(program, &bytes) != 0 || bytes == 0) return "without a word";
  std::string text(bytes, '\0');
  log_.quietly(program, text.data());
  text.resize(bytes - 1);  // without the NUL that ends it
  return text;
}

}  // namespace oriented1d::cuda
