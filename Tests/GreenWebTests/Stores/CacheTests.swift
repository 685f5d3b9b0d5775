import Green
import GreenTasks
import GreenWeb
import SuiteSupport
import TestSupport
import Testing

import class Green.Mutex

@Suite(.bounded) struct CacheTests {
  private struct Page: Codable, Equatable, Sendable {
    var title: String
    var size: Int
  }
  private struct Fault: Error {}

  /// One that is not there.
  private struct NoStore: ExpiringStore {
    func read(_ key: String) throws -> [UInt8]? { throw Fault() }
    func write(_ bytes: [UInt8], for key: String, lifetime: Duration) throws { throw Fault() }
    func touch(_ key: String, lifetime: Duration) throws { throw Fault() }
    func remove(_ key: String) throws { throw Fault() }
  }

  /// A store that says when somebody has looked into it.
  private struct WatchedStore: ExpiringStore {
    let store = MemoryStore()
    let reads: Calls

    func read(_ key: String) throws -> [UInt8]? {
      reads.add(key)
      return store.read(key)
    }
    func write(_ bytes: [UInt8], for key: String, lifetime: Duration) throws {
      store.write(bytes, for: key, lifetime: lifetime)
    }
    func touch(_ key: String, lifetime: Duration) throws { store.touch(key, lifetime: lifetime) }
    func remove(_ key: String) throws { store.remove(key) }
  }

  /// A store whose first reader goes on, with what it has read, when it is told to.
  private struct SlowStore: ExpiringStore {
    let store = MemoryStore()
    let reads = Calls()
    let hasRead = Event()
    let goOn = Event()

    func read(_ key: String) throws -> [UInt8]? {
      let (bytes, isFirst) = (store.read(key), reads.all.isEmpty)
      reads.add(key)
      if isFirst {
        hasRead.set()
        try goOn.wait()
      }
      return bytes
    }
    func write(_ bytes: [UInt8], for key: String, lifetime: Duration) throws {
      store.write(bytes, for: key, lifetime: lifetime)
    }
    func touch(_ key: String, lifetime: Duration) throws { store.touch(key, lifetime: lifetime) }
    func remove(_ key: String) throws { store.remove(key) }
  }

  @Test func valuesAreKeptForTheirTime() throws {
    let cache = Cache(prefix: "a:")
    let page = Page(title: "x", size: 1)
    #expect(try cache.get("k", as: Page.self) == nil)
    try cache.set("k", to: page, for: .seconds(3600))
    #expect(try cache.get("k") == page)
    #expect(try cache.get("k", as: [Int].self) == nil)
    try cache.set("k", to: page, for: .zero)
    #expect(try cache.get("k", as: Page.self) == nil)
    try cache.set("k", to: page, for: .seconds(3600))
    try cache.remove("k")
    #expect(try cache.get("k", as: Page.self) == nil)
  }

  @Test func prefixesKeepCachesOfOneStoreApart() throws {
    let store = MemoryStore()
    try Cache(store, prefix: "a:").set("k", to: 1, for: .seconds(3600))
    #expect(try Cache(store, prefix: "b:").get("k", as: Int.self) == nil && Cache(store, prefix: "a:").get("k") == 1)
  }

  @Test func oneMakesWhatManyAskFor() throws {
    let cache = Cache()
    let calls = Calls()
    try onHub {
      let goOn = Event()
      let fibers = (0..<20).map { _ in
        Fiber.spawn {
          try cache.value("k", for: .seconds(3600)) {
            calls.add("made")
            try goOn.wait()
            return 7
          }
        }
      }
      while calls.all.isEmpty { Fiber.yield() }
      for _ in 0..<3 { Fiber.yield() }
      goOn.set()
      for fiber in fibers { expectSame(try fiber.value, 7) }
    }
    #expect(calls.all == ["made"])
    #expect(try cache.value("k", for: .seconds(3600)) { 8 } == 7)
  }

  @Test func blockingAndAsyncCodeMakeOneForAll() throws {
    let (reads, calls) = (Calls(), Calls())
    let cache = Cache(WatchedStore(reads: reads))
    for isFirstAsync in [false, true] {
      let key = "k\(isFirstAsync)"
      try onHub {
        let goOn = Event()
        let fibers = (0..<20).map { number in
          Fiber.spawn { () throws -> Int in
            if number.isMultiple(of: 2) == isFirstAsync {
              return try Fiber.await {
                try await cache.value(key, for: .seconds(3600)) { () async throws -> Int in
                  calls.add("made")
                  try await Fiber.run { try goOn.wait() }
                  return 7
                }
              }
            }
            return try cache.value(key, for: .seconds(3600)) { () throws -> Int in
              calls.add("made")
              try goOn.wait()
              return 7
            }
          }
        }
        // Whoever has read and waits for nobody yet finds what has been made since.
        while reads.all.filter({ $0 == key }).count < 20 { Fiber.yield() }
        goOn.set()
        for fiber in fibers { expectSame(try fiber.value, 7) }
      }
      #expect(calls.take() == ["made"])
    }
  }

  @Test func whatWasMadeSinceItWasLookedForIsNotMadeAgain() throws {
    for isAsync in [false, true] {
      let store = SlowStore()
      let cache = Cache(store)
      try onHub {
        let late = Fiber.spawn { () throws -> Int in
          if isAsync {
            return try Fiber.await { try await cache.value("k", for: .seconds(3600)) { () async throws -> Int in 8 } }
          }
          return try cache.value("k", for: .seconds(3600)) { () throws -> Int in 8 }
        }
        try store.hasRead.wait()
        expectSame(try cache.value("k", for: .seconds(3600)) { () throws -> Int in 7 }, 7)
        store.goOn.set()
        expectSame(try late.value, 7)
      }
    }
  }

  @Test func whatIsInMemoryIsHadWithoutAWait() throws {
    let cache = Cache()
    try cache.set("k", to: 7, for: .seconds(3600))
    try onHub {
      var isOver = false
      let other = Fiber.spawn { isOver = true }
      let value = try Fiber.await { try await cache.value("k", for: .seconds(3600)) { () async throws -> Int in 8 } }
      // An expectation may wait itself.
      let hasWaited = isOver
      #expect(value == 7 && !hasWaited)
      try other.value
    }
  }

  @Test func whatAnAsyncFunctionMakesIsKeptUnlessItFails() async throws {
    let cache = Cache()
    func make(_ value: Int?) async throws -> Int {
      await Task.yield()
      guard let value else { throw Fault() }
      return value
    }
    await #expect(throws: Fault.self) { try await cache.value("k", for: .seconds(3600)) { try await make(nil) } }
    let made = try await cache.value("k", for: .seconds(3600)) { try await make(1) }
    let kept = try await cache.value("k", for: .seconds(3600)) { try await make(2) }
    #expect(made == 1 && kept == 1)
    let alone = try await Cache(NoStore()).value("k", for: .seconds(3600)) { try await make(3) }
    #expect(alone == 3)
  }

  @Test func whatCouldNotBeMadeIsNotKept() throws {
    let cache = Cache()
    #expect(throws: Fault.self) { try cache.value("k", for: .seconds(3600)) { () -> Int in throw Fault() } }
    #expect(try cache.value("k", for: .seconds(3600)) { 1 } == 1)
  }

  @Test func withoutItsStoreValuesAreMadeAllTheSame() throws {
    let cache = Cache(NoStore())
    #expect(try cache.value("k", for: .seconds(3600)) { 1 } == 1)
    #expect(throws: Fault.self) { try cache.get("k", as: Int.self) }
  }

  @Test func aStoreInMemoryIsBounded() throws {
    let cache = Cache(MemoryStore(limit: 10))
    for number in 0..<100 { try cache.set("\(number)", to: number, for: .seconds(60 + number)) }
    #expect(try (0..<100).filter { try cache.get("\($0)", as: Int.self) != nil }.count <= 10)
    #expect(try cache.get("99") == 99)
  }
}
