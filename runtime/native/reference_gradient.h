#pragma once
#include "shape.h"

namespace oriented1d {

// The gradients of weights and bias in float64, product by product as they are defined, sharing no code with the kernels:
//   dw[ch,k] = sum_npq dy[n,ch,p,q] * x[n,ch, p*s + dy_k, q*s + dx_k]        db[ch] = sum_npq dy[n,ch,p,q]
// input x and grad dy in the shape's layout; weight_grad [C,K], bias_grad [C].
void reference_gradient(const Shape& shape, const float* input, const float* grad, double* weight_grad,
                        double* bias_grad, int64_t batch);

}  // namespace oriented1d
