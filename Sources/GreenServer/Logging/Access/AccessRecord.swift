import Glibc
import Green
import GreenHTTP
import HTTPTypes

/// A request that has been answered, as the access log tells it.
struct AccessRecord {
  /// The request; `nil` where not even its line is known.
  var request: Request?
  /// The client's address without its port: the peer's, or whom a trusted proxy names; `-` where nobody knows.
  var host: String
  var status: Int
  /// Bytes of the response's body that were sent.
  var bodyBytes: Int
  /// What was answered; `nil` where the server has refused the request.
  var response: Response?
  /// How long it took from when the head was complete, in nanoseconds.
  var nanoseconds: Int64

  init(
    _ request: Request?, host: String, status: Int, bodyBytes: Int, response: Response? = nil, nanoseconds: Int64 = 0
  ) {
    self.request = request
    self.host = host
    self.status = status
    self.bodyBytes = bodyBytes
    self.response = response
    self.nanoseconds = nanoseconds
  }

  /// A peer without its port: `127.0.0.1:40312` is `127.0.0.1`, `[::1]:40312` is `::1`, `unix:` is `-`.
  static func host(ofPeer peer: String) -> String { Peer.host(of: peer) ?? "-" }

  /// A field of the answer. Of those that the server writes, the ones that the answer itself decides.
  func responseField(_ name: HTTPField.Name) -> String? {
    guard let response else { return nil }
    if let value = response.headers[name] { return value }
    switch name {
    case .contentType: return response.contentType
    case .contentLength: return response.body.count.map { "\($0)" }
    default: return nil
    }
  }
}
