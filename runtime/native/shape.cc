#include "shape.h"

#include <algorithm>
#include <initializer_list>
#include <stdexcept>
#include <utility>

namespace oriented1d {

namespace {

void require(bool holds, const char* rule) {
  if (!holds) throw std::invalid_argument(rule);
}

int64_t product(std::initializer_list<int64_t> factors) {
  int64_t result = 1;
  for (int64_t factor : factors)
    require(!__builtin_mul_overflow(result, factor, &result), "a tensor must have fewer than 2^63 elements");
  return result;
}

int64_t divide_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

Plane large_plane(const O1dShape& s) { return {s.height, s.width}; }
Plane small_plane(const O1dShape& s) { return {divide_up(s.height, s.stride), divide_up(s.width, s.stride)}; }

}  // namespace

Shape::Shape(Op op, O1dShape sizes, std::vector<int32_t> first, std::vector<int32_t> dy, std::vector<int32_t> dx)
    : op_(op), c_(sizes), first_(std::move(first)), dy_(std::move(dy)), dx_(std::move(dx)) {
  require(c_.layout == 0 || c_.layout == 1, "layout must be 0 (NCHW) or 1 (NHWC)");
  for (int32_t size : {c_.channels, c_.height, c_.width, c_.stride, c_.kernel})
    require(size > 0, "channels, height, width, stride and kernel must be positive");
  require(first_.size() > 1 && first_.front() == 0 && first_.back() == c_.channels &&
              std::is_sorted(first_.begin(), first_.end()),
          "first must ascend from 0 to channels");
  c_.groups = static_cast<int32_t>(first_.size()) - 1;
  const size_t taps = product({c_.groups, c_.kernel});
  require(dy_.size() == taps && dx_.size() == taps, "dy and dx must have groups * kernel entries");
  c_.first = first_.data();
  c_.dy = dy_.data();
  c_.dx = dx_.data();
}

Plane Shape::input() const { return op_ == Op::dgrad ? small_plane(c_) : large_plane(c_); }

Plane Shape::output() const { return op_ == Op::dgrad ? large_plane(c_) : small_plane(c_); }

int64_t Shape::input_elements(int64_t batch) const {
  return product({batch, c_.channels, input().height, input().width});
}

int64_t Shape::output_elements(int64_t batch) const {
  return product({batch, c_.channels, output().height, output().width});
}

int64_t Shape::weight_elements() const { return product({c_.channels, c_.kernel}); }

}  // namespace oriented1d
