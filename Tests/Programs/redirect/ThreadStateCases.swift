import CaseSupport
import Glibc
import Green
import GreenRedirect
import ThreadCalls

/// The functions of libcrypto that put an error into its queue and take it out.
private struct ErrorQueue {
  let make: @convention(c) () -> Void
  let set: @convention(c) (CInt, CInt, UnsafePointer<CChar>?) -> Void
  let peek, take: @convention(c) () -> UInt

  init?() {
    guard let library = dlopen("libcrypto.so.3", RTLD_NOW) else { return nil }
    make = unsafeBitCast(dlsym(library, "ERR_new"), to: (@convention(c) () -> Void).self)
    set = unsafeBitCast(
      dlsym(library, "ERR_set_error"), to: (@convention(c) (CInt, CInt, UnsafePointer<CChar>?) -> Void).self)
    peek = unsafeBitCast(dlsym(library, "ERR_peek_error"), to: (@convention(c) () -> UInt).self)
    take = unsafeBitCast(dlsym(library, "ERR_get_error"), to: (@convention(c) () -> UInt).self)
  }
}

private func word() -> UnsafeMutableRawPointer? { UnsafeMutableRawPointer(thread_calls_word()) }

// What C and C++ libraries keep for each thread is the fiber's.
let threadStateCases = [
  Case("a fiber waits in a catch block, and rethrows its own exception") {
    try together(
      (1...20).map { index in
        {
          for _ in 0..<3 {
            try expectEqual(thread_calls_rethrow(CInt(index), UInt32(500 * (21 - index))), CInt(index))
          }
        }
      })
  },
  Case("a fiber waits in a destructor while an exception passes") {
    try together(
      (1...20).map { index in
        {
          for _ in 0..<3 {
            try expectEqual(thread_calls_unwind(CInt(index), UInt32(500 * (21 - index))), CInt(index))
          }
        }
      })
  },
  Case("initialisers of std::call_once wait and throw while other fibers wait for them") {
    var thrown = 0
    try together(
      (1...5).map { _ in
        {
          let own = Int(thread_calls_once(1000))
          try expect(own >= 0, "not initialised once")
          thrown += own
        }
      })
    try expectEqual(thrown, 2, "errors")
  },
  Case("OpenSSL's queue of errors is the fiber's") {
    guard let queue = ErrorQueue() else { return }
    try together(
      (1...10).map { index in
        {
          try expectEqual(queue.peek(), 0, "an error at first")
          if index % 2 == 1 {
            usleep(3000)
            try expectEqual(queue.peek(), 0, "another's error")
          } else {
            queue.make()
            queue.set(9, CInt(100 + index), nil)
            let own = queue.peek()
            usleep(1000)
            try expectEqual(queue.take(), own)
          }
        }
      })
    try expectEqual(queue.peek(), 0, "the thread's queue")
  },
  Case("the locale is the fiber's") {
    let (global, parents) = (uselocale(nil), newlocale(1 << LC_CTYPE, "C.UTF-8", nil))
    try expect(uselocale(parents) == global, "the one before")
    try together(
      (1...10).map { index in
        {
          try expect(uselocale(nil) == global, "at first")
          guard index % 2 == 0 else {
            usleep(2000)
            return try expect(uselocale(nil) == global, "another's")
          }
          let own = newlocale(1 << LC_NUMERIC, "C", nil)
          for _ in 0..<3 {
            uselocale(own)
            usleep(1000)
            try expect(uselocale(nil) == own, "after a wait")
            let before = uselocale(parents)
            try expect(before == own, "the one before")
            usleep(500)
            try expect(uselocale(nil) == parents, "another, asked for")
          }
          // What is left behind is no other fiber's, but for the next with the same control block.
          uselocale(fibersAreThreads ? global : own)
        }
      })
    try expect(uselocale(global) == parents, "the parent's")
    try together({ try expect(uselocale(nil) == global, "left behind") })
    freelocale(parents)
  },
  Case("a library's words are the fiber's where it was asked for") {
    try ThreadWords.belongToFibers(1, at: word)
    thread_calls_word()!.pointee = 7
    try together(
      (1...10).map { index in
        {
          let mine = thread_calls_word()!
          try expectEqual(mine.pointee, 0, "at first")
          mine.pointee = UInt(index)
          usleep(1000)
          try expectEqual(mine.pointee, UInt(index))
        }
      })
    try expectEqual(thread_calls_word()!.pointee, 7, "the thread's")
    let refused: Void? = try? ThreadWords.belongToFibers(100, at: { UnsafeMutableRawPointer(thread_calls_word()! + 1) })
    try expect(refused == nil, "there was room for 100")
  },
  Case("a library whose keys are to be the fiber's is named as its file") {
    try expect(!Redirect.makeFiberLocal(keysOf: "lib/z"), "a name with a slash")
    try expect(!Redirect.makeFiberLocal(keysOf: ""), "no name")
    try expect(Redirect.makeFiberLocal(keysOf: "libxml2"), "a name")
  },
]
