#include "stream.h"

namespace oriented1d::cuda {

Stream::Stream(std::shared_ptr<const Device> device)
    : owned_(make_owned<decltype(owned_)>(
          std::move(device), [](StreamHandle* handle) { driver().stream_create(handle, STREAM_NON_BLOCKING); })) {}

void Stream::synchronize() const {
  const Current current(*device());
  driver().stream_synchronize(handle());
}

Event::Event(std::shared_ptr<const Device> device)
    : owned_(make_owned<decltype(owned_)>(
          std::move(device), [](EventHandle* handle) { driver().event_create(handle, EVENT_DEFAULT); })) {}

void Event::record(const Stream& stream) const {
  const Current current(*owned_.device());
  driver().event_record(owned_.get(), stream.handle());
}

double Event::since(const Event& earlier) const {
  const Current current(*owned_.device());
  float milliseconds = 0;
  driver().event_synchronize(owned_.get());
  driver().event_elapsed(&milliseconds, earlier.owned_.get(), owned_.get());
  return 1e3 * double(milliseconds);
}

}  // namespace oriented1d::cuda
