#ifndef DIPTYCH_MIRRORED_H_
#define DIPTYCH_MIRRORED_H_

#include <cstddef>
#include <cstdint>

namespace tfnodejs {

// Where a place beyond the edge is seen again, the edge itself not repeated, however far beyond.
inline size_t Mirrored(int64_t at, int64_t length) {
  if (length == 1) return 0;
  const int64_t period = 2 * (length - 1), within = (at < 0 ? -at : at) % period;
  return static_cast<size_t>(within < length ? within : period - within);
}

}  // namespace tfnodejs

#endif  // DIPTYCH_MIRRORED_H_
