import CaseSupport
import Dispatch
import Glibc
import Green
import GreenRedirect
import ThreadCalls

private let label = DispatchSpecificKey<String>()

private func queue(_ name: String, _ attributes: DispatchQueue.Attributes = [], target: DispatchQueue? = nil)
  -> DispatchQueue
{
  let queue = DispatchQueue(label: name, attributes: attributes, target: target)
  queue.setSpecific(key: label, value: name)
  return queue
}

/// How many are inside at once, and how many were at most.
private struct Crowd {
  var present = 0, most = 0

  mutating func enter() {
    present += 1
    most = max(most, present)
  }
}

let dispatchCases = [
  Case("fibers wait inside DispatchQueue.sync of one serial queue, one after the other") {
    let serial = queue("serial")
    var crowd = Crowd()
    let passed = try turns {
      try together(
        (1...10).map { index in
          {
            for _ in 0..<3 {
              let answer = serial.sync { () -> Int in
                crowd.enter()
                usleep(1000)
                crowd.present -= 1
                return index
              }
              try expectEqual(answer, index)
            }
          }
        })
    }
    try expectEqual(crowd.most, 1, "inside at once")
    try expect(passed > 3, "the hub stood still")
  },
  Case("queues with one target are one queue to fibers") {
    let target = queue("target")
    let queues = [target, queue("first", target: target), queue("second", .concurrent, target: target)]
    var crowd = Crowd()
    try together(
      (0..<9).map { index in
        {
          queues[index % 3].sync {
            crowd.enter()
            usleep(1000)
            crowd.present -= 1
          }
        }
      })
    try expectEqual(crowd.most, 1, "inside at once")
  },
  Case("a concurrent queue lets many fibers in, and one with a barrier") {
    let concurrent = queue("concurrent", .concurrent)
    var (readers, writers) = (Crowd(), Crowd())
    try together(
      (0..<20).map { index in
        {
          if index % 5 == 4 {
            try concurrent.sync(flags: .barrier) {
              writers.enter()
              usleep(1000)
              try expectEqual(readers.present, 0, "readers beside a writer")
              writers.present -= 1
            }
          } else {
            concurrent.sync {
              readers.enter()
              usleep(1000)
              readers.present -= 1
            }
          }
        }
      })
    try expectEqual(writers.most, 1, "writers at once")
    try expect(readers.most > 1, "readers waited for each other")
  },
  Case("the queue that a fiber is on goes with it, and is no other fiber's") {
    let (outer, inner) = (queue("outer"), queue("inner"))
    let other = Fiber.spawn {
      for _ in 0..<10 {
        let seen = DispatchQueue.getSpecific(key: label)
        try expect(seen == nil, "another fiber is on \(seen ?? "")")
        usleep(300)
      }
    }
    try together(
      (0..<4).map { _ in
        {
          try outer.sync {
            usleep(500)
            try expectEqual(DispatchQueue.getSpecific(key: label), "outer")
            dispatchPrecondition(condition: .onQueue(outer))
            try inner.sync {
              usleep(500)
              try expectEqual(DispatchQueue.getSpecific(key: label), "inner")
            }
            usleep(500)
            try expectEqual(DispatchQueue.getSpecific(key: label), "outer")
          }
          try expect(DispatchQueue.getSpecific(key: label) == nil, "it is on a queue afterwards")
        }
      })
    try other.value
  },
  Case("threads and fibers are inside one serial queue by turns") {
    let serial = queue("shared")
    let threads = DispatchGroup()
    nonisolated(unsafe) var (count, isInside) = (0, false)
    let visit = { @Sendable (microseconds: UInt32) in
      if isInside { abort() }
      isInside = true
      usleep(microseconds)
      count += 1
      isInside = false
    }
    for _ in 0..<3 {
      DispatchQueue.global().async(group: threads) { for _ in 0..<10 { serial.sync { visit(200) } } }
    }
    for _ in 0..<10 { serial.async(group: threads) { visit(200) } }
    try together((0..<5).map { _ in { for _ in 0..<4 { serial.sync { visit(500) } } } })
    let finished = Event()
    threads.notify(queue: .global()) { finished.set() }
    try finished.wait()
    try expectEqual(count, 60)
  },
  Case("a fiber that asks for one queue while it is inside another waits for it") {
    let queues = (0..<3).map { queue("queue \($0)") }
    var sum = 0
    try together(
      (0..<12).map { index in
        {
          // Always in the same order.
          let (first, second) = (index % 2, 2)
          sum += queues[first].sync {
            usleep(500);
            return queues[second].sync {
              usleep(500); return index
            }
          }
        }
      })
    try expectEqual(sum, 66)
  },
  Case("fibers wait for what dispatch_once initialises") {
    var results: [CInt] = []
    try together((0..<5).map { _ in { results.append(thread_calls_dispatch_once(2000)) } })
    try expectEqual(results, [1, 1, 1, 1, 1])
  },
  Case("dispatch_sync comes to the redirect, however the program is linked") {
    try expect(Redirect.parksInDispatch, "it is libdispatch's own")
  },
]
