// How the copy engine of a GPU sees a tensor, as a kernel takes it by value.
#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "buffer.h"

namespace oriented1d::cuda {

// CUtensorMap of cuda.h.
struct alignas(64) TensorMap {
  std::array<uint8_t, 128> opaque;
};

// A dense float32 tensor at the buffer's start, of which boxes are fetched that hold zeros where they stick out of it.
// Sizes, steps and box in elements, innermost dimension first. Steps, from one to the next of every dimension but the
// innermost and the last, are left empty where dimensions follow one another in memory. CUDA's documentation has steps that
// grow; an H100's and an H200's driver take those that do not.
// Throws std::out_of_range unless the buffer holds the tensor, and Failure if the driver refuses or is older than CUDA 12.
// Swizzled, chunks of 16 bytes change places in shared memory, within the 128 of a row of the box.
TensorMap tensor_map(const Buffer& buffer, const std::vector<uint64_t>& sizes, const std::vector<uint64_t>& steps,
                     const std::vector<uint32_t>& box, bool swizzled);

}  // namespace oriented1d::cuda
