import COpenSSL
import Connections
import Glibc
import Greenfinch

// OpenSSL on a blocking socket: SSL_connect, SSL_write and SSL_read wait for a slow peer.
//
// PEER_HOST=127.0.0.1 PEER_PORT=8443 PEER_CA=certificate.pem swift run openssl -k green --worker-connections 200

/// What all connections share: whom to trust.
final class Trust: @unchecked Sendable {
  let context: OpaquePointer

  init(file: String) throws {
    guard let context = SSL_CTX_new(TLS_client_method()) else { throw ConnectionError("out of memory") }
    self.context = context
    guard SSL_CTX_load_verify_file(context, file) == 1 else { throw ConnectionError("no certificate in '\(file)'") }
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
  }
}

final class Connection {
  private let socket: CInt
  private let tls: OpaquePointer

  init(host: String, port: UInt16, trust: Trust) throws {
    socket = try connectTCP(host, port: port)
    guard let tls = SSL_new(trust.context) else {
      close(socket)
      throw ConnectionError("out of memory")
    }
    self.tls = tls
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), host)
    SSL_set_fd(tls, socket)
    guard SSL_connect(tls) == 1 else { throw ConnectionError("TLS: \(reason())") }
  }

  deinit {
    SSL_free(tls)
    close(socket)
  }

  /// Sends a request and returns what comes back, which ends at the ending.
  func ask(_ request: String, upTo ending: String) throws -> String {
    guard SSL_write(tls, request, CInt(request.utf8.count)) > 0 else { throw ConnectionError("TLS: \(reason())") }
    var answer: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 4096)
    while !answer.suffix(ending.utf8.count).elementsEqual(ending.utf8) {
      let count = SSL_read(tls, &part, CInt(part.count))
      guard count > 0 else { throw ConnectionError("TLS: \(reason())") }
      answer += part.prefix(Int(count))
    }
    return String(decoding: answer, as: UTF8.self)
  }
}

func reason() -> String {
  var text = [CChar](repeating: 0, count: 256)
  ERR_error_string_n(ERR_get_error(), &text, text.count)
  return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}

let host = setting("PEER_HOST", default: "127.0.0.1")
let port = UInt16(setting("PEER_PORT", default: "8443")) ?? 8443
let trust = Result { try Trust(file: setting("PEER_CA", default: "certificate.pem")) }
let pool = Pool { try Connection(host: host, port: port, trust: trust.get()) }
let app = App()

app.get("/") { _ in
  let answer = try pool.with { try $0.ask("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n", upTo: "done") }
  return answer.split(separator: "\r\n").last.map(String.init) ?? ""
}

app.run()
