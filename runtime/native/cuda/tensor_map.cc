#include "tensor_map.h"

#include <stdexcept>

namespace oriented1d::cuda {

namespace {

enum class DataType : int { FLOAT32 = 7 };
enum class Interleave : int { NONE = 0 };
enum class Swizzle : int { NONE = 0 };
enum class L2Promotion : int { BYTES_128 = 2 };
enum class OutOfBounds : int { ZEROS = 0 };

// Drivers older than CUDA 12 lack it, and are asked for it only here.
using Encode = Call<Driver, TensorMap*, DataType, uint32_t, DevicePointer, const uint64_t*, const uint64_t*, const uint32_t*,
                    const uint32_t*, Interleave, Swizzle, L2Promotion, OutOfBounds>;

const Encode& encode() {
  static const Encode found{driver(), "cuTensorMapEncodeTiled"};
  return found;
}

}  // namespace

TensorMap tensor_map(const Buffer& buffer, const std::vector<uint64_t>& sizes, const std::vector<uint32_t>& box) {
  if (sizes.empty() || sizes.size() != box.size()) throw std::out_of_range("a tensor and its box have the same dimensions");
  // Bytes from one element to the next of every dimension but the innermost, and of the whole tensor.
  std::vector<uint64_t> steps;
  uint64_t bytes = sizeof(float);
  for (const uint64_t size : sizes) {
    if (size > buffer.bytes() / bytes) throw std::out_of_range("beyond the end of the tensor");
    steps.push_back(bytes *= size);
  }
  const std::vector<uint32_t> every(sizes.size(), 1);
  const Current current(*buffer.device());
  TensorMap map;
  encode()(&map, DataType::FLOAT32, static_cast<uint32_t>(sizes.size()), buffer.address(), sizes.data(), steps.data(),
           box.data(), every.data(), Interleave::NONE, Swizzle::NONE, L2Promotion::BYTES_128, OutOfBounds::ZEROS);
  return map;
}

}  // namespace oriented1d::cuda
