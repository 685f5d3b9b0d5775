import CaseSupport
import Dispatch
import Glibc
import Green
import Synchronization
import ThreadCalls

/// Runs `body` in a fiber while another counts how often it has its turn, which `count` shows to threads: how often
/// that was.
func turns(in count: Count = Count(), during body: @escaping () throws -> Void) throws -> Int {
  var isDone = false
  let clock = Fiber.spawn {
    while !isDone {
      count.add()
      usleep(500)
    }
  }
  try together {
    defer { isDone = true }
    try body()
  }
  try clock.value
  return count.value
}

/// For a thread that works for a fiber: returns when the fiber's hub has gone on for some turns, or stands still.
private func outlast(_ turns: Count) {
  let (begin, end) = (turns.value, Deadline.after(.seconds(20)))
  while turns.value < begin + 6 && !end.hasPassed { usleep(1000) }
}

// What waits in libdispatch beside DispatchQueue.sync: the hub goes on meanwhile.
let dispatchWaitCases = [
  Case("Green's own calls wait inside DispatchQueue.sync") {
    let serial = DispatchQueue(label: "serial")
    let channel = Channel<Int>()
    var received: [Int?] = []
    let sender = Fiber.spawn { for number in 0..<6 { try channel.send(number) } }
    try together(
      (0..<6).map { _ in
        {
          try serial.sync {
            try Fiber.sleep(for: .milliseconds(1))
            received.append(try channel.receive())
            Fiber.yield()
          }
        }
      })
    try sender.value
    try expectEqual(received, [0, 1, 2, 3, 4, 5])
  },
  Case("fibers wait inside dispatch_async_and_wait, one after the other") {
    let passed = try turns {
      try together(
        (0..<10).map { index in
          { for _ in 0..<3 { try expectEqual(thread_calls_async_and_wait(500, CInt(index % 2)), 1) } }
        })
    }
    try expect(passed > 2, "the hub stood still")
  },
  Case("fibers wait inside barriers of a concurrent queue, one after the other") {
    let queue = DispatchQueue(label: "concurrent", attributes: .concurrent)
    var crowd = 0
    let passed = try turns {
      try together(
        (0..<10).map { _ in
          {
            try queue.sync(flags: .barrier) {
              crowd += 1
              usleep(500)
              try expectEqual(crowd, 1, "inside at once")
              crowd -= 1
            }
          }
        })
    }
    try expect(passed > 2, "the hub stood still")
  },
  Case("fibers wait for groups, semaphores and work items of threads") {
    let group = DispatchGroup()
    let semaphore = DispatchSemaphore(value: 0)
    let count = Count()
    let item = DispatchWorkItem { outlast(count) }
    let passed = try turns(in: count) {
      DispatchQueue.global().async(group: group) { outlast(count) }
      DispatchQueue.global().async(execute: item)
      DispatchQueue.global().async {
        outlast(count)
        semaphore.signal()
      }
      try together({ group.wait() }, { semaphore.wait() }, { item.wait() })
      try expect(group.wait(timeout: .now() + .milliseconds(1)) == .success, "the group")
      try expect(semaphore.wait(timeout: .now() + .milliseconds(1)) == .timedOut, "the semaphore")
    }
    try expect(passed > 5, "the hub stood still")
  },
  Case("fibers signal what fibers wait for") {
    let group = DispatchGroup()
    let semaphore = DispatchSemaphore(value: 0)
    var order: [String] = []
    group.enter()
    try together(
      {
        semaphore.wait()
        order.append("signalled")
        group.leave()
      },
      {
        group.wait()
        order.append("left")
      },
      {
        usleep(1000)
        order.append("signals")
        semaphore.signal()
      })
    try expectEqual(order, ["signals", "signalled", "left"])
  },
  Case("concurrentPerform waits in the hub, and its body may block") {
    let (performed, count) = (Count(), Count())
    let passed = try turns(in: count) {
      try together(
        (0..<4).map { _ in
          {
            DispatchQueue.concurrentPerform(iterations: 20) { index in
              if index == 0 { outlast(count) } else { usleep(500) }
              performed.add()
            }
          }
        })
    }
    try expectEqual(performed.value, 80)
    try expect(passed > 5, "the hub stood still")
  },
  Case("concurrentPerform inside DispatchQueue.sync, and sync inside it") {
    let (outer, inner) = (DispatchQueue(label: "outer"), DispatchQueue(label: "inner"))
    let sums = Atomic(0)
    try together(
      (0..<4).map { _ in
        {
          outer.sync {
            DispatchQueue.concurrentPerform(iterations: 10) { index in
              inner.sync { _ = sums.add(index, ordering: .relaxed) }
            }
          }
        }
      })
    try expectEqual(sums.load(ordering: .relaxed), 180)
  },
]
