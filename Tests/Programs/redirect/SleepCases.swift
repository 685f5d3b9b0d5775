import CaseSupport
import Glibc
import Green

let sleepCases = [
  Case("a hundred fibers sleep at once in every sleeping call") {
    let kinds: [() -> Void] = [
      { usleep(200_000) },
      {
        var time = timespec(tv_sec: 0, tv_nsec: 200_000_000)
        nanosleep(&time, nil)
      },
      {
        var time = timespec(tv_sec: 0, tv_nsec: 200_000_000)
        clock_nanosleep(CLOCK_REALTIME, 0, &time, nil)
      },
      {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        time.tv_nsec += 200_000_000
        if time.tv_nsec >= 1_000_000_000 {
          time.tv_sec += 1
          time.tv_nsec -= 1_000_000_000
        }
        clock_nanosleep(CLOCK_MONOTONIC, CInt(TIMER_ABSTIME), &time, nil)
      },
    ]
    let elapsed = try seconds { try together((0..<100).map { kinds[$0 % kinds.count] }) }
    try expect(elapsed >= 0.2 && elapsed < 10, "100 sleeps of 0.2 s took \(elapsed) s")
  },
  Case("sleep returns 0 after whole seconds") {
    let elapsed = try seconds {
      try together((0..<10).map { _ in { try expectEqual(sleep(1), 0, "sleep") } })
    }
    try expect(elapsed >= 1 && elapsed < 8, "10 sleeps of 1 s took \(elapsed) s")
  },
  Case("a sleep of no time succeeds and an invalid one says so") {
    try expectEqual(usleep(0), 0)
    var wrong = timespec(tv_sec: 0, tv_nsec: 2_000_000_000)
    try expectEqual(nanosleep(&wrong, nil), -1)
    try expectEqual(errno, EINVAL)
    try expectEqual(clock_nanosleep(CLOCK_MONOTONIC, 0, &wrong, nil), EINVAL)
  },
  Case("outside fibers a sleep blocks its own thread only") {
    let elapsed = try seconds {
      let threads = (0..<4).map { _ in PlainThread { usleep(200_000) } }
      try together((0..<100).map { _ in { usleep(200_000) } })
      for thread in threads { thread.join() }
    }
    try expect(elapsed >= 0.2 && elapsed < 15, "took \(elapsed) s")
  },
  Case("errno belongs to the fiber") {
    try together(
      {
        errno = 7
        usleep(20_000)
        try expectEqual(errno, 7, "errno after the sleep")
      },
      {
        errno = 9
        usleep(10_000)
        try expectEqual(errno, 9, "errno after the sleep")
      })
  },
]
