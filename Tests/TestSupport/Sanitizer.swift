internal import Glibc

/// The sanitizer that the tests are built with, for those whose subject does not exist under it.
public enum Sanitizer: Sendable {
  case address, thread

  public static let current: Sanitizer? =
    if dlsym(nil, "__asan_init") != nil { .address } else if dlsym(nil, "__tsan_init") != nil { .thread } else { nil }

  /// ThreadSanitizer holds signals back until the next call that it knows, so a handler does not find what it interrupted.
  public static var delaysSignals: Bool { current == .thread }
}
