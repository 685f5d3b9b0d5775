import DataServers
import Glibc
import Green
import GreenPostgres
import GreenTasks
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

@Suite(.bounded) struct FailureTests {
  @Test func aDeadlineCancelsTheStatementAndTheConnectionGoesOn() throws {
    try withDatabase(connections: 1) { db in
      for _ in 0..<3 {
        #expect(throws: TimeoutError.self) {
          try withTimeout(.milliseconds(50)) { try db.execute("select pg_sleep(60)") }
        }
      }
      let value = try db.value("select 1", as: Int.self)
      #expect(value == 1 && db.pool.statistics.open == 1)
    }
  }

  /// Statements that have been told to end, and do so when they are let.
  @Test func theHubGoesOnWhileAStatementIsCancelled() throws {
    try withDatabase(connections: 6) { db in
      try db.execute(
        """
        create function stubborn() returns void language plpgsql as
        $$ begin
          perform pg_sleep(60);
        exception when query_canceled then
          perform pg_advisory_xact_lock_shared(4712);
        end $$
        """)
      // None is given up, as one is that does not hear of it for five seconds. A busy machine may take these once or twice.
      var rounds = 0
      repeat {
        rounds += 1
        try db.withConnection { holder in
          try holder.execute("select pg_advisory_lock(4712)")
          var turns = 0
          let other = Fiber.spawn {
            while true {
              try Fiber.sleep(for: .milliseconds(1))
              turns += 1
            }
          }
          func awaitFive(_ sessions: SQL) throws {
            let end = Deadline.after(.seconds(60))
            while try holder.value(sessions, as: Int.self) != 5 && !end.hasPassed {
              try Fiber.sleep(for: .milliseconds(5))
            }
          }
          let fibers = (0..<5).map { _ in Fiber.spawn { try db.execute("select stubborn()") } }
          try awaitFive(
            "select count(*) from pg_stat_activity where wait_event = 'PgSleep' and query like '%stubborn()%'")
          for fiber in fibers { fiber.cancel() }
          try awaitFive("select count(*) from pg_locks where locktype = 'advisory' and objid = 4712 and not granted")
          let before = turns
          while turns < before + 5 { try Fiber.sleep(for: .milliseconds(1)) }
          try holder.execute("select pg_advisory_unlock(4712)")
          for fiber in fibers { #expect(throws: CancellationError.self) { try fiber.value } }
          other.cancel()
          try? other.join()
        }
      } while db.pool.statistics.open != 6 && rounds < 4
      #expect(db.pool.statistics.open == 6)
    }
  }

  @Test func cancellingWhileMuchIsSentOrReceivedLeavesNothingBehind() throws {
    try withDatabase(connections: 1) { db in
      let bytes = [UInt8](repeating: 1, count: 30 << 20)
      for milliseconds in [1, 5, 20, 50] {
        for sql: SQL in ["select length(\(bytes))", "select repeat('x', 1000) from generate_series(1, 300000)"] {
          try? withTimeout(.milliseconds(milliseconds)) { _ = try db.execute(sql) }
          let value = try db.value("select \(milliseconds)", as: Int.self)
          #expect(value == milliseconds)
        }
      }
    }
  }

  @Test func aServerThatDiesInAQueryIsAnErrorAndItsReturnIsNoticed() throws {
    let server = try PostgresServer()
    let db = try Postgres(server.networkAddress, connections: 3)
    try onHub {
      let queries = (0..<3).map { _ in Fiber.spawn { try db.execute("select pg_sleep(60)") } }
      while db.pool.statistics.open < 3 || db.pool.statistics.idle > 0 { try Fiber.sleep(for: .milliseconds(10)) }
      try Fiber.sleep(for: .milliseconds(100))
      try offload { server.stop() }
      for query in queries { #expect(throws: (any Error).self) { try query.value } }
      #expect(db.pool.statistics.open == 0)
      let refused = #expect(throws: PostgresConnectionError.self) { try db.execute("select 1") }
      #expect("\(refused!)".contains("refused"))
      try offload { try server.start() }
      let value = try db.value("select 1", as: Int.self)
      #expect(value == 1)
      // Idle connections that have ended are replaced before anybody gets them.
      try offload {
        server.stop()
        try server.start()
      }
      for _ in 0..<3 { try db.execute("select 1") }
      db.close()
    }
  }

  @Test func aSessionThatIsEndedByTheServerIsReplaced() throws {
    try withDatabase(connections: 2) { db in
      try db.withConnection { victim in
        let id = try victim.value("select pg_backend_pid()", as: Int32.self)!
        try db.execute("select pg_terminate_backend(\(id))")
        #expect(throws: (any Error).self) { try victim.execute("select pg_sleep(1)") }
        #expect(throws: PostgresConnectionError.self) { try victim.execute("select 1") }
      }
      for _ in 0..<3 { try db.execute("select 1") }
    }
  }

  @Test func aFullPoolIsAnErrorAfterAWhile() throws {
    try withDatabase(connections: 1, wait: .milliseconds(100)) { db in
      let (held, goOn) = (Event(), Event())
      let holder = Fiber.spawn {
        try db.withConnection { _ in
          held.set()
          try goOn.wait()
        }
      }
      try held.wait()
      #expect(throws: PoolError.exhausted(limit: 1, waited: .milliseconds(100))) { try db.execute("select 1") }
      goOn.set()
      try holder.value
      try db.execute("select 1")
      try db.transaction { _ in #expect(throws: PoolError.nested(limit: 1)) { try db.execute("select 1") } }
    }
  }

  @Test func aSecondFiberOfOneConnectionWaitsItsTurn() throws {
    try withDatabase { db in
      try db.withConnection { connection in
        let fibers = (0..<20).map { number in
          Fiber.spawn { try connection.value("select \(number) from pg_sleep(0.005)", as: Int.self) }
        }
        for (number, fiber) in fibers.enumerated() {
          let value = try fiber.value
          #expect(value == number)
        }
      }
    }
  }

  @Test func aDescriptorThatIsShutDownIsAnErrorAndReplaced() throws {
    let server = try PostgresServer()
    let db = try Postgres(server.address, connections: 1)
    try onHub {
      defer { db.close() }
      try db.execute("select 1")
      let path = ".s.PGSQL.\(server.port)"
      let query = Fiber.spawn { try db.execute("select pg_sleep(60)") }
      try Fiber.sleep(for: .milliseconds(50))
      for descriptor in sockets(to: path) { shutdown(descriptor, CInt(SHUT_RDWR)) }
      #expect(throws: PostgresConnectionError.self) { try query.value }
      try db.execute("select 1")
    }
  }

  /// The descriptors of this process that are connected to a Unix socket of this name.
  private func sockets(to name: String) -> [CInt] {
    // However many the other tests have open.
    (3..<100_000).filter { descriptor in
      var address = sockaddr_un()
      var length = socklen_t(MemoryLayout<sockaddr_un>.size)
      let isSocket = withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getpeername(descriptor, $0, &length) == 0 }
      }
      guard isSocket, address.sun_family == sa_family_t(AF_UNIX) else { return false }
      return withUnsafeBytes(of: &address.sun_path) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        .hasSuffix(name)
    }
  }

  @Test func nobodyThereIsToldWithinTheTime() throws {
    // A listener that says nothing.
    try onHub {
      let silent = try Listener.bind(SocketAddress(host: "127.0.0.1", port: 0)!)
      var configuration = PostgresConfiguration()
      configuration.connectTimeout = .milliseconds(200)
      let port = silent.localAddress!.port!
      let db = try Postgres("postgresql://a@127.0.0.1:\(port)/a", configuration: configuration)
      #expect(throws: PostgresConnectionError.timedOut(.milliseconds(200))) { try db.execute("select 1") }
      #expect(throws: TimeoutError.self) { try withTimeout(.milliseconds(50)) { try db.execute("select 1") } }
      let nowhere = try Postgres("postgresql://a@127.0.0.1:1/a")
      #expect(throws: PostgresConnectionError.self) { try nowhere.execute("select 1") }
      let unknown = try Postgres("postgresql://a@no-such-host.invalid/a")
      #expect(throws: PostgresConnectionError.self) { try unknown.execute("select 1") }
    }
  }

  @Test func whatIsNotAnAddressIsRefusedAtOnce() {
    for text in ["postgresql://[::1/", "nonsense", "host='", "postgresql://h/d?no_such=1"] {
      #expect(throws: PostgresConnectionError.self) { try Postgres(text) }
    }
  }

  @Test func aHubMayEndAndAnotherUseItsConnections() throws {
    let db = try Postgres(PostgresServer.shared.get().networkAddress, connections: 1)
    defer { db.close() }
    for number in 0..<5 {
      let value = try onHub { try db.value("select \(number)", as: Int.self) }
      #expect(value == number)
      let plain = try db.value("select \(number)", as: Int.self)
      #expect(plain == number)
    }
    #expect(db.pool.statistics.open == 1)
  }

  @Test func aForkedChildHasConnectionsOfItsOwn() throws {
    let db = try Postgres(PostgresServer.shared.get().networkAddress, connections: 2)
    defer { db.close() }
    let mine = try db.value("select pg_backend_pid()", as: Int32.self)
    let status = try db.withConnection { connection in
      endOfChild {
        var isRight = true
        do {
          try connection.execute("select 1")
          isRight = false
        } catch PostgresConnectionError.inherited {} catch { isRight = false }
        let its = try? db.value("select pg_backend_pid()", as: Int32.self)
        isRight = isRight && its != nil && its! != mine
        db.close()
        return isRight
      }
    }
    #expect(status == 0)
    let still = try db.value("select pg_backend_pid()", as: Int32.self)
    #expect(still == mine)
  }

  @Test func tasksOfOtherExecutorsMayUseIt() async throws {
    let db = try Postgres(PostgresServer.shared.get().networkAddress, connections: 3)
    defer { db.close() }
    let executor = QueueExecutor()
    try await withThrowingTaskGroup(of: Int?.self) { group in
      for number in 0..<20 {
        group.addTask(executorPreference: executor) {
          try await db.withConnection { connection in
            await Task.yield()
            return try connection.value("select \(number)", as: Int.self)
          }
        }
      }
      var sum = 0
      for try await value in group { sum += value ?? 0 }
      #expect(sum == 190)
    }
  }
}
