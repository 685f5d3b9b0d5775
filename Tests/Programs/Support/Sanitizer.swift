internal import Glibc

/// The sanitizer that the tests or the programs that they run are built with, for those whose subject does not exist under it.
public enum Sanitizer: String, Sendable {
  case address, thread

  /// By `GREENFINCH_SANITIZER` where only the programs have one, those in the folder `GREENFINCH_PROGRAMS`.
  public static let current: Sanitizer? =
    if dlsym(nil, "__asan_init") != nil {
      .address
    } else if dlsym(nil, "__tsan_init") != nil {
      .thread
    } else {
      getenv("GREENFINCH_SANITIZER").flatMap { Sanitizer(rawValue: String(cString: $0)) }
    }

  /// Why not to ask what a signal handler finds.
  public static let holdsSignalsBack = "ThreadSanitizer holds signals back until the next call that it knows"
  /// Why not to join a thread by another one.
  public static let ownsThreads = "ThreadSanitizer keeps account of threads, and of who may join them, for itself"
  /// Why not to fork while other threads are busy with Swift.
  public static let locksGlobals =
    "under ThreadSanitizer the Swift runtime locks a lazy global for each use, and a fork may find it locked for ever"
  /// Why not to make a child by anything but `fork`: signals and clocks of the sanitizer's own are not made ready in it.
  public static let knowsForkOnly = "ThreadSanitizer ends a child that was not made by fork"
  /// Why not to let the C library start a thread for itself.
  public static let knowsNoInnerThreads = "ThreadSanitizer ends in a thread that the C library started for itself"
  /// Why not to keep apart what a library's own locks keep apart.
  public static let seesNoFutexes = "ThreadSanitizer does not see locks that a library makes of futexes"

  /// The reason, where the tests are built with `sanitizer`.
  public static func skip(under sanitizer: Sanitizer, _ reason: String) -> String? {
    current == sanitizer ? reason : nil
  }
}
