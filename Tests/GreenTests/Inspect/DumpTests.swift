import Glibc
import Green
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

@Suite(.bounded) struct DumpTests {
  /// The fiber's part of a dump taken once it waits.
  private func described(_ body: @escaping () throws -> Void, _ check: (FiberDescription) throws -> Void) throws {
    let fiber = Fiber.spawn(name: "subject", body)
    // The first turn starts it, the second sees it parked.
    Fiber.yield()
    Fiber.yield()
    let dump = Hub.current!.dump()
    let description = try #require(dump.fiber(fiber.id))
    try check(description)
    fiber.cancel()
    try fiber.join()
  }

  @Test func aDumpListsEveryFiberWithItsStateParentAndSite() throws {
    try onHub {
      let parked = Fiber.spawn(name: "parked") { try Fiber.sleep(for: .seconds(100)) }
      Fiber.yield()
      let ready = Fiber.spawn(name: "ready", priority: .background) {}
      let dump = Hub.current!.dump()
      #expect(dump.fibers.map(\.state) == [.running, .parked, .ready])
      #expect(dump.fibers.map(\.name) == ["main", "parked", "ready"])
      #expect(dump.fibers.map(\.parent) == [0, Fiber.current!.id, Fiber.current!.id])
      #expect(dump.fibers[1].site.hasPrefix("GreenTests/DumpTests.swift:"))
      #expect(dump.fibers[2].priority == .background)
      #expect(dump.process == getpid())
      parked.cancel()
      #expect(Hub.current!.dump().fiber(parked.id)!.isCancelled)
      try ready.join()
      try parked.join()
    }
  }

  @Test func aSleepShowsItsDeadlineAndHowLongItLasts() throws {
    try onHub {
      try described({ try Fiber.sleep(for: .seconds(100)) }) { fiber in
        let wait = try #require(fiber.wait)
        #expect(wait.kind == .sleep)
        let rest = try #require(wait.deadline.remaining)
        #expect(rest > .seconds(50) && rest <= .seconds(100))
        #expect(wait.duration >= .zero && wait.duration < .seconds(50))
        #expect(fiber.headline.contains("waits for a sleep, at most 9"), "\(fiber)")
      }
    }
  }

  @Test func aWaitForASocketShowsWhatItIsAndItsPeer() throws {
    try onHub {
      let listener = try Listener.bind(SocketAddress(host: "127.0.0.1", port: 0)!)
      let address = listener.address!
      try described({ _ = try listener.accept() }) { fiber in
        #expect(fiber.wait?.kind == .readable)
        #expect(fiber.wait?.description.contains("a TCP socket that listens at \(address)") == true, "\(fiber)")
      }
      let client = try Socket.connect(to: address)
      let server = try listener.accept()
      try described({
        try withUnsafeTemporaryAllocation(byteCount: 1, alignment: 1) { _ = try server.receive(into: $0) }
      }) { fiber in
        #expect(fiber.wait?.descriptors.count == 1)
        #expect(fiber.wait?.description.contains("a TCP socket \(address) to 127.0.0.1:") == true, "\(fiber)")
      }
      withExtendedLifetime(client) {}
    }
  }

  @Test func aWaitForASignalAChildOrAFileShowsThat() throws {
    try onHub {
      try described({ _ = try Signals(.windowChange).next(until: .never) }) { #expect($0.wait?.kind == .signal) }
      let watcher = try FileWatcher()
      try described({ _ = try watcher.next(until: .never) }) { #expect($0.wait?.kind == .fileChange) }
      let child = try ChildProcess.spawn(["sleep", "100"])
      defer { try? child.kill() }
      try described({ _ = try child.wait() }) { fiber in
        #expect(fiber.wait?.kind == .child)
        #expect(fiber.wait?.description == "the end of process \(child.pid)")
      }
    }
  }

  @Test func aWaitForAPipeShowsThatItIsOne() throws {
    try onHub {
      var ends: [CInt] = [0, 0]
      pipe(&ends)
      let read = ends[0]
      try described({ try Readiness.wait(for: read, .read) }) { fiber in
        #expect(fiber.wait?.descriptors == [read])
        #expect(fiber.wait?.description == "a read of descriptor \(read), a pipe")
      }
      close(ends[0])
      close(ends[1])
    }
  }

  @Test func aMutexShowsWhoHoldsIt() throws {
    try onHub {
      let (mutex, isOver) = (Mutex(0), Event())
      let holder = Fiber.spawn(name: "holder") { try mutex.withLock { _ in try isOver.wait() } }
      let other = Fiber.spawn(name: "other") { mutex.withLock { $0 += 1 } }
      Fiber.yield()
      Fiber.yield()
      let wait = try #require(Hub.current!.dump().fiber(other.id)?.wait)
      #expect(wait.kind == .mutex && wait.fiber == holder.id && wait.object != 0)
      #expect(wait.description.contains("which fiber \(holder.id) \"holder\" holds"), "\(wait)")
      isOver.set()
      try holder.value
      try other.value
    }
  }

  @Test func aJoinShowsTheFiberAndAnEventItsAddress() throws {
    try onHub {
      let event = Event()
      let waiting = Fiber.spawn(name: "waiting") { try event.wait() }
      try described({ try waiting.join() }) { fiber in
        #expect(fiber.wait?.kind == .fiber && fiber.wait?.fiber == waiting.id)
        #expect(fiber.wait?.description == "the end of fiber \(waiting.id) \"waiting\"")
      }
      let address = UInt(bitPattern: Unmanaged.passUnretained(event).toOpaque())
      #expect(Hub.current!.dump().fiber(waiting.id)?.wait?.object == address)
      event.set()
      try waiting.value
    }
  }

  @Test func aDumpWithoutBacktracesHasNone() throws {
    try onHub {
      #expect(Hub.current!.dump(backtraces: false).fibers.allSatisfy { $0.backtrace == nil })
    }
  }

  @Test func fibersAtTheSamePlaceAreToldOnce() throws {
    try onHub {
      let fibers = (0..<100).map { _ in Fiber.spawn { try Fiber.sleep(for: .seconds(100)) } }
      Fiber.yield()
      let text = "\(Hub.current!.dump())"
      let repeated = text.split(separator: "\n").count { $0 == "    as fiber \(fibers[0].id)" }
      #expect(repeated == 99, "\(text.prefix(4000))")
      for fiber in fibers { fiber.cancel() }
      for fiber in fibers { try fiber.join() }
    }
  }
}
