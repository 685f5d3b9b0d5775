import Green
import GreenHTTP
import GreenHTTP2
import GreenHTTPClient
import GreenTLS
import HTTPTypes
import SuiteSupport
import TestSupport
import Testing

/// An answer is received while its request is sent.
@Suite(.bounded) struct DuplexTests {
  /// Sends back what it reads, as it reads it.
  private static let echo = Handler { request in
    Response(
      body: .stream(
        StreamedBody { answer in
          var room = [UInt8](repeating: 0, count: 65_536)
          while case let count = try room.withUnsafeMutableBytes({ try request.body.read(into: $0) }), count > 0 {
            try room.withUnsafeBytes { try answer.write(UnsafeRawBufferPointer(rebasing: $0.prefix(count))) }
            try answer.flush()
          }
        }))
  }

  private let large = [UInt8]((0..<8_000_000).map { UInt8(truncatingIfNeeded: $0 &* 13 >> 3) })

  private func configured() -> HTTPClient {
    client {
      $0.progressTimeout = .seconds(60)
      $0.expectContinueFrom = .max
    }
  }

  @Test func megabytesComeBackWhileTheyAreSent() throws {
    try onHub {
      try withServer(Self.echo) { url, _ throws in
        let client = configured()
        #expect(try client.post(url, body: .bytes(large)).bytes() == large)
        let made = try client.post(
          url,
          body: .stream { body in
            for start in stride(from: 0, to: large.count, by: 100_000) {
              try body.write(Array(large[start..<min(start + 100_000, large.count)]))
            }
          })
        #expect(try made.bytes() == large)
      }
    }
  }

  @Test func theHeadIsThereBeforeTheRequestHasBeenSent() throws {
    try onHub {
      try withServer(Self.echo) { url, _ throws in
        let isRead = Event()
        let answer = try configured().post(
          url,
          body: .stream { body in
            try body.write([1, 2, 3])
            try body.flush()
            try isRead.wait(until: .after(.seconds(60)))
            try body.write([4])
          })
        #expect(try answer.body.read(upTo: 3) == [1, 2, 3])
        isRead.set()
        #expect(try answer.bytes() == [4])
      }
    }
  }

  @Test func whatTheProducerThrowsLaterEndsTheContent() throws {
    struct Broken: Error {}
    try onHub {
      try withServer(Self.echo) { url, _ throws in
        let isRead = Event()
        let answer = try configured().post(
          url,
          body: .stream { body in
            try body.write([1])
            try body.flush()
            try isRead.wait(until: .after(.seconds(60)))
            throw Broken()
          })
        #expect(try answer.body.read(upTo: 1) == [1])
        isRead.set()
        #expect(throws: Broken.self) { try answer.bytes() }
      }
    }
  }

  @Test func anAnswerThatNobodyReadsEndsTheSending() throws {
    try onHub {
      try withServer(Self.echo) { url, _ throws in
        let ended = Event()
        do {
          let answer = try configured().post(
            url,
            body: .stream { body in
              defer { ended.set() }
              while true { try body.write([UInt8](repeating: 1, count: 65_536)) }
            })
          #expect(try answer.body.read(upTo: 1) == [1])
        }
        try ended.wait(until: .after(.seconds(60)))
      }
    }
  }

  @Test func overHTTP2Too() throws {
    let certificates = try Certificates()
    try onHub {
      var tls = TLSServerConfiguration(certificates: [.init(file: certificates.path("both.pem"))])
      tls.applicationProtocols = ["h2"]
      var configuration = HTTPConfiguration.patient
      configuration.http2 = .nghttp2
      let listener = try Listener.bind(SocketAddress(host: "127.0.0.1", port: 0)!)
      let server = HTTPServer(
        listener, application: Self.echo, configuration: configuration, security: try TLSContext(server: tls))
      try server.start()
      defer { _ = try? server.stop(grace: .seconds(1)) }
      var trust = TLSClientConfiguration()
      trust.authoritiesFile = certificates.path("ca.pem")
      var settings = HTTPClientConfiguration()
      settings.progressTimeout = .seconds(60)
      let client = HTTPClient(tls: .openSSL(trust), http2: .nghttp2, configuration: settings)
      let url = "https://localhost:\(listener.address!.port!)"
      let fibers = (0..<3).map { _ in
        Fiber.spawn { try client.post(url, body: .bytes(large)).bytes() == large }
      }
      for fiber in fibers { #expect(try fiber.value) }
      let isRead = Event()
      let answer = try client.post(
        url,
        body: .stream { body in
          try body.write([1, 2, 3])
          try isRead.wait(until: .after(.seconds(60)))
          try body.write([4])
        })
      #expect(try answer.body.read(upTo: 3) == [1, 2, 3])
      isRead.set()
      #expect(try answer.bytes() == [4])
    }
  }
}
