#pragma once
#include "shape.h"

namespace oriented1d {

// The convolution in float64, tap by tap as it is defined, sharing no code with the kernels:
//   fprop   y[n,ch,p,q] = bias[ch] + sum_k (w[ch,k] + (resid and k is the centre)) * x[n,ch, p*s + dy_k, q*s + dx_k]
//   dgrad   dx[n,ch,y,x] = bias[ch] + sum_k (the same) * dy[n,ch, (y - dy_k)/s, (x - dx_k)/s], where s divides both
// weight [C,K], bias [C] or null; input and output in the shape's layout.
void reference(const Shape& shape, const float* weight, const float* bias, bool resid, const float* input,
               double* output, int64_t batch);

}  // namespace oriented1d
