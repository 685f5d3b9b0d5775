import SuiteSupport
import TestSupport
import Testing

/// The compiler refuses what would let several threads use a value at once that is not `Sendable`.
@Suite(.enabled(if: Compiler.canImportGreen), .bounded) struct SendableTests {
  @Test func whatIsNotSendableIsNotSharedBetweenHubs() throws {
    try Compiler.expectRefusals(
      """
      func use(_ some: some Sendable) {}
      func numbers(
        _ broadcast: BroadcastChannel<Int>, _ receiver: BroadcastReceiver<Int>, _ watch: Watch<Int>,
        _ changes: WatchChanges<Int>, _ flights: SingleFlight<Int, Int>, _ fiber: RemoteFiber<Int>, _ pool: HubPool,
        _ latch: Latch, _ barrier: Barrier, _ semaphore: Semaphore, _ budget: RetryBudget, _ policy: RetryPolicy
      ) {
        use(broadcast); use(receiver); use(watch); use(changes); use(flights); use(fiber)
        use(pool); use(latch); use(barrier); use(semaphore); use(budget); use(policy)
      }
      func boxes(
        _ broadcast: BroadcastChannel<Box>, _ receiver: BroadcastReceiver<Box>, _ watch: Watch<Box>,
        _ changes: WatchChanges<Box>, _ flights: SingleFlight<Int, Box>
      ) {
        use(broadcast)  // refused
        use(receiver)  // refused
        use(watch)  // refused
        use(changes)  // refused
        use(flights)  // refused
      }
      """)
  }

  @Test func aFiberOfAPoolTakesAndGivesOnlyWhatIsSendable() throws {
    try Compiler.expectRefusals(
      """
      func spawn(_ pool: HubPool, _ box: Box, _ number: Int) throws -> Int {
        pool.spawn { box.number += 1 }  // refused
        var count = 0
        pool.spawn { count += 1 }  // refused
        count += 1
        return try pool.spawn { number + 1 }.value
      }
      func give(_ pool: HubPool) {
        _ = pool.spawn { Box() }  // refused
      }
      """)
  }
}
