#include "kernel.h"

#include <stdexcept>
#include <utility>

#include "abi.h"

extern "C" const O1dKernel cpp_general_fprop_f32, cpp_general_dgrad_f32;
extern "C" const O1dGradient cpp_general_wgrad_f32;

namespace oriented1d {

namespace {

// An operation's kernel for every shape; null if it has none of such a table.
template <class Table>
const Table* general(Op op);

template <>
const O1dKernel* general(Op op) {
  return op == Op::fprop ? &cpp_general_fprop_f32 : op == Op::dgrad ? &cpp_general_dgrad_f32 : nullptr;
}

template <>
const O1dGradient* general(Op op) {
  return op == Op::wgrad ? &cpp_general_wgrad_f32 : nullptr;
}

}  // namespace

template <class Table>
Kernel<Table>::Kernel(const std::optional<std::string>& path, const std::string& symbol, Shape shape)
    : functions_(general<Table>(shape.op())), shape_(std::move(shape)) {
  if (path) {
    object_.emplace(*path);
    functions_ = static_cast<const Table*>(object_->symbol(symbol));
  }
  if (!functions_) throw std::invalid_argument("no general kernel of this operation is linked in");
  require_abi(symbol, functions_->abi);
}

template class Kernel<O1dKernel>;
template class Kernel<O1dGradient>;

}  // namespace oriented1d
