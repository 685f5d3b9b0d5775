internal import CFiber
public import SystemPackage

/// Thread-local variables of C libraries and embedded languages that belong to a fiber.
///
/// All fibers of a thread share what a library keeps in a `thread_local` variable of its own. Where that is some machine words
/// that can be copied, they can belong to each fiber: they are then exchanged at a switch. The words of C++, the exceptions under
/// way and what `std::call_once` calls, are registered by themselves.
public enum ThreadWords {
  /// From now on so many words at `address` belong to the fiber, on every thread that runs a hub.
  ///
  /// The calling fiber keeps the values that are there; every other begins with zero. Words that are zero in fibers that
  /// wait are only looked at; others cost about a nanosecond each at a switch. Calling this twice for
  /// the same words is the same as once.
  ///
  /// - Parameters:
  ///   - count: How many; 24 in all, of which C++ has four.
  ///   - address: Called on each thread: where the first lies there, aligned, for as long as the thread runs.
  /// - Throws: `Errno.invalidArgument`, or `.noSpace` where there is no room for so many.
  public static func belongToFibers(
    _ count: Int, at address: @convention(c) () -> UnsafeMutableRawPointer?
  ) throws(Errno) {
    let error = cfiber_register_words(address, count)
    if error != 0 { throw Errno(rawValue: error) }
  }
}
