// A C library of CUDA's: opened at run time, so that the addon builds and loads without it.
#pragma once
#include <string>

#include "../shared_object.h"

namespace oriented1d::cuda {

class Library {
 public:
  // Throws Failure with the loader's words.
  explicit Library(const std::string& path);

  // Throws Failure if the library is too old to have it.
  void* symbol(const char* name) const;
  // Where the loader found the library: its real path.
  std::string path_of(const void* symbol) const;

 private:
  SharedObject object_;
};

}  // namespace oriented1d::cuda
