internal import GreenHTTP

extension [InputSource] {
  /// A handler that takes these, and tells what is wrong in all of them where one is. Itself where there is nothing to add.
  func tellingAll(_ call: @escaping Responder) -> Responder {
    let fields = count { if case .query = $0 { true } else if case .body = $0 { true } else { false } }
    if fields < 2 { return call }
    return { request in
      do {
        return try call(request)
      } catch let error as InvalidInput {
        throw joined(error, of: request)
      }
    }
  }

  /// What an input has thrown, with what is wrong in those to its right. Not behind an input that an application makes
  /// of the request itself: who is not logged in is told nothing of a body, and nothing is done twice.
  private func joined(_ error: InvalidInput, of request: Request) -> InvalidInput {
    var errors: [InvalidInput.Field] = []
    for source in self {
      if case .request = source, !errors.isEmpty { break }
      guard let found = source.faults(of: request)?.errors else { continue }
      // The handler, or an input of the application's own, has thrown it.
      if errors.isEmpty && found != error.errors { return error }
      errors += found
    }
    return errors.isEmpty ? error : InvalidInput(errors)
  }
}

extension InputSource {
  /// What is wrong in the fields of a request that it is made of.
  fileprivate func faults(of request: Request) -> InvalidInput? {
    do {
      switch self {
      case .query(let type): try request.look(atQuery: type)
      case .body(let type): try request.look(atBody: type)
      case .path, .request: break
      }
    } catch let error as InvalidInput {
      return error
    } catch {
      // Another kind of fault, which is told when these are mended.
    }
    return nil
  }
}

extension Request {
  fileprivate func look<Value: Decodable>(atQuery type: Value.Type) throws { _ = try query.decode(type) }
  fileprivate func look<Value: Decodable>(atBody type: Value.Type) throws { _ = try typedBody(type) }

  /// The body as a value of a type: of a form or of JSON, as it says.
  func typedBody<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
    try hasForm ? form(type) : json(type)
  }
}
