import Glibc
import Green
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

private struct Cause: Error, Equatable {}

@Suite(.bounded) struct CancellationTests {
  @Test func aSleeperThatIsCancelledThrowsAtOnce() throws {
    let elapsed = try onHub {
      seconds {
        let fiber = Fiber.spawn { try Fiber.sleep(for: .seconds(60)) }
        Fiber.yield()
        fiber.cancel()
        #expect(throws: CancellationError.self) { try fiber.value }
      }
    }
    #expect(elapsed < 20)
  }

  @Test func everyLaterWaitThrowsTooUntilTheFiberEnds() throws {
    try onVirtualHub {
      var thrown = 0
      let fiber = Fiber.spawn {
        for _ in 0..<5 {
          do { try Fiber.sleep(for: .seconds(60)) } catch is CancellationError { thrown += 1 }
        }
      }
      Fiber.yield()
      fiber.cancel()
      try fiber.value
      #expect(thrown == 5)
    }
  }

  @Test func deferAndWhatNeedsNoWaitingStillRun() throws {
    try onVirtualHub {
      let (left, right) = try pair()
      var isCleanedUp = false
      let fiber = Fiber.spawn {
        defer { isCleanedUp = true }
        defer { try? left.send(bytes("bye")) }
        try Fiber.sleep(for: .seconds(60))
      }
      Fiber.yield()
      fiber.cancel()
      #expect(throws: CancellationError.self) { try fiber.value }
      #expect(isCleanedUp)
      let received = try right.text(3)
      #expect(received == "bye")
    }
  }

  @Test func aFiberThatHasNotBegunNeverRunsAndItsJoinersAreTold() throws {
    try onVirtualHub {
      var hasRun = false
      let fiber = Fiber.spawn { hasRun = true }
      let joiner = Fiber.spawn { try fiber.value }
      fiber.cancel()
      #expect(throws: CancellationError.self) { try joiner.value }
      #expect(!hasRun && fiber.isFinished)
    }
  }

  @Test func theCauseIsKept() throws {
    try onVirtualHub {
      let fiber = Fiber.spawn { try Fiber.sleep(for: .seconds(60)) }
      fiber.cancel(cause: Cause())
      fiber.cancel()
      try fiber.join()
      #expect(fiber.isCancelled)
      #expect(fiber.cancellationCause as? Cause == Cause())
    }
  }

  @Test func cancellingAFinishedFiberDoesNothing() throws {
    try onHub {
      let fiber = Fiber.spawn { 7 }
      try fiber.join()
      fiber.cancel()
      let value = try fiber.value
      #expect(value == 7 && !fiber.isCancelled)
    }
  }

  @Test func aFiberMayCancelItself() throws {
    try onEverySchedule {
      let fiber = Fiber.spawn {
        Fiber.current!.cancel()
        #expect(Fiber.isCancelled)
        #expect(throws: CancellationError.self) { try Fiber.checkCancellation() }
        Fiber.yield()
        try Fiber.sleep(for: .zero)
        try Fiber.sleep(for: .seconds(60))
      }
      #expect(throws: CancellationError.self) { try fiber.value }
    }
  }

  @Test func whoIsWokenBeforeItIsCancelledHasWhatItWaitedFor() throws {
    try onHub {
      let event = Event()
      var isThrough = false
      let fiber = Fiber.spawn {
        try event.wait()
        isThrough = true
        try event.wait()
        try Fiber.sleep(for: .seconds(60))
      }
      Fiber.yield()
      event.set()
      fiber.cancel()
      #expect(throws: CancellationError.self) { try fiber.value }
      #expect(isThrough)
    }
  }

  @Test func aReceiveAnAcceptAndAJoinAreCancelled() throws {
    try onHub {
      let (left, _right) = try pair()
      let listener = try Listener.bind(SocketAddress(host: "127.0.0.1", port: 0)!)
      let sleeper = Fiber.spawn { try Fiber.sleep(for: .seconds(60)) }
      let fibers: [AnyFiber] = [
        Fiber.spawn { _ = try left.text(1) }, Fiber.spawn { _ = try listener.accept() },
        Fiber.spawn { try sleeper.value },
      ]
      Fiber.yield()
      for fiber in fibers { fiber.cancel() }
      for fiber in fibers { try fiber.join() }
      // The descriptor is not waited for any more: it can be used.
      let reader = Fiber.spawn { try left.text(1) }
      try _right.send(bytes("x"))
      let text = try reader.value
      #expect(text == "x")
      sleeper.cancel()
    }
  }

  @Test func aShieldHoldsTheCancellationBack() throws {
    try onVirtualHub {
      var isSaved = false
      let fiber = Fiber.spawn {
        try withShield {
          try Fiber.sleep(for: .milliseconds(5))
          #expect(!Fiber.isCancelled)
          isSaved = true
        }
        try Fiber.sleep(for: .seconds(60))
      }
      Fiber.yield()
      fiber.cancel()
      #expect(throws: CancellationError.self) { try fiber.value }
      #expect(isSaved)
    }
  }

  @Test func aShieldAfterTheCancellationHoldsItBackToo() throws {
    try onVirtualHub {
      var isCleanedUp = false
      let fiber = Fiber.spawn {
        do {
          try Fiber.sleep(for: .seconds(60))
        } catch {
          try withShield {
            try withShield { try Fiber.sleep(for: .milliseconds(1)) }
            try Fiber.sleep(for: .milliseconds(1))
          }
          isCleanedUp = true
          throw error
        }
      }
      Fiber.yield()
      fiber.cancel()
      #expect(throws: CancellationError.self) { try fiber.value }
      #expect(isCleanedUp)
    }
  }

  @Test func aWaitForAMutexIsNotCancelledUnlessAsked() throws {
    try onHub {
      let mutex = Mutex(0)
      let release = Event()
      let holder = Fiber.spawn { try mutex.withLock { _ in try release.wait() } }
      Fiber.yield()
      let patient = Fiber.spawn { mutex.withLock { $0 += 1 } }
      let impatient = Fiber.spawn { try mutex.withLock(until: .never) { $0 += 10 } }
      Fiber.yield()
      patient.cancel()
      impatient.cancel()
      #expect(throws: CancellationError.self) { try impatient.value }
      release.set()
      try holder.value
      try patient.value
      #expect(mutex.withLock { $0 } == 1)
    }
  }
}

private func pair() throws -> (Socket, Socket) {
  var ends: [CInt] = [0, 0]
  guard socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &ends) == 0 else { throw Errno(rawValue: errno) }
  return (Socket(adopting: ends[0]), Socket(adopting: ends[1]))
}

private func bytes(_ text: String) -> UnsafeRawBufferPointer {
  // Leaked on purpose: it must outlive the send.
  let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: text.utf8.count)
  _ = copy.initialize(from: text.utf8)
  return UnsafeRawBufferPointer(copy)
}

extension Socket {
  fileprivate func text(_ count: Int) throws -> String {
    var buffer = [UInt8](repeating: 0, count: count)
    let received = try buffer.withUnsafeMutableBytes { try receive(into: $0) }
    return String(decoding: buffer[..<received], as: UTF8.self)
  }
}
