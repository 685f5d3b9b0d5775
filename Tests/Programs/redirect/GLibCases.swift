import CCalls
import CaseSupport
import Glibc
import Green

/// GLib is loaded here, as a library of the program's would load it.
private func withGLib(_ body: () throws -> Void) throws {
  try expectEqual(ccalls_glib(), 0, "libglib-2.0.so.0, of libglib2.0-dev")
  try body()
}

let glibCases = [
  Case("GLib's locks of every kind are the fiber's, and its waiters let others run") {
    try withGLib {
      for kind: CInt in 0..<3 {
        nonisolated(unsafe) var (inside, most, turns) = (0, 0, 0)
        try whileOthersRun {
          let fibers = (0..<20).map { _ in
            Fiber.spawn {
              ccalls_glib_lock(kind)
              inside += 1
              most = max(most, inside)
              usleep(2000)
              inside -= 1
              turns += 1
              ccalls_glib_unlock(kind)
            }
          }
          for fiber in fibers { try fiber.value }
        }
        try expectEqual([most, turns], [1, 20], "of kind \(kind)")
      }
    }
  },
  Case("readers of a GRWLock are inside at once, and a writer is alone") {
    try withGLib {
      nonisolated(unsafe) var (readers, most) = (0, 0)
      try whileOthersRun {
        let fibers = (0..<20).map { index in
          Fiber.spawn {
            let kind: CInt = index % 5 == 4 ? 2 : 3
            ccalls_glib_lock(kind)
            if kind == 3 { readers += 1 } else { try expectEqual(readers, 0, "readers beside a writer") }
            most = max(most, readers)
            usleep(3000)
            if kind == 3 { readers -= 1 }
            ccalls_glib_unlock(kind)
          }
        }
        for fiber in fibers { try fiber.value }
      }
      try expect(most > 1, "\(most) readers at most")
    }
  },
  Case("a thread and fibers share a GMutex", skip: Sanitizer.skip(under: .thread, Sanitizer.seesNoFutexes)) {
    try withGLib {
      // Unsafe: guarded by the lock.
      nonisolated(unsafe) var count = 0
      @Sendable func add() {
        for _ in 0..<200 {
          ccalls_glib_lock(0)
          let before = count
          usleep(20)
          count = before + 1
          ccalls_glib_unlock(0)
        }
      }
      try whileOthersRun {
        let thread = PlainThread { add() }
        let fibers = (0..<4).map { _ in Fiber.spawn { add() } }
        for fiber in fibers { try fiber.value }
        thread.join()
      }
      try expectEqual(count, 1000)
    }
  },
  Case("GCond wakes fibers, by fibers and by threads, and its times pass") {
    try withGLib {
      try whileOthersRun {
        let fibers = (0..<50).map { _ in Fiber.spawn { ccalls_glib_take_ticket(-1) } }
        usleep(10_000)
        for _ in 0..<10 { ccalls_glib_give_tickets(1) }
        usleep(10_000)
        try expectEqual(fibers.count { $0.isFinished }, 10, "by signals")
        let thread = PlainThread { ccalls_glib_give_tickets(40) }
        for fiber in fibers { try expectEqual(try fiber.value, 1) }
        thread.join()
        try expectEqual(ccalls_glib_take_ticket(20), 0, "none is left")
      }
    }
  },
  Case("an initialiser of g_once_init_enter that waits runs once") {
    try withGLib {
      try whileOthersRun {
        let fibers = (0..<10).map { _ in Fiber.spawn { ccalls_glib_once() } }
        for fiber in fibers { try expectEqual(try fiber.value, 1) }
      }
    }
  },
  Case("GAsyncQueue and GThreadPool bring fibers the work of threads") {
    try withGLib {
      // Unsafe: GLib's own are for any thread.
      nonisolated(unsafe) let queue = ccalls_glib_queue()
      nonisolated(unsafe) let pool = ccalls_glib_pool(queue, 3)
      try whileOthersRun {
        try expectEqual(ccalls_glib_pop(queue, 5), 0, "an empty queue")
        let takers = (0..<50).map { _ in Fiber.spawn { ccalls_glib_pop(queue, -1) } }
        for value in 1...50 { ccalls_glib_give_work(pool, value) }
        var sum = 0
        for fiber in takers { sum += try fiber.value }
        try expectEqual(sum, 1275)
        for value in 1...10 { ccalls_glib_give_work(pool, value) }
        ccalls_glib_finish(pool)
        for _ in 0..<10 { try expect(ccalls_glib_pop(queue, 0) > 0, "finished before all was done") }
      }
      ccalls_glib_free_queue(queue)
    }
  },
]
