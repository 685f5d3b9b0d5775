internal import CFiber
internal import Glibc

extension Fiber where Success == Never {
  /// Calls `body` on a larger stack, and returns what it returns: for code that recurses deeply, such as a coder.
  ///
  /// ```swift
  /// let tree = try Fiber.onBigStack { try parse(text) }
  /// ```
  ///
  /// It stays the same fiber, with its locals, deadline and cancellation, and may park; on a plain thread it works too.
  /// Stacks of the default size are kept for the next call, a few of them for the process: then a call costs two switches
  /// and no system call. Another size is mapped for the one call. Reports of a crash inside end where `body` begins.
  ///
  /// - Parameters:
  ///   - bytes: usable bytes; only the pages that are touched take memory. 8 MB, as a thread's.
  ///   - body: called once, before this returns.
  /// - Throws: what `body` throws; ``HubError/stacks(_:)`` without having called it, when there is no such stack to be had.
  @inlinable
  public static func onBigStack<Result>(bytes: Int = 8 << 20, _ body: () throws -> Result) throws -> Result {
    // Compiled with the caller, where it is known what comes back: else each call asks the runtime for types.
    var outcome: Swift.Result<Result, any Error>?
    let error = callOnBigStack(bytes) { outcome = Swift.Result { try body() } }
    guard let outcome else { throw noBigStack(bytes, error) }
    return try outcome.get()
  }

  /// 0, or the error number of a call that was not made.
  @usableFromInline
  static func callOnBigStack(_ bytes: Int, _ body: () -> Void) -> CInt {
    if bytes < Hub.leastStackSize { return EINVAL }
    return withoutActuallyEscaping(body) { body in
      var call = body
      // Unsafe: a pointer into this frame, which stands still until the call has returned.
      return withUnsafeMutablePointer(to: &call) {
        cfiber_call_on_big_stack(bytes, { $0!.assumingMemoryBound(to: (() -> Void).self).pointee() }, $0)
      }
    }
  }

  /// Why a call was not made.
  @usableFromInline
  static func noBigStack(_ bytes: Int, _ error: CInt) -> any Error {
    if bytes < Hub.leastStackSize { return HubError.smallStacks(bytes) }
    return HubError.stacks("there is no stack of \(bytes / 1024) KB for a call: \(String(cString: strerror(error)))")
  }
}
