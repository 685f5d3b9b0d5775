import Glibc
import SystemPackage

/// A socket that listens, made by the master and inherited by every worker.
package struct ListeningSocket: Sendable, Equatable {
  package let descriptor: CInt
  /// The socket file, and which file it was when it was made.
  private let file: SocketFile?

  /// Binds and listens: non-blocking, close-on-exec, with `SO_REUSEADDR`. What it accepts inherits `TCP_NODELAY`.
  /// A name is resolved, and IPv4 preferred as gunicorn does. The file of a Unix socket allows all but `umask`, or but the
  /// process's own. Throws
  /// ``BindError``. May block on a name server.
  package init(binding address: BindAddress, backlog: Int, umask: UInt32? = nil) throws(BindError) {
    switch address {
    case .unix(let path): try self.init(unix: path, backlog: backlog, umask: umask)
    case .tcp(let host, let port): try self.init(host: host, port: port, backlog: backlog)
    }
  }

  /// A socket that already listens.
  package init(inherited descriptor: CInt) {
    self.descriptor = descriptor
    file = nil
  }

  private init(host: String, port: UInt16, backlog: Int) throws(BindError) {
    let candidates = try ResolvedAddress.resolve(host: host, port: port)
    // Of a name with several addresses, the first that this machine has.
    var failure = BindError.failed(.addressNotAvailable)
    for candidate in candidates {
      do throws(Errno) {
        descriptor = try Self.listening(family: candidate.family, backlog: backlog) { (socket) throws(Errno) in
          try Self.set(SOL_SOCKET, SO_REUSEADDR, on: socket)
          try Self.set(CInt(IPPROTO_TCP), TCP_NODELAY, on: socket)
          try candidate.bind(socket)
        }
        file = nil
        return
      } catch {
        failure = .failed(error)
        if error == .addressInUse { break }
      }
    }
    throw failure
  }

  private init(unix path: String, backlog: Int, umask: UInt32?) throws(BindError) {
    do throws(Errno) {
      try SocketFile.removeStale(at: path)
      descriptor = try Self.listening(family: AF_UNIX, backlog: backlog) { (socket) throws(Errno) in
        try withUnixAddress(path) { (address, length) throws(Errno) in
          _ = try systemCall { Glibc.bind(socket, address, length) }
        }
        // Before it listens, so that nobody is refused meanwhile; and not by umask(2), which is the whole process's.
        if let umask { try SocketFile.allow(0o777 & ~umask, at: path) }
      }
      file = SocketFile(path: path)
    } catch {
      throw .failed(error)
    }
  }

  private static func listening(
    family: CInt, backlog: Int, bind: (CInt) throws(Errno) -> Void
  ) throws(Errno) -> CInt {
    let kind = CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let descriptor = try systemCall { socket(family, kind, 0) }
    do throws(Errno) {
      try bind(descriptor)
      _ = try systemCall { listen(descriptor, CInt(clamping: backlog)) }
      return descriptor
    } catch {
      Glibc.close(descriptor)
      throw error
    }
  }

  private static func set(_ level: CInt, _ option: CInt, on socket: CInt) throws(Errno) {
    var one: CInt = 1
    _ = try systemCall { setsockopt(socket, level, option, &one, socklen_t(MemoryLayout<CInt>.size)) }
  }

  /// Closes this process's descriptor. The kernel stops listening when every process has closed its own.
  package func close() { Glibc.close(descriptor) }

  /// Removes the socket file, if it is still the one that this socket made. Connections that wait are not touched.
  package func removeFile() { file?.remove() }

  /// The address as the log tells it: `http://127.0.0.1:8000`, with the port that the kernel chose for port 0.
  package var url: String {
    if let file { return "unix:\(file.path)" }
    guard let address = ResolvedAddress(localOf: descriptor) else { return "unix:" }
    return "http://\(address)"
  }
}
