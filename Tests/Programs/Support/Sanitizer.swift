internal import Glibc

/// The sanitizer that the tests are built with, for those whose subject does not exist under it.
public enum Sanitizer: Sendable {
  case address, thread

  public static let current: Sanitizer? =
    if dlsym(nil, "__asan_init") != nil { .address } else if dlsym(nil, "__tsan_init") != nil { .thread } else { nil }

  /// Why not to ask what a signal handler finds.
  public static let holdsSignalsBack = "ThreadSanitizer holds signals back until the next call that it knows"
  /// Why not to join a thread by another one.
  public static let ownsThreads = "ThreadSanitizer keeps account of threads, and of who may join them, for itself"
  /// Why not to fork while other threads are busy with Swift.
  public static let locksGlobals =
    "under ThreadSanitizer the Swift runtime locks a lazy global for each use, and a fork may find it locked for ever"

  /// The reason, where the tests are built with `sanitizer`.
  public static func skip(under sanitizer: Sanitizer, _ reason: String) -> String? {
    current == sanitizer ? reason : nil
  }
}
