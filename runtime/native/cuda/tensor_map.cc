#include "tensor_map.h"

#include <stdexcept>

namespace oriented1d::cuda {

namespace {

enum class DataType : int { FLOAT32 = 7 };
enum class Interleave : int { NONE = 0 };
enum class Swizzle : int { NONE = 0, BYTES_128 = 3 };
enum class L2Promotion : int { BYTES_128 = 2 };
enum class OutOfBounds : int { ZEROS = 0 };

// Drivers older than CUDA 12 lack it, and are asked for it only here.
using Encode = Call<Driver, TensorMap*, DataType, uint32_t, DevicePointer, const uint64_t*, const uint64_t*, const uint32_t*,
                    const uint32_t*, Interleave, Swizzle, L2Promotion, OutOfBounds>;

const Encode& encode() {
  static const Encode found{driver(), "cuTensorMapEncodeTiled"};
  return found;
}

// Bytes from one element to the next of every dimension but the innermost, and of the whole tensor.
std::vector<uint64_t> dense_steps(const std::vector<uint64_t>& sizes, uint64_t most) {
  std::vector<uint64_t> steps;
  uint64_t bytes = sizeof(float);
  for (const uint64_t size : sizes) {
    if (size > most / bytes) throw std::out_of_range("beyond the end of the tensor");
    steps.push_back(bytes *= size);
  }
  return steps;
}

// Puts `steps` in the place of those of a dense tensor, whose last dimension they leave as it is.
void take_steps(std::vector<uint64_t>& apart, const std::vector<uint64_t>& sizes, const std::vector<uint64_t>& steps) {
  if (steps.size() + 2 != sizes.size()) throw std::out_of_range("a step for every dimension but the first and the last");
  const uint64_t whole = apart[steps.size()];
  uint64_t end = sizeof(float) * sizes[0];
  for (size_t i = 0; i < steps.size(); ++i) {
    if (steps[i] > whole / sizeof(float) / sizes[i + 1]) throw std::out_of_range("a step beyond the last dimension's");
    apart[i] = sizeof(float) * steps[i];
    end += apart[i] * (sizes[i + 1] - 1);
  }
  if (end > whole) throw std::out_of_range("steps beyond the last dimension's");
}

}  // namespace

TensorMap tensor_map(const Buffer& buffer, const std::vector<uint64_t>& sizes, const std::vector<uint64_t>& steps,
                     const std::vector<uint32_t>& box, bool swizzled) {
  if (sizes.empty() || sizes.size() != box.size()) throw std::out_of_range("a tensor and its box have the same dimensions");
  std::vector<uint64_t> apart = dense_steps(sizes, buffer.bytes());
  if (!steps.empty()) take_steps(apart, sizes, steps);
  const std::vector<uint32_t> every(sizes.size(), 1);
  const Current current(*buffer.device());
  TensorMap map;
  encode()(&map, DataType::FLOAT32, static_cast<uint32_t>(sizes.size()), buffer.address(), sizes.data(), apart.data(),
           box.data(), every.data(), Interleave::NONE, swizzled ? Swizzle::BYTES_128 : Swizzle::NONE, L2Promotion::BYTES_128,
           OutOfBounds::ZEROS);
  return map;
}

}  // namespace oriented1d::cuda
