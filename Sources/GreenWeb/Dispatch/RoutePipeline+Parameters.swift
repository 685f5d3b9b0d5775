internal import GreenHTTP
internal import HTTPTypes

extension RoutePipeline {
  /// Whether the parameters of a path are what the route wants of them.
  func accepts(_ path: UnsafeRawBufferPointer) -> Bool {
    if checkCount == 0 { return true }
    var accepts = true
    forEachParameter(path) { parameter, bytes in
      guard accepts, let check = parameter.check else { return }
      // What cannot be decoded is told to the client, and not taken for another route's.
      if let value = PercentEncoding.decoded(bytes), !check.accepts(value) { accepts = false }
    }
    return accepts
  }

  /// The parameters of a path, percent-decoded, after others. Throws `HTTPError` with `400` when one is malformed.
  func values(in path: UnsafeRawBufferPointer, after others: Parameters) throws -> Parameters {
    var values = others
    var malformed: String?
    forEachParameter(path) { parameter, bytes in
      guard let value = PercentEncoding.decoded(bytes) else { return malformed = malformed ?? parameter.name }
      values.append(name: parameter.name, value: value)
    }
    if let malformed {
      throw HTTPError(.badRequest, "the path is not percent-encoded UTF-8 at parameter '\(malformed)'")
    }
    return values
  }

  private func forEachParameter(
    _ path: UnsafeRawBufferPointer, _ body: (RoutePattern.Parameter, UnsafeRawBufferPointer) -> Void
  ) {
    var start = 1
    var segment = 0
    for parameter in parameters {
      while segment < parameter.segment, let slash = path[start...].firstIndex(of: 0x2f) {
        start = slash + 1
        segment += 1
      }
      let end = parameter.isRest ? path.count : path[start...].firstIndex(of: 0x2f) ?? path.count
      body(parameter, UnsafeRawBufferPointer(rebasing: path[start..<end]))
    }
  }
}
