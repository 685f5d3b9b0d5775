public import GreenHTTP

extension Request {
  private static let flashes = SessionKey<[FlashMessage]>("_flash")

  /// Keeps a message in the session for the next page.
  ///
  /// ```swift
  /// request.flash("The note was saved.")
  /// return Response.redirect(to: "/notes")
  /// ```
  public func flash(_ text: String, category: String = "info") {
    let messages = session[Self.flashes] ?? []
    session[Self.flashes] = messages + [FlashMessage(text: text, category: category)]
  }

  /// The messages that have been kept, in order, and not been shown; they are no more afterwards.
  public func takeFlashes() -> [FlashMessage] { session.take(Self.flashes) ?? [] }
}
