internal import Green
internal import Logging

/// Something that happens in a program, which parts of it are told of that the others do not know: Flask's signals, with a type.
///
/// ```swift
/// enum NoteSignals { static let saved = AppSignal<Note>("note saved") }
///
/// NoteSignals.saved.connect { note in try search.add(note) }   // in one part
/// NoteSignals.saved.send(note)                                 // in another; await NoteSignals.saved.send(note) in async code
/// ```
///
/// It reaches this process alone: ``Rooms`` with a relay, and jobs, reach others.
public final class AppSignal<Value: Sendable>: Sendable {
  /// What it is called, in the log.
  public let name: String
  private let receivers = Guarded<[(connection: AppSignalConnection, receiver: Receiver)]>([])

  private enum Receiver: Sendable {
    case blocking(@Sendable (Value) throws -> Void)
    /// With the same as blocking code calls it.
    case suspending(@Sendable (Value) async throws -> Void, blocking: @Sendable (Value) throws -> Void)
  }

  /// A signal that nobody is told of yet.
  public init(_ name: String = "\(Value.self)") { self.name = name }

  /// Has `receiver` called with each value that is sent from now on, in the fiber or thread that sends it.
  ///
  /// - Returns: what ends it.
  @discardableResult
  public func connect(_ receiver: @escaping @Sendable (Value) throws -> Void) -> AppSignalConnection {
    add(.blocking(receiver))
  }

  private func add(_ receiver: Receiver) -> AppSignalConnection {
    let connection = AppSignalConnection()
    receivers.withLock { receivers in
      receivers.removeAll { $0.connection.isEnded }
      receivers.append((connection, receiver))
    }
    return connection
  }

  /// As the one for blocking code, for an `async` function.
  @discardableResult
  public func connect(_ receiver: @escaping @Sendable (Value) async throws -> Void) -> AppSignalConnection {
    add(.suspending(receiver, blocking: ensureSync(receiver)))
  }

  /// Calls all receivers, in the order in which they were connected, and returns when the last has returned. What one throws is
  /// logged, and keeps nothing from the others.
  public func send(_ value: Value) {
    for (connection, receiver) in receivers.withLock({ $0 }) where !connection.isEnded {
      do {
        switch receiver {
        case .blocking(let call): try call(value)
        case .suspending(_, blocking: let call): try call(value)
        }
      } catch {
        log(error)
      }
    }
  }

  /// As the one for blocking code, which `async` code calls by this: it awaits the receivers that are `async` functions, so that an
  /// actor that sends is free for them. The others are called where it is: in a task that is on no hub their waits block its
  /// thread.
  public nonisolated(nonsending) func send(_ value: Value) async {
    for (connection, receiver) in receivers.withLock({ $0 }) where !connection.isEnded {
      do {
        switch receiver {
        case .blocking(let call): try call(value)
        case .suspending(let call, blocking: _): try await call(value)
        }
      } catch {
        log(error)
      }
    }
  }

  private func log(_ error: any Error) {
    Logger(label: "app").error("a receiver of the signal '\(name)' failed: \(error)")
  }
}
