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

/// Sends a request over a connection of its own and returns all that comes back.
func ask(_ request: String, host: String, port: UInt16, trust: Trust) throws -> String {
  let socket = try connectTCP(host, port: port)
  defer { close(socket) }
  guard let connection = SSL_new(trust.context) else { throw ConnectionError("out of memory") }
  defer { SSL_free(connection) }
  X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection), host)
  SSL_set_fd(connection, socket)
  guard SSL_connect(connection) == 1 else { throw ConnectionError("TLS: \(reason())") }
  guard SSL_write(connection, request, CInt(request.utf8.count)) > 0 else { throw ConnectionError("TLS: \(reason())") }
  var answer: [UInt8] = []
  var part = [UInt8](repeating: 0, count: 4096)
  while case let count = SSL_read(connection, &part, CInt(part.count)), count > 0 { answer += part.prefix(Int(count)) }
  return String(decoding: answer, as: UTF8.self)
}

func reason() -> String {
  var text = [CChar](repeating: 0, count: 256)
  ERR_error_string_n(ERR_get_error(), &text, text.count)
  return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}

let host = setting("PEER_HOST", default: "127.0.0.1")
let port = UInt16(setting("PEER_PORT", default: "8443")) ?? 8443
let trust = Result { try Trust(file: setting("PEER_CA", default: "certificate.pem")) }
let app = App()

app.get("/") { _ in
  let answer = try ask("GET / HTTP/1.0\r\n\r\n", host: host, port: port, trust: trust.get())
  return answer.split(separator: "\r\n").last.map(String.init) ?? ""
}

app.run()
