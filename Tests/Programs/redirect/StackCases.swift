import CaseSupport
import Glibc
import Green
import GreenRedirect
import ThreadCalls

// What asks for the bounds of its thread's stack: garbage collectors, interpreters, Swift's runtime.
private let megabyte = 1 << 20
/// The same of a large stack, which is larger where frames are.
private let large = Sanitizer.current == nil ? megabyte : 4 * megabyte

let stackCases = [
  Case("pthread_getattr_np tells the bounds of the stack that a fiber is on") {
    try together(
      (0..<5).map { _ in
        {
          try expect((1..<megabyte).contains(thread_calls_stack_bytes()), "the fiber's")
          try Fiber.onBigStack {
            try expect((7 * large..<9 * large).contains(thread_calls_stack_bytes()), "the big one's")
            usleep(1000)
            try expect((7 * large..<9 * large).contains(thread_calls_stack_bytes()), "the big one's again")
            try Fiber.onBigStack(bytes: 2 * megabyte) {
              try expect((large..<3 * large).contains(thread_calls_stack_bytes()), "the inner one's")
            }
          }
          try expect((1..<megabyte).contains(thread_calls_stack_bytes()), "the fiber's again")
        }
      })
  },
  Case("outside fibers pthread_getattr_np is the real one, but for a big stack") {
    nonisolated(unsafe) var bytes: [Int] = []
    let thread = PlainThread {
      bytes.append(thread_calls_stack_bytes())
      try? Fiber.onBigStack(bytes: 32 << 20) { bytes.append(thread_calls_stack_bytes()) }
      bytes.append(thread_calls_stack_bytes())
    }
    thread.join()
    try expect(bytes.count == 3 && bytes[0] > 0 && bytes[0] == bytes[2], "the thread's: \(bytes)")
    try expect((31 * large..<33 * large).contains(bytes[1]), "the big one's: \(bytes)")
  },
]
