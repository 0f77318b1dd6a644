// What the program's runs are made of: arrays in, launches over them, an output. Definitions: launch.cpp.
#pragma once
#include <cstddef>

#include "language.h"

namespace emulated {

// The next array of the input file, behind `lead` elements that may not be touched.
void* input(size_t lead);
float* scratch(size_t floats);
float* zeroed(size_t floats);
float* output(size_t floats, size_t lead);

// Blocks [first, blocks).
struct Grid {
  unsigned first, blocks, threads;
  size_t shared_bytes;
};

// A kernel with its arguments.
struct Call {
  const char* name;
  void (*run)(const void* arguments);
  const void* arguments;
};

void launch(const Call& call, const Grid& grid);

template <class Kernel>
void launch(const char* name, const Grid& grid, const Kernel& kernel) {
  launch({name, [](const void* arguments) { (*static_cast<const Kernel*>(arguments))(); }, &kernel}, grid);
}

}  // namespace emulated

// Written by tests/support/emulation.ts.
extern void (*const emulated_runs[])();
