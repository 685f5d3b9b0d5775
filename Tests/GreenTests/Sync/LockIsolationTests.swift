import Foundation
import SuiteSupport
import TestSupport
import Testing

/// The compiler refuses what would let a value that is not `Sendable` out of its lock, as it does with the standard
/// library's. (A plain `withLock { $0 }` passes with both: Swift 6.3 does not see it.)
@Suite(.enabled(if: Compiler.canImportGreen), .bounded) struct LockIsolationTests {
  @Test func aValueThatIsNotSendableDoesNotLeaveItsLockByAVariable() throws {
    try Compiler.expectRefusals(
      """
      func changed(_ mutex: Mutex<Box>, _ again: ReentrantMutex<Shelf>, _ lock: ReadWriteLock<Box>) throws -> Box {
        var mine = Box()
        mutex.withLock { mine = $0 }  // refused
        _ = mutex.withLockIfAvailable { mine = $0 }  // refused
        try mutex.withLock(until: .now) { mine = $0 }  // refused
        again.withLock { mine = $0.value.box }  // refused
        _ = again.withLockIfAvailable { mine = $0.value.box }  // refused
        try again.withLock(until: .now) { mine = $0.value.box }  // refused
        lock.withWriteLock { mine = $0 }  // refused
        try lock.withWriteLock(until: .now) { mine = $0 }  // refused
        try mutex.withLock(awaiting: Condition(), where: { _ in true }) { mine = $0 }  // refused
        _ = try mutex.withLock(awaiting: Condition(), where: { mine = $0; return true }) { _ in }  // refused
        return mine
      }
      func read(_ lock: ReadWriteLock<Box>) throws -> Box {
        if Bool.random() { return try lock.withReadLock(until: .now) { $0 } }  // refused
        return lock.withReadLock { $0 }  // refused
      }
      """)
  }

  @Test func whatOthersUseDoesNotGetIntoALock() throws {
    try Compiler.expectRefusals(
      """
      func put(_ box: Box, _ mutex: Mutex<Box>, _ again: ReentrantMutex<Shelf>, _ lock: ReadWriteLock<Box>) {
        mutex.withLock { $0 = box }  // refused
        again.withLock { $0.value.box = box }  // refused
        lock.withWriteLock { $0 = box }  // refused
      }
      """)
  }

  @Test func manyReadersOfOneValueNeedASendableOne() throws {
    try Compiler.expectRefusals(
      """
      func use(_ some: some Sendable) {}
      func use(_ boxes: ReadWriteLock<Box>, _ numbers: ReadWriteLock<[Int]>) {
        use(numbers)
        use(boxes)  // refused
      }
      """)
  }

  @Test func whatIsSoundIsAllowed() throws {
    try Compiler.expectRefusals(
      """
      func exchange(_ mutex: Mutex<Box>) -> Box {
        mutex.withLock { $0.number += 1 }
        return mutex.withLock { box in
          let old = box
          box = Box()
          return old
        }
      }
      func again(_ mutex: ReentrantMutex<Shelf>) -> Int {
        mutex.withLock { content in
          content.value.box = Box()
          return mutex.withLock { $0.value.box.number } + content.value.box.number
        }
      }
      struct Full: Error {}
      func typed(_ mutex: Mutex<[Int]>) throws(Full) {
        try mutex.withLock { numbers throws(Full) in
          if numbers.count > 9 { throw Full() }
          numbers.append(1)
        }
      }
      func wait(_ mutex: Mutex<[Int]>, _ added: Condition) throws -> Int {
        try mutex.withLock(awaiting: added, where: { !$0.isEmpty }) { $0.removeFirst() }
      }
      """)
  }
}
