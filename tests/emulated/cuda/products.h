// Products by a warpgroup that a thread has not waited for: done when it does, as late as the device may, and only if their
// group was committed.
#pragma once
#include <deque>

namespace emulated {

struct Products {
  float (*sums)[4];
  int wide;
  const float *x, *w;
  int step, group;
};

struct PostponedProducts {
  int committed = 0;  // groups
  std::deque<Products> waiting;
};

}  // namespace emulated
