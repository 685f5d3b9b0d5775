import CaseSupport
import CxxCalls
import Glibc
import Green

private var kinds: Range<CInt> { 0..<CInt(CXX_KINDS.rawValue) }

let cxxCases = [
  Case("what C++ waits with is waited for by a fiber, and released by a fiber") {
    for kind in kinds {
      let object = cxx_make(kind)
      try whileOthersRun {
        let releaser = Fiber.spawn {
          usleep(100_000)
          cxx_release(kind, object)
        }
        try expectEqual(cxx_wait(kind, object), 1, String(cString: cxx_name(kind)))
        try releaser.value
      }
    }
  },
  Case("what C++ waits with is shared by fibers and threads") {
    for kind in kinds {
      nonisolated(unsafe) let (there, back) = (cxx_make(kind)!, cxx_make(kind)!)
      let thread = PlainThread {
        _ = cxx_wait(kind, there)
        usleep(100_000)
        cxx_release(kind, back)
      }
      usleep(5000)
      try whileOthersRun {
        cxx_release(kind, there)
        try expectEqual(cxx_wait(kind, back), 1, String(cString: cxx_name(kind)))
      }
      thread.join()
    }
  },
  Case("a wait of C++ with a time ends at it") {
    for kind in [CXX_SEMAPHORE, CXX_FUTURE].map({ CInt($0.rawValue) }) {
      try whileOthersRun { try expectEqual(cxx_wait_in_vain(kind, cxx_make(kind), 40), 1) }
    }
  },
]
