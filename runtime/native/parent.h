#pragma once

namespace oriented1d {

// From now on this process is killed when its parent ends, whatever it is at. Does nothing on other systems than Linux.
// Throws std::system_error. `parent` is the number of the process that started this one.
void end_with_parent(int parent);

}  // namespace oriented1d
