import Foundation

import class Green.Mutex

/// Whether something has happened.
final class Flag: Sendable {
  private let value = Mutex(false)
  func set() { value.withLock { $0 = true } }
  var isSet: Bool { value.withLock { $0 } }
}

/// What a thread of its own returns.
final class ThreadResult<Value: Sendable>: @unchecked Sendable {
  private let done = DispatchSemaphore(value: 0)
  private var result: Result<Value, any Error>?

  fileprivate init(_ body: @escaping @Sendable () throws -> Value) {
    let thread = Thread {
      self.result = Result { try body() }
      self.done.signal()
    }
    // Of address space, so that thousands fit; a sanitizer's frames take several times what others do.
    thread.stackSize = 1 << 20
    thread.start()
  }

  /// Waits for the thread's end. To be called once.
  @discardableResult
  func get() throws -> Value {
    done.wait()
    return try result!.get()
  }
}

extension Thread {
  /// Runs `body` on a thread of its own.
  static func running<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) -> ThreadResult<Value> {
    ThreadResult(body)
  }
}
