// Shares the work of one kernel among the cores that TensorFlow was told to use.
#ifndef DIPTYCH_WORKERS_H_
#define DIPTYCH_WORKERS_H_

#include <cstddef>
#include <functional>

namespace tfnodejs {

// Calls `work` with 0 to count - 1, in any order, from several threads; returns when all have returned.
void ForEach(size_t count, const std::function<void(size_t)> &work);

}  // namespace tfnodejs

#endif  // DIPTYCH_WORKERS_H_
