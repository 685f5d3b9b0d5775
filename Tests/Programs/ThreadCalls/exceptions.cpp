#include "ThreadCalls.h"

#include <atomic>
#include <exception>
#include <mutex>
#include <unistd.h>

int thread_calls_rethrow(int number, unsigned microseconds) {
  try {
    throw number;
  } catch (...) {
    usleep(microseconds);
    try {
      throw;
    } catch (int caught) {
      return caught;
    }
  }
}

namespace {
struct Waiting {
  unsigned microseconds;
  int &count;
  ~Waiting() {
    usleep(microseconds);
    count = std::uncaught_exceptions();
  }
};

std::once_flag flag;
int attempts, initialised;

struct Counter {
  int count = 0;
  unsigned microseconds;
  explicit Counter(unsigned microseconds) : microseconds(microseconds) { usleep(microseconds); }
  ~Counter();
};
std::atomic<int> counters_destroyed;
Counter::~Counter() {
  usleep(microseconds);
  counters_destroyed++;
}
}

int thread_calls_unwind(int number, unsigned microseconds) {
  int count = 0;
  try {
    Waiting waiting{microseconds, count};
    throw number;
  } catch (int caught) {
    return count == 1 && std::uncaught_exceptions() == 0 ? caught : -1;
  }
}

int thread_calls_once(unsigned microseconds) {
  int thrown = 0;
  for (int i = 0; i < 3 && initialised == 0; i++) {
    try {
      std::call_once(flag, [&] {
        usleep(microseconds);
        if (attempts++ < 2) throw 1;
        initialised++;
      });
    } catch (int) {
      thrown++;
    }
  }
  return initialised == 1 ? thrown : -1;
}

int thread_calls_count(unsigned microseconds) {
  thread_local Counter counter(microseconds);
  return ++counter.count;
}

int thread_calls_counters_destroyed() { return counters_destroyed; }
