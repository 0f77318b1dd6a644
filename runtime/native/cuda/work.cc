#include "work.h"

#include <array>
#include <stdexcept>

namespace oriented1d::cuda {

namespace {

void require_same_device(const Device& one, const Device& other) {
  if (&one != &other) throw std::invalid_argument("a tensor of another device");
}

// cuda.h's CUlaunchAttribute and CUlaunchConfig.
constexpr int PROGRAMMATIC_STREAM_SERIALIZATION = 6;
struct LaunchAttribute {
  int id, padding;
  std::array<uint64_t, 8> value;
};
struct LaunchConfig {
  unsigned grid[3], block[3], shared_bytes;
  StreamHandle stream;
  LaunchAttribute* attributes;
  unsigned count;
};

// Drivers older than CUDA 11.8 lack it, and are asked for it only here.
using LaunchEx = Call<Driver, const LaunchConfig*, FunctionHandle, void**, void**>;

const LaunchEx& launch_ex() {
  static const LaunchEx found{driver(), "cuLaunchKernelEx"};
  return found;
}

// From sm_90 on, before which kernels do not wait themselves, and from CUDA 12.3 on, as graphs can hold it, too.
bool starts_early(const Device& device) {
  int version = 0;
  driver().version(&version);
  return version >= 12030 && device.attribute(DeviceAttribute::MAJOR) >= 9;
}

}  // namespace

void Work::run(const Stream& stream) const {
  require_same_device(*device(), *stream.device());
  require_alive();
  const Current current(*device());
  enqueue(stream.handle());
}

KernelLaunch::KernelLaunch(std::shared_ptr<const Function> function, unsigned blocks, unsigned threads,
                           std::vector<Argument> arguments, bool early)
    : function_(std::move(function)),
      blocks_(blocks),
      threads_(threads),
      early_(early && starts_early(*function_->device())),
      arguments_(std::move(arguments)) {
  for (Argument& argument : arguments_) {
    for (const auto& buffer : argument.buffers) require_same_device(*function_->device(), *buffer->device());
    pointers_.push_back(argument.bytes.data());
  }
}

void KernelLaunch::enqueue(StreamHandle stream) const {
  if (early_) {
    LaunchAttribute serial{PROGRAMMATIC_STREAM_SERIALIZATION, 0, {1}};
    const LaunchConfig config{{blocks_, 1, 1}, {threads_, 1, 1}, function_->dynamic_shared_bytes(), stream, &serial, 1};
    launch_ex()(&config, function_->handle(), pointers_.data(), nullptr);
    return;
  }
  driver().launch(function_->handle(), blocks_, 1, 1, threads_, 1, 1, function_->dynamic_shared_bytes(), stream,
                  pointers_.data(), nullptr);
}

void KernelLaunch::require_alive() const {
  for (const Argument& argument : arguments_)
    for (const auto& buffer : argument.buffers) buffer->address();
}

Copy::Copy(std::shared_ptr<const Buffer> destination, std::shared_ptr<const Buffer> source, size_t bytes)
    : destination_(std::move(destination)), source_(std::move(source)), bytes_(bytes) {
  require_same_device(*source_->device(), *destination_->device());
  if (bytes > source_->bytes() || bytes > destination_->bytes())
    throw std::out_of_range("beyond the end of the tensor");
}

void Copy::enqueue(StreamHandle stream) const {
  driver().copy(destination_->address(), source_->address(), bytes_, stream);
}

void Copy::require_alive() const {
  destination_->address();
  source_->address();
}

void Fill::enqueue(StreamHandle stream) const {
  driver().fill(buffer_->address(), word_, buffer_->bytes() / sizeof word_, stream);
}

Sequence::Sequence(std::vector<std::shared_ptr<const Work>> works) : works_(std::move(works)) {
  if (works_.empty()) throw std::invalid_argument("a sequence needs some work");
  for (const auto& work : works_) require_same_device(*device(), *work->device());
}

void Sequence::enqueue(StreamHandle stream) const {
  for (const auto& work : works_) work->enqueue(stream);
}

void Sequence::require_alive() const {
  for (const auto& work : works_) work->require_alive();
}

}  // namespace oriented1d::cuda
