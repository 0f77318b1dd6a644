#include "graph.h"

#include <stdexcept>

namespace oriented1d::cuda {

namespace {

using OwnedGraph = Owned<GraphHandle, &Driver::graph_destroy>;
using OwnedExec = Owned<GraphExecHandle, &Driver::graph_exec_destroy>;

// On a stream of its own: if a piece refuses, the stream's end is the capture's end, too.
OwnedGraph capture(const std::shared_ptr<const Device>& device, const std::vector<std::shared_ptr<const Work>>& works) {
  const Stream stream(device);
  return make_owned<OwnedGraph>(device, [&](GraphHandle* handle) {
    driver().capture_begin(stream.handle(), CaptureMode::THREAD_LOCAL);
    for (const auto& work : works) {
      if (work->device() != device) throw std::invalid_argument("work of another device");
      work->require_alive();
      work->enqueue(stream.handle());
    }
    driver().capture_end(stream.handle(), handle);
  });
}

OwnedExec instantiate(const std::vector<std::shared_ptr<const Work>>& works) {
  if (works.empty()) throw std::invalid_argument("a graph needs some work");
  const auto& device = works.front()->device();
  const OwnedGraph graph = capture(device, works);
  return make_owned<OwnedExec>(
      device, [&](GraphExecHandle* handle) { driver().graph_instantiate(handle, graph.get(), 0); });
}

}  // namespace

Graph::Graph(std::vector<std::shared_ptr<const Work>> works) : works_(std::move(works)), exec_(instantiate(works_)) {}

void Graph::enqueue(StreamHandle stream) const { driver().graph_launch(exec_.get(), stream); }

void Graph::require_alive() const {
  for (const auto& work : works_) work->require_alive();
}

double time(const Work& work, int runs, const Stream& stream) {
  const Event begin(stream.device()), end(stream.device());
  begin.record(stream);
  for (int i = 0; i < runs; ++i) work.run(stream);
  end.record(stream);
  return end.since(begin);
}

}  // namespace oriented1d::cuda
