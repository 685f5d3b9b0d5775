public import GreenHTTP
internal import Logging

extension Session {
  static let key = RequestKey<Session?>(nil)
}

extension Request {
  /// The visitor's session, which ``Sessions`` has given the request.
  ///
  /// Without ``Sessions`` around the route it is one that nobody keeps; that is logged as an error, once.
  public var session: Session {
    if let session = self[Session.key] { return session }
    MissingSessions.report
    let session = Session(SystemTime.seconds) { nil }
    self[Session.key] = session
    session.close()
    return session
  }
}

private enum MissingSessions {
  static let report: Void = {
    Logger(label: "app").error("a handler uses the session, and there are no sessions: app.use(Sessions(keys: …))")
  }()
}
