import Green
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

private struct Broken: Error, Equatable {}

@Suite(.bounded) struct PromiseTests {
  @Test func itHasItsFirstResultForEver() throws {
    let promise = Promise<String>()
    #expect(!promise.isFulfilled && promise.result == nil)
    #expect(promise.fulfil("first"))
    #expect(!promise.fulfil("second"))
    #expect(!promise.fail(Broken()))
    for _ in 0..<2 {
      let value = try promise.value
      #expect(value == "first")
    }
    #expect(promise.isFulfilled)
  }

  @Test func anErrorIsThrownToAllWhoWait() throws {
    try onHub {
      let promise = Promise<Int>()
      let waiters = (0..<3).map { _ in Fiber.spawn { try promise.value } }
      settle()
      promise.fail(Broken())
      for waiter in waiters { #expect(throws: Broken()) { try waiter.value } }
      try promise.wait()
      #expect(throws: Broken()) { try promise.result?.get() }
    }
  }

  @Test func itTakesAFibersResult() throws {
    try onHub {
      let (good, bad) = (Promise<Int>(), Promise<Int>())
      Fiber<Int>.spawn { 3 }.whenFinished { good.fulfil(with: ($0 as! Fiber<Int>).result!) }
      Fiber<Int>.spawn { throw Broken() }.whenFinished { bad.fulfil(with: ($0 as! Fiber<Int>).result!) }
      let value = try good.value
      #expect(value == 3)
      #expect(throws: Broken()) { try bad.value }
    }
  }

  @Test func ofManyThreadsOneFulfilsIt() throws {
    for _ in 0..<200 {
      let promise = Promise<[Int]>()
      let winners = Mutex<[Int]>([])
      let work: (Int) -> () throws -> Void = { index in
        {
          if promise.fulfil([index]) { winners.withLock { $0.append(index) } }
          let value = try promise.value
          if value != winners.withLock({ $0 }) { _ = try promise.value(until: .now) }
        }
      }
      try inParallel([work(0), work(1), { try onHub(work(2)) }])
      let value = try promise.value
      #expect(winners.withLock { $0 } == value)
    }
  }

  @Test func largeValuesAreReleasedWithIt() throws {
    final class Big {}
    weak var object: Big?
    do {
      let promise = Promise<(Int, Int, Int, Int, Big)>()
      let big = Big()
      object = big
      promise.fulfil((1, 2, 3, 4, big))
      let value = try promise.value
      #expect(value.3 == 4)
    }
    #expect(object == nil)
  }
}
