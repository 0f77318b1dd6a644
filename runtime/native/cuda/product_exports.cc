#include "exports.h"

#include "arguments.h"
#include "product.h"
#include "work_object.h"

namespace oriented1d::cuda {

namespace {

Napi::Value open_blas(const Napi::CallbackInfo& info) {
  const auto blas = std::make_shared<const Blas>(string(info[0], "path"), from_handle<const Device>(info[1]));
  const Napi::Object object = to_handle(info.Env(), blas);
  object.Set("version", blas->version());
  object.Set("path", blas->path());
  return object;
}

MatmulShape shape_of(Napi::Object shape) {
  const auto size = [&](const char* name) { return static_cast<uint64_t>(whole_number(shape.Get(name), name, 1)); };
  const auto flag = [&](const char* name) { return shape.Get(name).ToBoolean().Value(); };
  return {size("rows"), size("inner"), size("outer"), flag("residual"), flag("gelu"),
          flag("tf32") ? ComputeType::FLOAT32_FAST_TF32 : ComputeType::FLOAT32};
}

Napi::Value make_matmul(const Napi::CallbackInfo& info) {
  const auto matmul =
      std::make_shared<const Matmul>(from_handle<const Blas>(info[0]), shape_of(info[1].As<Napi::Object>()),
                                     from_handle<Buffer>(info[2]), whole_number(info[3], "most", 1));
  const Napi::Object object = to_handle(info.Env(), matmul);
  object.Set("algorithms", static_cast<double>(matmul->algorithms().size()));
  return object;
}

Napi::Value bind_product(const Napi::CallbackInfo& info) {
  const auto arrays = info[2].As<Napi::Object>();
  const auto buffer = [&](const char* name) { return from_handle<Buffer>(arrays.Get(name)); };
  ProductBuffers buffers{buffer("input"), buffer("weight"), buffer("bias"), nullptr, buffer("output")};
  if (!arrays.Get("residual").IsNull()) buffers.residual = buffer("residual");
  return work_object(info.Env(),
                     std::make_shared<const Product>(from_handle<const Matmul>(info[0]),
                                                     whole_number(info[1], "algorithm", 0), std::move(buffers)),
                     from_handle<const Stream>(info[3]));
}

}  // namespace

void add_products(Napi::Object exports) {
  add<open_blas>(exports, "blas");
  add<make_matmul>(exports, "matmul");
  add<bind_product>(exports, "product");
}

}  // namespace oriented1d::cuda
