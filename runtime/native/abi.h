// A binary of another version of oriented1d_kernel.h would be called with the wrong arguments.
#pragma once
#include <stdexcept>
#include <string>

#include "oriented1d_kernel.h"

namespace oriented1d {

// Throws std::runtime_error unless a kernel was built for this addon.
inline void require_abi(const std::string& symbol, int32_t abi) {
  if (abi != O1D_ABI)
    throw std::runtime_error(symbol + " has kernel ABI " + std::to_string(abi) + ", this addon has " +
                             std::to_string(O1D_ABI));
}

}  // namespace oriented1d
