// A function of a C library that was opened at run time, and its failures.
#pragma once
#include <stdexcept>
#include <string>
#include <utility>

namespace oriented1d::cuda {

// What a call came to, in the library's own words. what() has all of it in one line.
struct Failure : std::runtime_error {
  Failure(std::string failed_call, std::string result_name, std::string result_text)
      : std::runtime_error(failed_call + ": " + (result_name.empty() ? "" : result_name + ": ") + result_text),
        call(std::move(failed_call)),
        name(std::move(result_name)),
        text(std::move(result_text)) {}

  std::string call;  // "cuMemAlloc_v2"
  std::string name;  // "CUDA_ERROR_OUT_OF_MEMORY"; empty where the library was not even opened
  std::string text;  // "out of memory"
};

// One function that returns 0 for success. `Library` has symbol(name), and failure(call, result) for all else.
template <class Library, class... Parameters>
class Call {
 public:
  Call(const Library& library, const char* symbol)
      : library_(library), symbol_(symbol), function_(reinterpret_cast<Function>(library.symbol(symbol))) {}

  // Throws Failure.
  void operator()(Parameters... arguments) const {
    if (const int result = function_(arguments...)) throw library_.failure(symbol_, result);
  }

  // For destructors, and for failures that the caller tells better.
  int quietly(Parameters... arguments) const noexcept { return function_(arguments...); }

 private:
  using Function = int (*)(Parameters...);

  const Library& library_;
  const char* symbol_;
  Function function_;
};

}  // namespace oriented1d::cuda
