import COpenSSL
import Glibc
import Green
import GreenRedirect

// A server that answers each request with "done", half a second late: HTTP, or HTTPS where it is given a certificate and
// its key. In blocking code, each connection in a fiber.
//
// swift run slow 8443 certificate.pem key.pem

let arguments = CommandLine.arguments.dropFirst()
guard let port = arguments.first.flatMap({ UInt16($0) }) else {
  print("usage: slow PORT [CERTIFICATE KEY]")
  exit(2)
}
let context = arguments.count == 3 ? SSL_CTX_new(TLS_server_method()) : nil
if let context {
  let files = Array(arguments.suffix(2))
  guard SSL_CTX_use_certificate_chain_file(context, files[0]) == 1,
    SSL_CTX_use_PrivateKey_file(context, files[1], SSL_FILETYPE_PEM) == 1
  else {
    print("slow: no certificate in '\(files[0])', or no key for it in '\(files[1])'")
    exit(1)
  }
}

/// Reads to the empty line and answers.
func answer(read: (UnsafeMutableRawPointer, Int) -> Int, write: (UnsafeRawPointer, Int) -> Int) {
  var request: [UInt8] = []
  var part = [UInt8](repeating: 0, count: 4096)
  while !request.suffix(4).elementsEqual("\r\n\r\n".utf8) {
    let count = read(&part, part.count)
    guard count > 0 else { return }
    request += part.prefix(count)
  }
  usleep(500_000)
  let response = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\ndone"
  _ = write(response, response.utf8.count)
}

func serve(_ socket: CInt, _ context: OpaquePointer?) {
  defer { close(socket) }
  guard let context else {
    return answer(read: { recv(socket, $0, $1, 0) }, write: { send(socket, $0, $1, CInt(MSG_NOSIGNAL)) })
  }
  guard let connection = SSL_new(context) else { return }
  defer { SSL_free(connection) }
  SSL_set_fd(connection, socket)
  guard SSL_accept(connection) == 1 else { return }
  answer(
    read: { Int(SSL_read(connection, $0, CInt($1))) }, write: { Int(SSL_write(connection, $0, CInt($1))) })
  SSL_shutdown(connection)
}

signal(SIGPIPE, SIG_IGN)
nonisolated(unsafe) let sharedContext = context
try Hub.run {
  let listener = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
  var (yes, address) = (CInt(1), sockaddr_in())
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<CInt>.size))
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = port.bigEndian
  address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
  let isBound = withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
    }
  }
  guard isBound == 0, listen(listener, 512) == 0 else {
    print("slow: port \(port): \(String(cString: strerror(errno)))")
    exit(1)
  }
  while case let socket = accept(listener, nil, nil), socket >= 0 {
    Fiber.spawn { serve(socket, sharedContext) }
  }
}
