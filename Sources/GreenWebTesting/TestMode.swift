/// How a test asks its application: see `App.test`.
public enum TestMode: Sendable, Hashable {
  /// The application itself, in the calling fiber or on the calling thread, without a connection.
  case memory
  /// A server of the application, which listens on a free port of this machine, in this process: by HTTP/1.1, so that what lies
  /// between an application and its clients is tried too.
  case live
}
