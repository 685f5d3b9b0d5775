public import GreenHTTP
internal import HTTPTypes

/// What a handler answers with in the representation that the client likes best, by its `Accept` (RFC 9110, 12.5.1).
///
/// ```swift
/// app.get("/notes") { _ in
///   let all = try notes.all()
///   return Negotiated(.html(page(of: all)), .json(all), .csv(CSV(["id", "title"], all.map { ["\($0.id)", $0.title] })))
/// }
/// ```
///
/// Of those that it likes alike, and where it says nothing, the first is sent. Only that one is made. Where it takes
/// none, the answer is `406 (Not Acceptable)`, which lists what there is. Each of these answers says `Vary: Accept`, so that no
/// cache gives it to a client that likes another.
public struct Negotiated: ResponseConvertible, Sendable {
  private let offers: [Offer]

  /// One of these, of which the first is the server's own choice.
  public init(_ first: Offer, _ others: Offer...) { offers = [first] + others }

  public func response(for request: Request) throws -> Response {
    guard let place = AcceptedTypes(request.header(.accept)).best(of: offers.map(\.type)) else {
      let types = offers.map { String($0.type.prefix { $0 != ";" }) }.joined(separator: ", ")
      throw HTTPError(.notAcceptable, "this is there as \(types)", headers: [.vary: "Accept"])
    }
    var response = try offers[place].make(request)
    response.headers.addVary("Accept")
    return response
  }
}

extension Request {
  /// The media type that the client likes best (`Accept`, RFC 9110, 12.5.1), the first of those that it likes alike;
  /// `nil` where it takes none of them. For code that answers in several: what depends on it should say `Vary: Accept`.
  /// See ``Negotiated``.
  ///
  /// ```swift
  /// app.errorHandler(.notFound) { error, request in
  ///   request.preferredType(of: "text/html", "application/json") == "text/html" ? page : json
  /// }
  /// ```
  public func preferredType(of types: String...) -> String? {
    AcceptedTypes(header(.accept)).best(of: types).map { types[$0] }
  }
}
