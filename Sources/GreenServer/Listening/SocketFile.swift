import CGlibc
import Glibc
import Green
import SystemPackage

/// The file of a Unix socket, and which file it is, so that a successor's is not taken for it.
struct SocketFile: Sendable, Equatable {
  let path: String
  private let device: dev_t
  private let inode: ino_t
  /// When it was made: its inode's number may be given out again at once. What changes a file's owner or mode leaves
  /// this time alone.
  private let madeSeconds: Int
  private let madeNanoseconds: Int

  /// The file that is now at a path; `nil` where there is none.
  init?(path: String) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return nil }
    self.path = path
    device = status.st_dev
    inode = status.st_ino
    madeSeconds = status.st_mtim.tv_sec
    madeNanoseconds = status.st_mtim.tv_nsec
  }

  /// Sets the permissions of the file at a path, which is not followed where it has become a link. Throws `Errno`.
  static func allow(_ mode: mode_t, at path: String) throws(Errno) {
    do throws(Errno) {
      _ = try systemCall { fchmodat(AT_FDCWD, path, mode, AT_SYMLINK_NOFOLLOW) }
    } catch .notSupported {
      // Kernels before 6.6 without /proc.
      _ = try systemCall { chmod(path, mode) }
    }
  }

  func remove() {
    if SocketFile(path: path) == self { unlink(path) }
  }

  /// Removes what a server left that did not end in good order. What is not a socket stays, and so does a socket at
  /// which somebody listens: those are the error `addressInUse`.
  static func removeStale(at path: String, _ address: SocketAddress) throws(Errno) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFSOCK else { throw .addressInUse }
    let probe = try systemCall { cglibc_stream_socket(AF_UNIX) }
    defer { close(probe) }
    do throws(Errno) {
      _ = try systemCall { address.withSockaddr { connect(probe, $0, $1) } }
    } catch .connectionRefused {
      unlink(path)
      return
    } catch .resourceTemporarilyUnavailable {
      // Its backlog is full: somebody listens.
    }
    throw .addressInUse
  }
}
