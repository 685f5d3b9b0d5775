/// How changes of sources are noticed.
public enum ReloadEngine: String, Sendable, CaseIterable {
  /// By inotify, where it can be had.
  case auto
  /// By looking once a second: on file systems of a network, whose changes inotify does not see.
  case poll
  /// By `inotify(7)`. A server that cannot have it does not start.
  case inotify
}
