import Foundation
import GreenTLS
import GreenWebSocket
import SuiteSupport
import TestSupport
import Testing

/// A server that speaks TLS, asked by OpenSSL's own client, curl and Python's.
@Suite(.serialized, .bounded) struct TLSTests {
  @Test(arguments: everyClass)
  func curlIsServed(_ arguments: [String]) throws {
    let certificates = try Certificates()
    let server = try secureServer(arguments, certificates)
    let answer = try curl(server, "/tls", certificates)
    #expect(answer.output == "TLSv1.3 localhost http/1.1 full -", "\(answer.errors)")
    #expect(try curl(server, "/who", certificates).output == "127.0.0.1 https localhost:\(server.port)")
    #expect(try curl(server, "/tls", certificates, ["--tls-max", "1.2"]).output.hasPrefix("TLSv1.2 "))
    #expect(try curl(server, "/tls", certificates, ["--tls-max", "1.1"]).status == 35)
    #expect(
      try curl(server, "/plain", certificates, ["--http1.0"]).output == "Hello World!", "it offers http/1.0 alone")
    #expect(try curl(server, "/bytes/3000000", certificates).output.utf8.count == 3_000_000)
    #expect(try curl(server, "/stream/20", certificates).output.hasSuffix("\n19\n"))
    let body = certificates.path("body")
    try Data(count: 900_000).write(to: URL(fileURLWithPath: body))
    #expect(try curl(server, "/count", certificates, ["--data-binary", "@\(body)"]).output == "900000")
    #expect(server.logged("Listening at: https://127.0.0.1:"))
    #expect(server.stop() == 0)
  }

  @Test(arguments: everyClass)
  func pythonIsServedWhateverItDoes(_ arguments: [String]) throws {
    let certificates = try Certificates()
    let server = try secureServer(
      arguments + [
        "-w", "2", "--certfile", certificates.path("other.pem"), "--keyfile", certificates.path("other.key"),
      ],
      certificates)
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../Clients/tls.py").path
    let outcome = try Program(system: "python3").run([script, "\(server.port)", certificates.folder.path])
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)\(server.log)")
    #expect(server.stop() == 0)
  }

  @Test(arguments: [("TLSv1_2", "1.2"), ("TLSv1_3", "1.3")])
  func oneVersionAloneMayBeSpoken(_ version: String, _ spoken: String) throws {
    let certificates = try Certificates()
    // The other option is gunicorn's, and is what is done anyway.
    let server = try secureServer(
      ["-k", "green", "--ssl-version", version, "--do-handshake-on-connect"], certificates)
    #expect(try curl(server, "/tls", certificates).output.hasPrefix("TLSv\(spoken) "))
    let other = spoken == "1.2" ? ["--tlsv1.3"] : ["--tls-max", "1.2"]
    #expect(try curl(server, "/tls", certificates, other).status == 35)
    #expect(server.stop() == 0)
  }

  @Test(arguments: everyClass)
  func clientsShowCertificates(_ arguments: [String]) throws {
    let certificates = try Certificates()
    let server = try secureServer(
      arguments + ["--ca-certs", certificates.path("ca.pem"), "--cert-reqs", "1"], certificates)
    let shown = ["--cert", certificates.path("client.pem"), "--key", certificates.path("client.key")]
    #expect(try curl(server, "/tls", certificates).output.hasSuffix(" -"))
    #expect(try curl(server, "/tls", certificates, shown).output.hasSuffix(" CN=ada,O=Greenfinch"))
    let strange = ["--cert", certificates.path("strange.pem"), "--key", certificates.path("strange.key")]
    #expect(try curl(server, "/tls", certificates, strange).status != 0)
    #expect(server.logged("the certificate does not count: "))
    #expect(server.stop() == 0)
  }

  @Test func whoShowsNoneIsRefusedWhereOneIsRequired() throws {
    let certificates = try Certificates()
    let server = try Server(
      "secure",
      [
        "-k", "green", "--certfile", certificates.path("both.pem"), "--ca-certs", certificates.path("ca.pem"),
        "--cert-reqs", "required",
      ], waits: false)
    let shown = ["--cert", certificates.path("client.pem"), "--key", certificates.path("client.key")]
    try server.waitUntil("an answer") { try curl(server, "/tls", certificates, shown).output.hasSuffix("O=Greenfinch") }
    #expect(try curl(server, "/tls", certificates).status != 0)
    #expect(server.stop() == 0)
  }

  @Test(arguments: everyClass)
  func plainHTTPIsAnsweredInClear(_ arguments: [String]) throws {
    let certificates = try Certificates()
    let server = try secureServer(arguments, certificates)
    let answer = try get(server.port, "/plain")
    #expect(answer.status == 400 && answer.body.contains("https"))
    for garbage in [
      "\u{16}\u{3}\u{1}\u{0}\u{5}hello", "nonsense that is no TLS at all, and long enough to tell", "\0\0\0\0\0\0",
    ] {
      let client = try Client(port: server.port)
      try client.send(Array(garbage.utf8))
      _ = try? client.discard()
    }
    #expect(try curl(server, "/plain", certificates).output == "Hello World!")
    #expect(server.logged("the TLS handshake failed: "))
    #expect(server.stop() == 0)
  }

  @Test(arguments: everyClass)
  func silentClientsHoldUpNobody(_ arguments: [String]) throws {
    let certificates = try Certificates()
    let server = try secureServer(arguments, certificates)
    // One after the other they would take ten seconds each of the worker that serves one at a time.
    let count = arguments.contains("sync") ? 2 : 100
    let time = try quickest(below: 15) {
      let silent = try (0..<count).map { _ in try Client(port: server.port) }
      let time = try seconds { () throws in #expect(try curl(server, "/plain", certificates).output == "Hello World!") }
      #expect(silent.count == count)
      return time
    }
    #expect(time < 15)
    #expect(server.stop(SIGINT) == 0)
  }

  @Test(arguments: everyClass)
  func aWebSocketIsSpokenOverIt(_ arguments: [String]) throws {
    let certificates = try Certificates()
    let server = try secureServer(arguments, certificates)
    let script = """
      import asyncio, ssl, sys, websockets
      async def main():
          context = ssl.create_default_context(cafile=sys.argv[2])
          async with websockets.connect("wss://localhost:%s/echo" % sys.argv[1], ssl=context) as socket:
              for size in (0, 100, 70000):
                  await socket.send("x" * size)
                  assert await socket.recv() == "x" * size
      asyncio.run(main())
      """
    var configuration = TLSClientConfiguration()
    configuration.authoritiesFile = certificates.path("ca.pem")
    let context = try TLSContext(client: configuration)
    try onHub {
      let stream = try TLSSocket.connect(host: "localhost", port: server.port, context: context)
      let socket = try WebSocket.connect("wss://localhost:\(server.port)/async", over: stream)
      for text in ["", "short", String(repeating: "long ", count: 30_000)] {
        try socket.send(text)
        #expect(try socket.receive() == .text(text))
      }
      socket.close()
      stream.close()
    }
    let outcome = try Program(system: "python3").run(["-c", script, "\(server.port)", certificates.path("ca.pem")])
    #expect(outcome.status == 0, "\(outcome.errors)\(server.log)")
    #expect(server.stop() == 0)
  }

  @Test func itIsSpokenAfterAProxyHeader() throws {
    let certificates = try Certificates()
    let server = try Server(
      "secure", ["-k", "green", "--certfile", certificates.path("both.pem"), "--proxy-protocol"], waits: false)
    try server.waitUntil("an answer") {
      try curl(server, "/who", certificates, ["--haproxy-protocol"]).output.hasPrefix("127.0.0.1 https ")
    }
    #expect(server.stop() == 0)
  }
}
