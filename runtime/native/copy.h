#pragma once
#include <cstddef>

#include "pool.h"

namespace oriented1d {

// memcpy split over the pool's threads: the yardstick that kernels are measured against.
void copy(void* destination, const void* source, size_t bytes, Pool& pool);

}  // namespace oriented1d
