internal import CGlibc
internal import Glibc

/// How a descriptor is read and written without blocking the thread, and without setting its `O_NONBLOCK`: that flag
/// belongs to everybody who shares the open file, such as the shell that lent its terminal.
enum DescriptorKind: Equatable {
  /// `recv` and `send` with `MSG_DONTWAIT`.
  case socket
  /// `preadv2` and `pwritev2` with `RWF_NOWAIT`: pipes, and other files that allow it.
  case attempted
  /// Ours alone, with `O_NONBLOCK` set: a terminal opened once more.
  case nonblocking
  /// Asked whether it is ready, then called: the master's side of terminals, other devices, and pipes where the kernel
  /// cannot try (before Linux 6.5). To be writable means to have room for some bytes, and no more are written at once.
  case polled(room: Int)
  /// Never waits in a way that could be waited for: files and directories.
  case direct

  init(of descriptor: CInt) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      self = .direct
      return
    }
    switch status.st_mode & S_IFMT {
    case S_IFSOCK: self = .socket
    case S_IFREG, S_IFDIR, S_IFBLK: self = .direct
    // The least that tty_insert_flip_string of the kernel has room for when there is any.
    case S_IFCHR: self = .polled(room: 256)
    default: self = .attempted
    }
  }

  /// Whether an attempt has failed because the file does not allow it, and is to be made in the other way.
  var isRefused: Bool { self == .attempted && (errno == EOPNOTSUPP || errno == EINVAL || errno == ESPIPE) }

  /// The way for a file that cannot be tried after all, which is a pipe.
  static let untried = DescriptorKind.polled(room: Int(PIPE_BUF))

  /// One attempt to read: -1 and `EAGAIN` when it would have to wait.
  func read(_ descriptor: CInt, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
    switch self {
    case .socket: recv(descriptor, buffer.baseAddress, buffer.count, cglibc_receive_flags())
    case .attempted: cglibc_read_nowait(descriptor, buffer.baseAddress, buffer.count)
    case .polled where !Self.isReady(descriptor, .read): -1
    case .polled, .nonblocking, .direct: Glibc.read(descriptor, buffer.baseAddress, buffer.count)
    }
  }

  /// One attempt to write: -1 and `EAGAIN` when it would have to wait. Never raises SIGPIPE.
  func write(_ descriptor: CInt, _ bytes: UnsafeRawBufferPointer) -> Int {
    switch self {
    case .socket: Glibc.send(descriptor, bytes.baseAddress, bytes.count, cglibc_send_flags())
    case .attempted: cglibc_write_nowait(descriptor, bytes.baseAddress, bytes.count)
    case .polled where !Self.isReady(descriptor, .write): -1
    case .polled(let room): cglibc_write(descriptor, bytes.baseAddress, min(bytes.count, room))
    case .nonblocking: Glibc.write(descriptor, bytes.baseAddress, bytes.count)
    case .direct: cglibc_write(descriptor, bytes.baseAddress, bytes.count)
    }
  }

  private static func isReady(_ descriptor: CInt, _ direction: Direction) -> Bool {
    var entry = pollfd(fd: descriptor, events: direction.pollEvent, revents: 0)
    let count = poll(&entry, 1, 0)
    if count == 0 { errno = EAGAIN }
    return count > 0
  }
}
