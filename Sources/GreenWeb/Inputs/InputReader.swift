public import GreenHTTP

/// Hands out what the inputs of one handler are made of, in their order.
public struct InputReader {
  /// The request that is answered.
  public let request: Request
  @usableFromInline var parameters: Parameters?
  /// The place of the next parameter.
  @usableFromInline var place: Int

  /// - Parameter pathInputs: how many parameters of the path the handler takes: the last ones, where blueprints have some in
  ///   their prefixes.
  @inlinable
  init(_ request: Request, pathInputs: Int) {
    self.request = request
    place = -pathInputs
  }

  /// The next parameter of the path, decoded.
  ///
  /// - Throws: `HTTPError` with `500` where there is none: for inputs that read more than they say.
  public mutating func nextPathParameter() throws -> String {
    let parameters = parameters ?? request.parameters
    self.parameters = parameters
    let index = place < 0 ? parameters.count + place : place
    guard place < 0, let value = parameters.value(at: index) else {
      throw HTTPError(.internalServerError, "the path has no more parameters")
    }
    place += 1
    return value
  }
}
