// What a stream can do again and again, with everything bound and checked beforehand.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "buffer.h"
#include "module.h"

namespace oriented1d::cuda {

class Work {
 public:
  virtual ~Work() = default;
  virtual const std::shared_ptr<const Device>& device() const = 0;

  // Queues the work and returns before it is done. Throws std::logic_error if one of its buffers was freed since.
  void run(const Stream& stream) const;

  // The same with the device current and the stream its own.
  virtual void enqueue(StreamHandle stream) const = 0;
  // Throws std::logic_error if one of its buffers was freed.
  virtual void require_alive() const = 0;
};

// A kernel's argument as its bytes, with the buffers whose addresses are among them.
struct Argument {
  std::vector<uint8_t> bytes;
  std::vector<std::shared_ptr<const Buffer>> buffers;
};

class KernelLaunch final : public Work {
 public:
  // A grid of `blocks` blocks of `threads` threads, in one dimension. `early`: it may start before the work before it has
  // ended, for which its blocks wait themselves; where the driver cannot do that, it starts as others do.
  KernelLaunch(std::shared_ptr<const Function> function, unsigned blocks, unsigned threads,
               std::vector<Argument> arguments, bool early);

  const std::shared_ptr<const Device>& device() const override { return function_->device(); }
  void enqueue(StreamHandle stream) const override;
  void require_alive() const override;

 private:
  std::shared_ptr<const Function> function_;
  unsigned blocks_, threads_;
  bool early_;
  std::vector<Argument> arguments_;
  mutable std::vector<void*> pointers_;  // the driver takes it as not const, and leaves it alone
};

// Copies the first bytes of a buffer to another: what kernels are measured against.
class Copy final : public Work {
 public:
  Copy(std::shared_ptr<const Buffer> destination, std::shared_ptr<const Buffer> source, size_t bytes);

  const std::shared_ptr<const Device>& device() const override { return source_->device(); }
  void enqueue(StreamHandle stream) const override;
  void require_alive() const override;

 private:
  std::shared_ptr<const Buffer> destination_, source_;
  size_t bytes_;
};

// Writes a 32-bit word all over a buffer.
class Fill final : public Work {
 public:
  Fill(std::shared_ptr<const Buffer> buffer, uint32_t word) : buffer_(std::move(buffer)), word_(word) {}

  const std::shared_ptr<const Device>& device() const override { return buffer_->device(); }
  void enqueue(StreamHandle stream) const override;
  void require_alive() const override { buffer_->address(); }

 private:
  std::shared_ptr<const Buffer> buffer_;
  uint32_t word_;
};

// Pieces of work that belong together, one after the other.
class Sequence final : public Work {
 public:
  // They must be of one device.
  explicit Sequence(std::vector<std::shared_ptr<const Work>> works);

  const std::shared_ptr<const Device>& device() const override { return works_.front()->device(); }
  void enqueue(StreamHandle stream) const override;
  void require_alive() const override;

 private:
  std::vector<std::shared_ptr<const Work>> works_;
};

}  // namespace oriented1d::cuda
