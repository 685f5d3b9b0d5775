import Glibc
import Green
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

@Suite(.bounded) struct ConnectTests {
  @Test func theFirstAddressThatAnswersWins() throws {
    try onHub {
      let listener = try Listener.bind(loopback)
      let socket = try Socket.connect(toAnyOf: [try vacantAddress(), try vacantAddress(loopback6), listener.address!])
      #expect(socket.peer == listener.address)
      let accepted = try listener.accept()
      try sendText(socket, "hello")
      #expect(try receiveText(accepted) == "hello")
    }
  }

  @Test func anAddressThatDoesNotAnswerHoldsUpTheNextForTheAttemptDelayOnly() throws {
    try onHub {
      let silent = try SilentListener(loopback6)
      let listener = try Listener.bind(loopback)
      let elapsed = try seconds {
        let socket = try Socket.connect(
          toAnyOf: [silent.address, listener.address!], attemptDelay: .milliseconds(50), until: .after(.seconds(20)))
        #expect(socket.peer == listener.address)
      }
      #expect(elapsed >= 0.05 && elapsed < 10)
    }
  }

  @Test func theSameRaceIsRunOnAPlainThread() throws {
    try onThread {
      let silent = try SilentListener(loopback6)
      let listener = try Listener.bind(loopback)
      let addresses = [silent.address, try vacantAddress(), listener.address!]
      let socket = try Socket.connect(
        toAnyOf: addresses, attemptDelay: .milliseconds(30), until: .after(.seconds(20)))
      #expect(socket.peer == listener.address)
    }
  }

  @Test func aSlowAttemptMayStillWin() throws {
    try onHub {
      let slow = try SilentListener(loopback)
      let silent = try SilentListener(loopback6)
      // Room for the first attempt, whose handshake the kernel sends again after a second.
      let accepting = Fiber.spawn {
        try Fiber.sleep(for: .milliseconds(200))
        return try slow.listener.accept()
      }
      let socket = try Socket.connect(
        toAnyOf: [slow.address, silent.address], attemptDelay: .milliseconds(50), until: .after(.seconds(30)))
      #expect(socket.peer == slow.address)
      _ = try accepting.value
    }
  }

  @Test func theFamiliesTakeTurns() throws {
    try onHub {
      let vacant = [
        try vacantAddress(loopback6), try vacantAddress(loopback6), try vacantAddress(loopback6), try vacantAddress(),
        try vacantAddress(),
      ]
      let error = thrown { _ = try Socket.connect(toAnyOf: vacant) } as? ConnectError
      #expect(error?.attempts.map(\.address) == [vacant[0], vacant[3], vacant[1], vacant[4], vacant[2]])
      #expect(error?.attempts.allSatisfy { $0.error == .connectionRefused } == true)
      #expect(error?.isTimedOut == false)
    }
  }

  @Test func theDeadlineEndsAllAttemptsAndSaysWhatBecameOfEach() throws {
    try onHub {
      let silent = try [SilentListener(loopback), SilentListener(loopback6)]
      let refused = try vacantAddress()
      var (error, tries) = (nil as ConnectError?, 0)
      // On a busy machine the deadline may have passed before the second is tried.
      repeat {
        error =
          thrown {
            _ = try Socket.connect(
              toAnyOf: [silent[0].address, silent[1].address, refused, try vacantAddress()],
              attemptDelay: .milliseconds(300), until: .after(.milliseconds(400)))
          } as? ConnectError
        tries += 1
      } while error?.attempts.count != 2 && tries < 5
      #expect(error?.isTimedOut == true)
      #expect(error?.attempts.map(\.address) == [silent[0].address, silent[1].address])
      #expect(error?.attempts.allSatisfy { $0.error == .timedOut } == true)
      #expect(error?.untried.count == 2)
      #expect("\(error!)".contains("\(silent[0].address): ") && "\(error!)".contains("not tried before the deadline"))
    }
  }

  @Test func noAddressIsAnErrorToo() throws {
    try onHub {
      let error = thrown { _ = try Socket.connect(toAnyOf: []) } as? ConnectError
      #expect("\(error!)" == "no connection to any of 0 addresses, which has no address")
    }
  }

  @Test func aHostByAddressTellsWhatWentWrong() throws {
    try onHub {
      let port = try vacantAddress().port!
      let error = thrown { _ = try Socket.connect(host: "127.0.0.1", port: port) } as? ConnectError
      #expect("\(error!)" == "no connection to 127.0.0.1:\(port) (127.0.0.1:\(port): Connection refused)")
    }
  }

  @Test func whereNobodyListensTheSocketNeverMeetsItself() throws {
    try onHub {
      // Bound to the very port that it connects to, a socket would be connected to itself.
      let port = try vacantAddress().port!
      #expect(throws: Errno.connectionRefused) {
        try Socket.connect(to: loopback.with(port: port)) {
          var address = sockaddr_in()
          address.sin_family = sa_family_t(AF_INET)
          address.sin_port = port.bigEndian
          address.sin_addr.s_addr = inet_addr("127.0.0.1")
          let descriptor = $0.descriptor
          let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
              Glibc.bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
          }
          #expect(status == 0)
        }
      }
    }
  }

  @Test func whatConfigureThrowsEndsTheAttempt() throws {
    try onHub {
      let listener = try Listener.bind(loopback)
      let refuse: (Socket) throws -> Void = { _ in throw Errno.notPermitted }
      #expect(throws: Errno.notPermitted) { try Socket.connect(to: listener.address!, configure: refuse) }
      #expect(throws: Errno.notPermitted) { try Socket.connect(toAnyOf: [listener.address!], configure: refuse) }
    }
  }
}
