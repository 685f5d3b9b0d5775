import CSSH2
import Connections
import Glibc
import Greenfinch

// libssh2 in its blocking mode: a command is run on another machine. A connection can have one call in progress at a
// time, so each request has one to itself while it runs.
//
// SSH_HOST=127.0.0.1 SSH_PORT=22 SSH_USER=root SSH_KEY=id_ed25519 swift run ssh -k green --worker-connections 200

final class Shell {
  private let socket: CInt
  private let session: OpaquePointer

  init(host: String, port: UInt16, user: String, key: String) throws {
    socket = try connectTCP(host, port: port)
    guard let session = libssh2_session_init_ex(nil, nil, nil, nil) else {
      close(socket)
      throw ConnectionError("out of memory")
    }
    self.session = session
    guard libssh2_session_handshake(session, socket) == 0 else { throw failure }
    guard libssh2_userauth_publickey_fromfile_ex(session, user, UInt32(user.utf8.count), nil, key, nil) == 0 else {
      throw failure
    }
  }

  deinit {
    libssh2_session_free(session)
    close(socket)
  }

  /// What the command writes to its standard output.
  func output(of command: String) throws -> String {
    // With the window and the packets of libssh2's own macros, which Swift does not see.
    guard let channel = libssh2_channel_open_ex(session, "session", 7, 2 << 20, 32768, nil, 0) else { throw failure }
    defer { libssh2_channel_free(channel) }
    guard libssh2_channel_process_startup(channel, "exec", 4, command, UInt32(command.utf8.count)) == 0 else {
      throw failure
    }
    var output: [UInt8] = []
    var part = [CChar](repeating: 0, count: 4096)
    while case let count = libssh2_channel_read_ex(channel, 0, &part, part.count), count != 0 {
      guard count > 0 else { throw failure }
      output += part.prefix(count).map(UInt8.init(bitPattern:))
    }
    return String(decoding: output, as: UTF8.self)
  }

  private var failure: ConnectionError {
    var text: UnsafeMutablePointer<CChar>?
    libssh2_session_last_error(session, &text, nil, 0)
    return ConnectionError(UnsafePointer(text))
  }
}

let host = setting("SSH_HOST", default: "127.0.0.1")
let port = UInt16(setting("SSH_PORT", default: "22")) ?? 22
let user = setting("SSH_USER", default: "root")
let key = setting("SSH_KEY", default: "id_ed25519")
let pool = Pool { try Shell(host: host, port: port, user: user, key: key) }
let app = App()

app.onWorkerStart { libssh2_init(0) }
app.get("/") { _ in try pool.with { try $0.output(of: "echo done; exec sleep 0.5") } }

app.run()
