#include "workers.h"

#include <atomic>
#include <cfenv>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <thread>

namespace tfnodejs {
namespace {

// Threads that wait for work as long as the process lives.
class Workers {
 public:
  explicit Workers(size_t helpers) {
    for (size_t index = 0; index < helpers; ++index) std::thread([this] { Help(); }).detach();
  }

  // One kernel at a time; another that comes meanwhile does its work alone.
  bool Share(size_t count, const std::function<void(size_t)> &work) {
    std::unique_lock<std::mutex> turn(turn_, std::try_to_lock);
    if (!turn.owns_lock()) return false;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      work_ = &work;
      // TensorFlow takes numbers next to 0 for 0 while it computes: so must the helpers, for the same bits on any thread.
      std::fegetenv(&rules_);
      count_ = count;
      next_ = 0;
      ++round_;
    }
    begun_.notify_all();
    Work(work, count);
    std::unique_lock<std::mutex> lock(mutex_);
    // Who has not come by now finds nothing to do, and is not waited for.
    work_ = nullptr;
    ended_.wait(lock, [this] { return busy_ == 0; });
    return true;
  }

 private:
  void Work(const std::function<void(size_t)> &work, size_t count) {
    for (size_t at = next_++; at < count; at = next_++) work(at);
  }

  void Help() {
    size_t seen = 0;
    for (;;) {
      const std::function<void(size_t)> *work;
      size_t count;
      {
        std::unique_lock<std::mutex> lock(mutex_);
        begun_.wait(lock, [&] { return round_ != seen; });
        seen = round_;
        work = work_;
        if (work == nullptr) continue;
        count = count_;
        std::fesetenv(&rules_);
        ++busy_;
      }
      Work(*work, count);
      const std::lock_guard<std::mutex> lock(mutex_);
      if (--busy_ == 0) ended_.notify_one();
    }
  }

  std::mutex turn_;
  std::mutex mutex_;
  std::condition_variable begun_;
  std::condition_variable ended_;
  const std::function<void(size_t)> *work_ = nullptr;
  std::atomic<size_t> next_{0};
  std::fenv_t rules_;
  size_t count_ = 0;
  size_t busy_ = 0;
  size_t round_ = 0;
};

size_t CountThreads() {
  const char *told = std::getenv("TF_NUM_INTRAOP_THREADS");
  const int threads = told == nullptr ? static_cast<int>(std::thread::hardware_concurrency()) : std::atoi(told);
  return threads < 1 ? 1 : static_cast<size_t>(threads);
}

}  // namespace

void ForEach(size_t count, const std::function<void(size_t)> &work) {
  // Made when it is first needed, after the engine has set the number of threads, and never destroyed: its threads outlive main.
  static Workers *const workers = new Workers(CountThreads() - 1);
  if (count > 1 && workers->Share(count, work)) return;
  for (size_t at = 0; at < count; ++at) work(at);
}

}  // namespace tfnodejs
