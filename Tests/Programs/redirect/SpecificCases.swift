import CaseSupport
import Glibc
import Green
import GreenRedirect
import WaitCalls

private func pointer(_ value: Int) -> UnsafeMutableRawPointer? { UnsafeMutableRawPointer(bitPattern: value) }

let specificCases = [
  Case("a key that belongs to the fiber has each fiber's value, and the thread's outside") {
    var key = pthread_key_t()
    try expectEqual(calls_counted_key(&key), 0)
    try expect(Redirect.makeFiberLocal(key: key), "makeFiberLocal")
    let before = calls_destroyed()
    try together(
      (1...20).map { index in
        {
          try expect(pthread_getspecific(key) == nil, "a value at first")
          try expectEqual(pthread_setspecific(key, pointer(index)), 0)
          for _ in 0..<3 {
            usleep(1000)
            try expectEqual(pthread_getspecific(key), pointer(index), "after a sleep")
          }
          Redirect.bypass { _ = pthread_getspecific(key) }
        }
      })
    try expectEqual(calls_destroyed() - before, 20, "destructors run")
    let thread = PlainThread {
      pthread_setspecific(key, pointer(5))
      if pthread_getspecific(key) != pointer(5) { abort() }
    }
    thread.join()
    try expectEqual(calls_destroyed() - before, 21, "destructors run, with the thread's")
    try expectEqual(pthread_key_delete(key), 0)
  },
  Case("keys made in keysPerFiber have the thread's values while a fiber borrows them") {
    var key = pthread_key_t()
    Redirect.keysPerFiber { _ = pthread_key_create(&key, nil) }
    ThreadKeys.borrow { _ = pthread_setspecific(key, pointer(7)) }
    try together(
      (1...3).map { number in
        {
          pthread_setspecific(key, pointer(number))
          try ThreadKeys.borrow {
            try expectEqual(pthread_getspecific(key), pointer(7), "borrowed")
            try ThreadKeys.borrow { try expectEqual(pthread_getspecific(key), pointer(7), "borrowed twice") }
          }
          try expectEqual(pthread_getspecific(key), pointer(number), "its own")
          Fiber.yield()
          try expectEqual(pthread_getspecific(key), pointer(number), "its own still")
        }
      })
    ThreadKeys.borrow { _ = pthread_setspecific(key, nil) }
    pthread_key_delete(key)
  },
  Case("keys made in keysPerFiber belong to the fiber, all others to the thread") {
    var (mine, others, again) = (pthread_key_t(), pthread_key_t(), pthread_key_t())
    Redirect.keysPerFiber { _ = pthread_key_create(&mine, nil) }
    pthread_key_create(&others, nil)
    pthread_setspecific(others, pointer(9))
    try together(
      (1...5).map { index in
        {
          pthread_setspecific(mine, pointer(index))
          usleep(1000)
          try expectEqual(pthread_getspecific(mine), pointer(index))
          try expectEqual(pthread_getspecific(others), pointer(9))
        }
      })
    // The next key of the same number is another.
    pthread_setspecific(mine, pointer(1))
    pthread_key_delete(mine)
    pthread_key_create(&again, nil)
    try expectEqual(again, mine)
    try expect(pthread_getspecific(again) == nil, "it has the value of the one before")
    pthread_key_delete(again)
    pthread_key_delete(others)
  },
]
