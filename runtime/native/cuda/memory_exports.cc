#include "exports.h"

#include "arguments.h"
#include "buffer.h"
#include "off_thread.h"

namespace oriented1d::cuda {

namespace {

Napi::Value make_buffer(const Napi::CallbackInfo& info) {
  return to_handle(info.Env(),
                   std::make_shared<Buffer>(from_handle<const Device>(info[0]), byte_count(info[1], "bytes")));
}

Napi::Value part_of_buffer(const Napi::CallbackInfo& info) {
  return to_handle(info.Env(), std::make_shared<Buffer>(from_handle<Buffer>(info[0]), byte_count(info[1], "offset"),
                                                        byte_count(info[2], "bytes")));
}

Napi::Value free_buffer(const Napi::CallbackInfo& info) {
  from_handle<Buffer>(info[0])->free();
  return info.Env().Undefined();
}

// (stream, buffer, offset, array), for upload and download, here or off this thread.
struct Transfer {
  explicit Transfer(const Napi::CallbackInfo& info)
      : stream(from_handle<const Stream>(info[0])),
        buffer(from_handle<Buffer>(info[1])),
        offset(byte_count(info[2], "offset")),
        data(bytes_of(typed_array(info[3], "array"))),
        bytes(typed_array(info[3], "array").ByteLength()) {}

  void upload() const { buffer->upload(offset, data, bytes, *stream); }
  void download() const { buffer->download(offset, data, bytes, *stream); }

  std::shared_ptr<const Stream> stream;
  std::shared_ptr<Buffer> buffer;
  size_t offset;
  uint8_t* data;
  size_t bytes;
};

template <void (Transfer::*Direction)() const>
Napi::Value transfer(const Napi::CallbackInfo& info) {
  (Transfer(info).*Direction)();
  return info.Env().Undefined();
}

template <void (Transfer::*Direction)() const>
Napi::Value transfer_async(const Napi::CallbackInfo& info) {
  // Both functions share the array, which must outlive the transfer; the last of them is released on this thread.
  auto array = std::make_shared<Napi::ObjectReference>(Napi::Persistent(info[3].As<Napi::Object>()));
  return off_thread(
      info.Env(), [request = Transfer(info)] { (request.*Direction)(); },
      [array](Napi::Env env) { return env.Undefined(); });
}

}  // namespace

void add_memory(Napi::Object exports) {
  add<make_buffer>(exports, "buffer");
  add<part_of_buffer>(exports, "part");
  add<free_buffer>(exports, "free");
  add<transfer<&Transfer::upload>>(exports, "upload");
  add<transfer_async<&Transfer::upload>>(exports, "uploadAsync");
  add<transfer<&Transfer::download>>(exports, "download");
  add<transfer_async<&Transfer::download>>(exports, "downloadAsync");
}

}  // namespace oriented1d::cuda
