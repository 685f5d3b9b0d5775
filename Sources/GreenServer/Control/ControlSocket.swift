import CGlibc
import Glibc
import Green
import SystemPackage

/// The Unix socket at which a running server is asked and ordered: whoever can connect to it can stop the server.
enum ControlSocket {
  /// Listens there; `mode` is that of the socket file, and who may connect is looked at besides. The directory must
  /// belong to this user or root, and nobody else may be able to put another file in the socket's place.
  static func open(_ path: String, mode: UInt32 = 0o600) throws(MonitorFault) -> BoundListener {
    func fault(_ reason: String) -> MonitorFault { MonitorFault(option, path, reason) }
    var status = stat()
    let folder = parent(of: path)
    guard stat(folder, &status) == 0 else { throw fault("\(folder): \(Errno(rawValue: errno))") }
    guard status.st_mode & S_IFMT == S_IFDIR else { throw fault("\(folder) is not a directory") }
    guard status.st_uid == geteuid() || status.st_uid == 0 else {
      throw fault("\(folder) belongs to another user")
    }
    // Where it is sticky, as /tmp, nobody can take away what is another's.
    guard status.st_mode & (S_IWGRP | S_IWOTH) == 0 || status.st_mode & S_ISVTX != 0 else {
      throw fault("others may write to \(folder); chmod go-w, or choose another directory")
    }
    do throws(BindError) {
      return try BoundListener(binding: .unix(path: path), ListenerOptions(backlog: 16, umask: 0o777 & ~mode))
    } catch {
      throw MonitorFault(option, path, error)
    }
  }

  static let option = "--control-socket"

  /// Whether the process at the other end may give orders: root's, or this user's.
  static func trusts(peerOf descriptor: CInt) -> Bool {
    var (process, user, group): (pid_t, uid_t, gid_t) = (0, 0, 0)
    guard cglibc_peer_credentials(descriptor, &process, &user, &group) == 0 else { return false }
    return user == 0 || user == geteuid()
  }

  private static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
