internal import CFiber
internal import Glibc

/// What a fiber has to itself of what C and C++ libraries believe to be a thread's.
public enum FiberIsolation: String, CaseIterable, Sendable {
  /// The fiber shares its thread's control block with the others: `thread_local` variables and pthread keys are the
  /// thread's, except for the words of C++'s exceptions and those that were registered (``ThreadWords``).
  case shared
  /// The fiber is a whole thread to C: it has a thread control block of its own. Its own are `thread_local` variables,
  /// pthread keys, the exceptions of C++ that are under way, the locale of `uselocale`, OpenSSL's queue of errors, and
  /// `pthread_self()`; `pthread_getattr_np` tells the bounds of its stack. The thread's are the rounding mode, and what the
  /// kernel keeps by the thread's number: its signal mask, its priority, libdispatch's locks.
  ///
  /// At the fiber's end the destructors of its `thread_local` variables and of its keys run, in the fiber. Blocks come from
  /// a pool of the hub's thread and go back to it: with what was left in them, as the threads of a pool keep their
  /// variables, or as new where a destructor has run. A block takes 8 KB and, the first time, 60 µs; a switch to such a
  /// fiber costs some 15 ns more.
  ///
  /// Where it cannot be had (a sanitizer, Valgrind, a processor without FSGSBASE, a C library other than glibc 2.34 and
  /// later) the fiber is an ordinary one, and the hub says so once on standard error: see ``refusal``.
  case thread

  /// Why no fiber of this process can be a ``thread``, in a few words; `nil` when they can.
  public static var refusal: String? { cfiber_isolation_refusal().map { String(cString: $0) } }

  // Told once, when somebody first asks for what there is not.
  private static let reportRefusal: Void = {
    guard let refusal else { return }
    Report.message(
      "fibers share their thread's control block, although they were to be isolated: \(refusal)")
  }()

  /// Gives the fiber, which has not started, what it is to have.
  func apply(to fiber: FiberPointer) throws {
    guard self == .thread else { return }
    let error = cfiber_isolate(fiber)
    if error == 0 { return }
    if error == ENOSYS { return Self.reportRefusal }
    throw HubError.stacks(
      "there is no thread control block for another fiber: \(String(cString: strerror(error))) (the limits of the user's "
        + "and the group's processes count threads)")
  }

  /// Makes control blocks beforehand on the calling thread, which runs a hub: 60 µs and 8 KB each. Where they cannot be had
  /// this does nothing.
  public static func prepare(_ count: Int) { _ = cfiber_isolation_prepare(max(0, count)) }
}

extension Fiber {
  /// As ``spawn(name:priority:file:line:_:)``, and says what the fiber has to itself.
  ///
  /// ```swift
  /// Fiber.spawn(isolation: .thread) { try parseWithXerces(document) }   // C++, whose handlers throw and wait
  /// ```
  ///
  /// - Returns, Parameters: as there.
  @discardableResult
  public static func spawn(
    isolation: FiberIsolation, name: String? = nil, priority: FiberPriority = .normal, file: StaticString = #fileID,
    line: UInt = #line, _ body: consuming @escaping () throws -> Success
  ) -> Fiber<Success> {
    spawn(name: name, priority: priority, isolation: isolation, site: SpawnSite(file, line), body)
  }
}
