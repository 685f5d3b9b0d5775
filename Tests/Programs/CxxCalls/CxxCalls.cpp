#include "CxxCalls.h"

#include <atomic>
#include <barrier>
#include <chrono>
#include <future>
#include <latch>
#include <memory>
#include <semaphore>
#include <vector>

namespace {

struct Promised {
  std::promise<int> promise;
  std::future<int> future = promise.get_future();
};

using Semaphore = std::counting_semaphore<8>;

// Objects live to the end of the process, and a search for leaks is to find who holds them.
template <class Type, class... Arguments> void *keep(Arguments... arguments) {
  static auto &kept = *new std::vector<std::shared_ptr<void>>;
  kept.push_back(std::make_shared<Type>(arguments...));
  return kept.back().get();
}

template <class Type> Type &as(void *object) { return *static_cast<Type *>(object); }

}  // namespace

extern "C" const char *cxx_name(int kind) {
  static const char *const names[] = {"std::atomic", "std::latch", "std::barrier", "std::counting_semaphore",
                                      "std::future"};
  return names[kind];
}

extern "C" void *cxx_make(int kind) {
  switch (kind) {
  case CXX_ATOMIC: return keep<std::atomic<int>>(0);
  case CXX_LATCH: return keep<std::latch>(1);
  case CXX_BARRIER: return keep<std::barrier<>>(2);
  case CXX_SEMAPHORE: return keep<Semaphore>(0);
  default: return keep<Promised>();
  }
}

extern "C" int cxx_wait(int kind, void *object) {
  switch (kind) {
  case CXX_ATOMIC: as<std::atomic<int>>(object).wait(0); return as<std::atomic<int>>(object).load() == 1;
  case CXX_LATCH: as<std::latch>(object).wait(); return as<std::latch>(object).try_wait();
  case CXX_BARRIER: as<std::barrier<>>(object).arrive_and_wait(); return 1;
  case CXX_SEMAPHORE: as<Semaphore>(object).acquire(); return 1;
  default: return as<Promised>(object).future.get() == 7;
  }
}

extern "C" void cxx_release(int kind, void *object) {
  switch (kind) {
  case CXX_ATOMIC:
    as<std::atomic<int>>(object).store(1);
    as<std::atomic<int>>(object).notify_one();
    break;
  case CXX_LATCH: as<std::latch>(object).count_down(); break;
  case CXX_BARRIER: (void)as<std::barrier<>>(object).arrive(); break;
  case CXX_SEMAPHORE: as<Semaphore>(object).release(); break;
  default: as<Promised>(object).promise.set_value(7);
  }
}

extern "C" int cxx_wait_in_vain(int kind, void *object, int milliseconds) {
  const std::chrono::milliseconds time(milliseconds);
  if (kind == CXX_SEMAPHORE) return !as<Semaphore>(object).try_acquire_for(time);
  return as<Promised>(object).future.wait_for(time) == std::future_status::timeout;
}
