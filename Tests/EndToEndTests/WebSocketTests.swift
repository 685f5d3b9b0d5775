import Glibc
import Green
import GreenWebSocket
import SuiteSupport
import TestSupport
import Testing

/// WebSockets of a server, asked by this library's client and by others.
@Suite(.bounded) struct WebSocketTests {
  private func connect(_ server: Server, _ path: String, subprotocols: [String] = []) throws -> WebSocket {
    try WebSocket.connect("ws://127.0.0.1:\(server.port)\(path)", subprotocols: subprotocols)
  }

  @Test(arguments: everyClass, ["/echo", "/async", "/keeping"])
  func messagesComeBack(_ arguments: [String], _ path: String) throws {
    let server = try Server("talk", arguments)
    try onHub {
      let socket = try connect(server, path)
      #expect(socket.isCompressed)
      for count in [0, 1, 200, 70_000] {
        for message in [
          WebSocketMessage.text(String(repeating: "ü", count: count / 2)), .binary([UInt8](repeating: 7, count: count)),
        ] {
          try socket.send(message)
          try #expect(socket.receive() == message)
        }
      }
      socket.close()
      #expect(socket.closeCode == .normal)
    }
    #expect(server.stop() == 0)
  }

  @Test(arguments: everyClass, ["returns", "throws"])
  func aChildThatComesBackFromTheHandlerSaysNothing(_ arguments: [String], _ end: String) throws {
    let server = try Server("talk", arguments)
    try onHub {
      let socket = try connect(server, "/fork/\(end)")
      try #expect(socket.receive() == .text("\(server.workers[0])"))
      try socket.send("still")
      try #expect(socket.receive() == .text("still"))
      socket.close()
      #expect(socket.closeCode == .normal)
    }
    #expect(server.stop() == 0)
    #expect(!server.log.contains("Error in the protocol"), "\(server.log)")
  }

  @Test func aThousandTalkAtOnceInOneWorker() throws {
    let server = try Server("talk", ["-k", "green", "--worker-connections", "2000"])
    try onHub {
      let sockets = try (0..<1000).map { _ in try connect(server, "/echo") }
      for round in 0..<3 {
        let talks = sockets.enumerated().map { index, socket in
          Fiber.spawn {
            try socket.send("\(round) of \(index)")
            return try socket.receive() == .text("\(round) of \(index)")
          }
        }
        for talk in talks { try #expect(talk.value) }
      }
      for socket in sockets { socket.close() }
    }
    #expect(server.stop() == 0)
  }

  @Test func theHandlerHasTheRequestAndTheProtocol() throws {
    let server = try Server("talk", ["-k", "green"])
    try onHub {
      let socket = try connect(server, "/spoken?a=1", subprotocols: ["first", "second"])
      #expect(socket.subprotocol == "second", "the server's choice")
      try #expect(socket.receive() == .text("second /spoken a=1"))
      try #expect(socket.receive() == nil)
      #expect(socket.closeCode == .normal)
      let other = try connect(server, "/spoken", subprotocols: ["third"])
      #expect(other.subprotocol == nil)
    }
  }

  @Test(arguments: everyClass)
  func aHandlerThatFailsClosesWith1011(_ arguments: [String]) throws {
    let server = try Server("talk", arguments)
    try onHub {
      let socket = try connect(server, "/broken")
      try #expect(socket.receive() == .text("before"))
      try #expect(socket.receive() == nil)
      #expect(socket.closeCode == .internalError)
    }
    #expect(server.logged("Broken"), "\(server.log)")
    #expect(try get(server.port, "/plain").body == "plain", "the worker goes on")
  }

  @Test(arguments: everyClass)
  func whoSendsTooMuchIsTold(_ arguments: [String]) throws {
    let server = try Server("talk", arguments)
    try onHub {
      var plain = WebSocketConfiguration()
      plain.compression = nil
      // For a second the server reads on from who sends too much.
      let isTold = try holds(within: 1) {
        let socket = try WebSocket.connect("ws://127.0.0.1:\(server.port)/echo", configuration: plain)
        try socket.send([UInt8](repeating: 0, count: 8 << 20))
        return try socket.receive() == nil && socket.closeCode == .messageTooBig
      }
      #expect(isTold)
    }
  }

  /// One that waits for messages, one that only sends, and one whose handler has something to do afterwards.
  @Test(arguments: everyClass.dropFirst())
  func aServerThatStopsSaysSo(_ arguments: [String]) throws {
    // Longer than a test may take: nobody is cut off.
    let server = try Server("talk", arguments + ["--graceful-timeout", "600"])
    try onHub {
      let sockets = try ["/echo", "/ticking", "/goodbye"].map { try connect(server, $0) }
      try sockets[0].send("a")
      for socket in sockets { try #expect(socket.receive() != nil) }
      kill(server.pid, SIGTERM)
      for socket in sockets {
        while try socket.receive() != nil {}
        #expect(socket.closeCode == .goingAway)
        socket.close()
      }
    }
    #expect(server.waitForEnd() == 0)
    #expect(server.logged("goodbye has been said"), "the handler has the graceful time")
  }

  /// Their clients may read nothing, or answer nothing: there is an end to waiting for them.
  @Test(arguments: everyClass.dropFirst())
  func aServerThatStopsWaitsForNoSilentClient(_ arguments: [String]) throws {
    let server = try Server("talk", arguments + ["--graceful-timeout", "600"])
    let open = "GET /echo HTTP/1.1\r\nHost: x\r\n\(Self.upgrade)\(Self.version)\(Self.key)\r\n"
    let clients = try (0..<2).map { _ in try Client(port: server.port) }
    for client in clients { #expect(try client.exchange(open).status == 101) }
    kill(server.pid, SIGTERM)
    #expect(server.waitForEnd() == 0)
  }

  @Test func hooksBeforeTheRequestMayRefuse() throws {
    let server = try Server("talk", ["-k", "green"])
    try onHub {
      let refusal = #expect(throws: WebSocketRefusal.self) { try connect(server, "/secret") }
      #expect(refusal?.status == 401)
      let socket = try WebSocket.connect(
        "ws://127.0.0.1:\(server.port)/secret", headers: [(name: "Authorization", value: "Basic eA==")])
      try #expect(socket.receive() == .text("told"))
    }
  }

  private static let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
  private static let upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\n"

  private static let version = "Sec-WebSocket-Version: 13\r\n"
  private static let handshakes: [(fields: [String], status: Int)] = [
    ([], 426), ([upgrade], 426), ([upgrade, version], 400),
    ([upgrade, "Sec-WebSocket-Version: 12\r\n", key], 426),
    ([upgrade, version, "Sec-WebSocket-Key: short\r\n"], 400),
    ([upgrade, version, "Origin: http://evil.example\r\n", key], 403),
    (["Upgrade: websocket\r\n", version, key], 426),
    ([upgrade, version, "Origin: http://x\r\n", key], 101),
    (["upgrade: WebSocket\r\nconnection: keep-alive, UPGRADE\r\n", version, key], 101),
  ]

  @Test(arguments: handshakes)
  func aHandshakeIsChecked(fields: [String], status: Int) throws {
    let server = try Server("talk", ["-k", "green"])
    let answer = try Client(port: server.port).exchange("GET /echo HTTP/1.1\r\nHost: x\r\n\(fields.joined())\r\n")
    #expect(answer.status == status, "\(answer)")
  }

  /// Debian's python3-websockets, which is told that the server stops.
  @Test func anotherLibrarysClientIsTold() throws {
    let server = try Server("talk", ["-k", "green", "--graceful-timeout", "600"])
    let script = """
      import asyncio, os, signal, websockets
      async def main():
          async with websockets.connect("ws://127.0.0.1:\(server.port)/echo") as socket:
              os.kill(\(server.pid), signal.SIGTERM)
              try:
                  await socket.recv()
              except websockets.ConnectionClosed as closed:
                  print(closed.code)
      asyncio.run(main())
      """
    let outcome = try Program("/usr/bin/python3").run(["-c", script])
    #expect(outcome.status == 0 && outcome.output == "1001\n", "\(outcome.output)\(outcome.errors)")
    #expect(server.waitForEnd() == 0)
  }

  /// Debian's python3-websockets, by another author.
  @Test func anotherLibrarysClientIsServed() throws {
    let server = try Server("talk", ["-k", "green"])
    let script = """
      import asyncio, websockets
      async def main():
          for path in ["/echo", "/keeping", "/async"]:
              async with websockets.connect(f"ws://127.0.0.1:\(server.port){path}", max_size=None) as socket:
                  for size in [0, 1, 125, 126, 1000, 65535, 65536, 500000]:
                      for message in ["ü" * (size // 2), bytes(size), "x" * size]:
                          await socket.send(message)
                          assert await socket.recv() == message, (path, size)
                  await socket.send(["in ", "three ", "fragments"])
                  assert await socket.recv() == "in three fragments"
                  await (await socket.ping())
      asyncio.run(main())
      print("ok")
      """
    let outcome = try Program("/usr/bin/python3").run(["-c", script])
    #expect(outcome.status == 0 && outcome.output == "ok\n", "\(outcome.output)\(outcome.errors)")
  }
}
