internal import Green

/// A running server, at its control socket: what `greenfinch ctl` asks and orders, for a program that does so. The
/// server's own workers may, for a page about it.
///
/// ```swift
/// let server = try ServerControl("/run/app/ctl")
/// let workers = try server.ask("workers --json")
/// ```
///
/// The words are those of <doc:Watching>. Calls come one after the other. After one that was given up, or that the server has
/// not answered, the next connects anew.
public final class ServerControl: Sendable {
  /// Unsafe as `Sendable`: used with the lock held.
  private struct Connection: @unchecked Sendable {
    /// `nil` once a call has ended without its answer.
    var connection: ControlConnection?
  }

  private let path: String
  private let connection: Mutex<Connection>

  /// Connects to the socket of a server that has been given it as `--control-socket`. Parks or blocks for 5 s at most.
  ///
  /// - Throws: ``ServerControlError``.
  public init(_ path: String) throws(ServerControlError) {
    self.path = path
    do throws(ControlFault) {
      connection = Mutex(Connection(connection: try ControlConnection(path)))
    } catch {
      throw ServerControlError(error)
    }
  }

  /// Asks one thing, and returns the answer. Parks or blocks until it has come. The rates of `top` are those since this
  /// asked before.
  ///
  /// - Throws: ``ServerControlError``; `CancellationError` and `TimeoutError` of the fiber that calls it, also while it waits for
  ///   its turn.
  public func ask(_ command: String) throws -> String {
    guard !command.utf8.contains(0x0a) else { throw ServerControlError(description: "a command is one line") }
    let reply = try connection.withLock(until: .never) { held throws -> ControlReply in
      do throws(ControlFault) {
        let open: ControlConnection
        if let known = held.connection { open = known } else { open = try ControlConnection(path) }
        // Kept only with its answer: one that comes later would be the next one's.
        held.connection = nil
        let reply = try open.ask(command)
        held.connection = open
        return reply
      } catch {
        if let stop = error.stop { throw stop.error }
        throw ServerControlError(error)
      }
    }
    if reply.isError {
      throw ServerControlError(description: reply.text.split(separator: "\n").first.map(String.init) ?? "")
    }
    return reply.text
  }
}
