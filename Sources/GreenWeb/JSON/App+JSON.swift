public import GreenHTTP

extension App {
  /// What form JSON has in what handlers return and in the bodies that they take, unless they say another: by default
  /// keys are as types have them, dates are ISO 8601, and what is `nil` is left out.
  ///
  /// It is for ``Reply``, ``Body``, `Request.json(_:)` and the answers to ``InvalidInput`` too, whose fields have the names that
  /// clients know. Queries and forms have their fields' names as types have them. `Response.json(_:status:)` has the
  /// form that it is given, which is `request.jsonOptions` for that of the application.
  public var json: JSONOptions {
    get { _scaffold.current.json ?? JSONOptions() }
    set { _scaffold.change { $0.json = newValue == JSONOptions() ? nil : newValue } }
  }
}

extension Request {
  /// What form JSON has in the answer to this request, unless its handler says another: see ``App/json``.
  public var jsonOptions: JSONOptions { hasNotes ? self[JSONOptions.key] : JSONOptions() }
}

extension JSONOptions {
  static let key = RequestKey<JSONOptions>(JSONOptions())
}
