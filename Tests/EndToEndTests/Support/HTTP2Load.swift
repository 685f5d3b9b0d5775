import Foundation
import Green
import GreenHTTP
import GreenHTTP2
import GreenHTTPClient
import GreenTLS
import TestSupport

import class Green.Mutex

/// Fibers that ask a server by HTTP/2 over TLS without a pause until they are told to stop: four on each of three
/// connections, and on another where the server says that it leaves that.
final class HTTP2Load: Sendable {
  private let isOver: Flag
  private let outcome: Mutex<Load.Outcome>
  private let asking: ThreadResult<Void>

  init(on port: UInt16, _ certificates: Certificates) {
    let (isOver, outcome) = (Flag(), Mutex(Load.Outcome()))
    let authorities = certificates.path("ca.pem")
    (self.isOver, self.outcome) = (isOver, outcome)
    asking = Thread.running {
      try onHub {
        let clients = (0..<3).map { _ in HTTP2Load.client(trusting: authorities) }
        let fibers = clients.flatMap { client in
          (0..<4).map { _ in
            Fiber.spawn { while !isOver.isSet { HTTP2Load.ask(client, "https://localhost:\(port)/pid", outcome) } }
          }
        }
        for fiber in fibers { try fiber.value }
      }
    }
  }

  /// Ends the load; what came of it.
  func stop() throws -> Load.Outcome {
    isOver.set()
    try asking.get()
    return outcome.withLock { $0 }
  }

  /// Who has answered so far.
  var answering: Set<pid_t> { outcome.withLock { Set($0.answers.keys) } }

  private static func client(trusting authorities: String) -> HTTPClient {
    var tls = TLSClientConfiguration()
    tls.authoritiesFile = authorities
    var configuration = HTTPClientConfiguration()
    configuration.proxies = .none
    return HTTPClient(tls: .openSSL(tls), http2: .nghttp2, configuration: configuration)
  }

  /// How many seconds a worker that stops gives those that are making their handshakes. On a machine that is busy with
  /// other things one may take longer.
  private static let longSilence = 0.5

  /// By POST: where no answer comes, the client sends it again by itself only if the server says that it has not looked
  /// at it (RFC 9113, 8.7), and not as it would what may be done twice.
  private static func ask(_ client: HTTPClient, _ url: String, _ outcome: Mutex<Load.Outcome>) {
    let start = Deadline.now
    do {
      let answer = try client.post(url)
      let text = try answer.text()
      outcome.withLock { outcome in
        if answer.status.code == 200, answer.version == .http2, let pid = pid_t(text) {
          outcome.answers[pid, default: 0] += 1
        } else {
          outcome.failures.append("\(answer.version) \(answer.status.code) \(text)")
        }
      }
    } catch {
      let isLate = start.secondsAgo >= longSilence
      outcome.withLock { outcome in
        if isLate { outcome.lateOnes += 1 } else { outcome.failures.append("\(error)") }
      }
    }
  }
}
