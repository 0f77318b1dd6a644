// A queue of work for a device, and a point in it whose time is known.
#pragma once
#include "owned.h"

namespace oriented1d::cuda {

class Stream {
 public:
  explicit Stream(std::shared_ptr<const Device> device);

  const std::shared_ptr<const Device>& device() const { return owned_.device(); }
  StreamHandle handle() const { return owned_.get(); }
  // Waits for all of its work. Throws the Failure of whatever failed in it.
  void synchronize() const;

 private:
  Owned<StreamHandle, &Driver::stream_destroy> owned_;
};

class Event {
 public:
  explicit Event(std::shared_ptr<const Device> device);

  // After all work that the stream has so far.
  void record(const Stream& stream) const;
  // Microseconds from an earlier event to this one, both recorded; waits for this one.
  double since(const Event& earlier) const;

 private:
  Owned<EventHandle, &Driver::event_destroy> owned_;
};

}  // namespace oriented1d::cuda
