import CGlibc
import CProcess
import Glibc
import SystemPackage

/// The process that the workers of a generation are forked from, see ``WorkerImage/forkServer``. It loads the
/// application once and says so; then it is told of each worker that there is to be, with the descriptors that a worker
/// inherits.
///
/// It is a child of the master, and so are the workers, although it forks them: ``cprocess_fork_sibling()``.
final class ForkServer {
  private enum State {
    /// It loads the application.
    case loading
    case ready
    case gone(reason: String)
  }

  private let start: (String) -> ProcessStart
  private var state = State.loading
  private var handshake: Handshake
  /// -1 once it has ended.
  private var pid: pid_t
  private var hasEnded = false

  /// Starts the process. Throws ``SystemCallError`` and `Errno`.
  ///
  /// - Parameter start: how it is started, with the variable that it knows its master by.
  init(_ start: @escaping (_ variable: String) -> ProcessStart) throws {
    if cprocess_adopt_orphans() != 0 {
      throw SystemCallError("prctl of PR_SET_CHILD_SUBREAPER", Errno(rawValue: errno))
    }
    self.start = start
    (handshake, pid) = try Self.launch(start)
  }

  private static func launch(_ start: (String) -> ProcessStart) throws -> (Handshake, pid_t) {
    let (ours, theirs) = try Handshake.pair()
    defer { theirs.close() }
    do {
      var token = [CChar](repeating: 0, count: Int(CPROCESS_TOKEN_BYTES) + 1)
      guard cprocess_token_create(&token) == 0 else { throw SystemCallError("getrandom", Errno(rawValue: errno)) }
      try ours.send(token.dropLast().map(UInt8.init(bitPattern:)))
      var text = [CChar](repeating: 0, count: 128)
      guard cprocess_fork_server_describe(theirs.descriptor, token, &text, text.count) > 0 else {
        throw Errno(rawValue: errno)
      }
      var process = start(text.withUnsafeBufferPointer { String(cString: $0.baseAddress.unsafelyUnwrapped) })
      process.inherited.append(theirs.descriptor)
      return (ours, try process.run())
    } catch {
      ours.close()
      throw error
    }
  }

  /// The master's end, to wait for.
  var descriptor: CInt { handshake.descriptor }

  /// Whether it can fork workers, as far as it has said; `nil` while it loads the application.
  ///
  /// - Throws: ``ForkServerGone`` where it has ended, or cannot load the application.
  func hear() throws(ForkServerGone) -> Bool? {
    while case .loading = state {
      switch handshake.receive() {
      case .message(.ready): state = .ready
      case .message(.failed(let reason)): lose(reason)
      case .message: continue
      case .figures(let file): Glibc.close(file)
      case .nothing: return nil
      case .end: lose("the process that loads it has ended")
      }
    }
    if case .gone(let reason) = state { throw ForkServerGone(description: reason) }
    return true
  }

  /// Waits until it can fork workers. Throws ``ForkServerGone``.
  func awaitReady() throws(ForkServerGone) {
    while try hear() == nil { wait(milliseconds: -1) }
  }

  /// Has it fork a worker that inherits this. Returns the worker's number; it waits to be told to begin.
  ///
  /// One that has ended is started again, for the next time. Throws ``ForkServerGone``, ``SystemCallError``, `Errno`.
  func fork(_ inheritance: Inheritance) throws -> pid_t {
    do {
      if try hear() == nil {
        throw ForkServerGone(description: "the process that it is forked from still loads the application")
      }
    } catch {
      if case .gone = state { try startAgain() }
      throw error
    }
    let word = Array("\(inheritance.slot)".utf8)
    let descriptors = inheritance.descriptors
    guard cglibc_send_descriptors(descriptor, word, word.count, descriptors, descriptors.count) == word.count else {
      let error = SystemCallError("sendmsg to the process that forks workers", Errno(rawValue: errno))
      lose("\(error)")
      throw error
    }
    return try answer()
  }

  /// Ends it, and what it is loading. For good: nothing is asked of it afterwards.
  func end() {
    if hasEnded { return }
    hasEnded = true
    if pid > 0 {
      kill(pid, SIGKILL)
      while waitpid(pid, nil, 0) < 0 && errno == EINTR {}
    }
    pid = -1
    handshake.close()
    lose("it was ended")
  }

  /// A process of the master's has ended, perhaps this one.
  ///
  /// - Returns: whether it was.
  func ended(_ pid: pid_t) -> Bool {
    guard pid == self.pid else { return false }
    // Its last words may lie in the socket.
    _ = try? hear()
    lose("the process that it is forked from has ended")
    self.pid = -1
    return true
  }

  /// In nanoseconds: how long a fork may take before the process is given up.
  private static let patience: Int64 = 10_000_000_000

  private func answer() throws -> pid_t {
    let end = monotonicNanoseconds() + Self.patience
    while monotonicNanoseconds() < end {
      wait(milliseconds: 100)
      let packet = handshake.receivePacket { bytes, files -> Result<pid_t, Errno>? in
        for file in files { Glibc.close(file) }
        guard let number = Int32(String(decoding: bytes, as: UTF8.self)) else { return nil }
        return number > 0 ? .success(number) : .failure(Errno(rawValue: -number))
      }
      switch packet {
      case .packet(.success(let pid)): return pid
      case .packet(.failure(let error)): throw SystemCallError("fork", error)
      case .nothing: continue
      case .end:
        lose("the process that it is forked from has ended")
        throw ForkServerGone(description: "the process that it is forked from has ended")
      }
    }
    if pid > 0 { kill(pid, SIGKILL) }
    lose("it did not answer")
    throw ForkServerGone(description: "the process that it is forked from does not answer")
  }

  private func wait(milliseconds: CInt) {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    _ = poll(&entry, 1, milliseconds)
  }

  private func lose(_ reason: String) { if case .gone = state {} else { state = .gone(reason: reason) } }

  private func startAgain() throws {
    let (fresh, number) = try Self.launch(start)
    if pid > 0 { kill(pid, SIGKILL) }
    handshake.close()
    (handshake, pid, state) = (fresh, number, .loading)
  }
}

/// There is no process to fork a worker from.
struct ForkServerGone: Error, CustomStringConvertible {
  /// Why, in a few words.
  let description: String
}
