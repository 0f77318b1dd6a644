// Type tags of what JavaScript holds of CUDA.
#pragma once
#include "../handle.h"

namespace oriented1d {

namespace cuda {
class Blas;
class Buffer;
class Device;
class Function;
class Matmul;
class Module;
class Nvrtc;
class Sensor;
class Stream;
class Work;
}  // namespace cuda

template <>
struct Handle<const cuda::Device> {
  static constexpr napi_type_tag tag{0x0b51c7de94a23f68, 0x93d4ef1168ba7c25};
  static constexpr const char* name = "CUDA device";
};

template <>
struct Handle<const cuda::Stream> {
  static constexpr napi_type_tag tag{0x5e8297fa1bc40d63, 0xd05b3c78e2f6914a};
  static constexpr const char* name = "CUDA stream";
};

template <>
struct Handle<cuda::Buffer> {
  static constexpr napi_type_tag tag{0xe7c08d35a9126fb4, 0x4f1ba8d0637e25c9};
  static constexpr const char* name = "CUDA buffer";
};

template <>
struct Handle<const cuda::Module> {
  static constexpr napi_type_tag tag{0x91a6e42bd87f0c35, 0x28cd5b97f304e1a6};
  static constexpr const char* name = "CUDA module";
};

template <>
struct Handle<const cuda::Function> {
  static constexpr napi_type_tag tag{0x3cf47b08e5d1296a, 0xb6029ec1d57f48a3};
  static constexpr const char* name = "CUDA kernel";
};

template <>
struct Handle<const cuda::Work> {
  static constexpr napi_type_tag tag{0xa85d13f07e6b92c4, 0x0d97c64ba1e2583f};
  static constexpr const char* name = "piece of work for CUDA";
};

template <>
struct Handle<const cuda::Nvrtc> {
  static constexpr napi_type_tag tag{0x7290fb4ec3a8d516, 0xe1346d8f09b7ca52};
  static constexpr const char* name = "opened NVRTC";
};

template <>
struct Handle<const cuda::Blas> {
  static constexpr napi_type_tag tag{0xc2519ae7d04f36b8, 0x6b3ef0124d9a8c75};
  static constexpr const char* name = "opened cuBLASLt";
};

template <>
struct Handle<const cuda::Matmul> {
  static constexpr napi_type_tag tag{0x1d8b64f3a92ce507, 0xa94c7e5d28f1b063};
  static constexpr const char* name = "matrix product of cuBLASLt";
};

template <>
struct Handle<const cuda::Sensor> {
  static constexpr napi_type_tag tag{0x64d0b7f2918ce53a, 0x8e21f5a0dc4b7396};
  static constexpr const char* name = "sensor of a CUDA device";
};

}  // namespace oriented1d
