// Work that the device does in one go, without the host between one piece and the next.
#pragma once
#include "work.h"

namespace oriented1d::cuda {

class Graph final : public Work {
 public:
  // All pieces in order, each after the one before it. They must be of one device.
  explicit Graph(std::vector<std::shared_ptr<const Work>> works);

  const std::shared_ptr<const Device>& device() const override { return exec_.device(); }
  void enqueue(StreamHandle stream) const override;
  void require_alive() const override;

 private:
  std::vector<std::shared_ptr<const Work>> works_;  // their buffers are the graph's
  Owned<GraphExecHandle, &Driver::graph_exec_destroy> exec_;
};

// Microseconds that the device needs for so many runs of some work, one after the other.
double time(const Work& work, int runs, const Stream& stream);

}  // namespace oriented1d::cuda
