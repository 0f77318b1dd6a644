// Owner of a dlopen handle.
#pragma once
#include <string>
#include <utility>

namespace oriented1d {

class SharedObject {
 public:
  // Throws std::runtime_error with the loader's own words.
  explicit SharedObject(const std::string& path);
  ~SharedObject();
  SharedObject(SharedObject&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  SharedObject& operator=(SharedObject&&) = delete;

  // Throws std::runtime_error if it exports no such symbol.
  const void* symbol(const std::string& name) const;

 private:
  void* handle_;
};

}  // namespace oriented1d
