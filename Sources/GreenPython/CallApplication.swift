import CGreenPython
import Glibc
import Green
import GreenHTTP
import SystemPackage

/// An application in Python that is called for each request: in a fiber of its own, or by the thread that serves.
///
/// Unsafe: the host's functions may be called by any thread.
struct CallApplication: Application, @unchecked Sendable {
  let host: greenpython_host

  func respond(to request: Request) throws -> Response {
    let exchange = CallExchange(request)
    guard Hub.current != nil else { return try respondHere(exchange) }
    exchange.isApart = true
    try Slots.current.run(.answer(exchange, Fiber.currentDeadline))
    do {
      while !exchange.hasBegun && !exchange.hasReturned { try exchange.server.wait() }
    } catch {
      exchange.giveUp()
      throw error
    }
    return try exchange.response { StreamedBody(length: $0) { try exchange.serve($0) } }
  }

  /// Calls the application on the calling thread.
  private func respondHere(_ exchange: CallExchange) throws -> Response {
    var state: UnsafeMutableRawPointer?
    let isWhole = Int(host.respond(exchange.handle, &state)) == GREENPYTHON_DONE
    exchange.hasReturned = isWhole
    let rest = RestOfCall(host, exchange, isWhole ? nil : state)
    if exchange.discards { rest.drop() }
    return try exchange.response { StreamedBody(length: $0) { try exchange.serve($0, rest) } }
  }
}

extension CallExchange {
  /// What the application's answer is, as far as it has come.
  fileprivate func response(_ stream: (Int?) -> StreamedBody) throws -> Response {
    if socketIsTaken { return endOfTakenSocket() }
    switch progress {
    case .waiting: throw takeFailure() ?? PythonFailure(description: "the application has not answered")
    case .whole(let body):
      return (head ?? .none).response(.bytes(body))
    case .begun: return (head ?? .none).response(discards ? .empty : .stream(stream(head?.length)))
    }
  }

  /// Whoever has spoken over the connection has said all that there is to say.
  private func endOfTakenSocket() -> Response {
    if let descriptor = request.socketDescriptor { shutdown(descriptor, CInt(SHUT_RDWR)) }
    return Response(status: .ok, headers: [.connection: "close"])
  }

  /// In a fiber: gives the call what it writes to, and waits for its end.
  fileprivate func serve(_ writer: BodyWriter) throws {
    self.writer = writer
    caller.tell()
    do {
      while !hasReturned { try server.wait() }
    } catch {
      giveUp()
      throw error
    }
    self.writer = nil
    if let failure { throw failure }
  }

  /// On a thread: goes on with the call.
  fileprivate func serve(_ writer: BodyWriter, _ rest: RestOfCall) throws {
    self.writer = writer
    defer { self.writer = nil }
    try sendEarly()
    rest.resume()
    if let failure { throw failure }
  }

  /// The call's writes fail from now on.
  fileprivate func giveUp() {
    isGivenUp = true
    writer = nil
    caller.tell()
  }
}

/// What is left of a call on a thread that has given its answer's head: it is gone on with once, or dropped.
private final class RestOfCall: @unchecked Sendable {
  private let host: greenpython_host
  /// The call has its handle until its end.
  private let exchange: CallExchange
  private var state: UnsafeMutableRawPointer?

  init(_ host: greenpython_host, _ exchange: CallExchange, _ state: UnsafeMutableRawPointer?) {
    self.host = host
    self.exchange = exchange
    self.state = state
  }

  deinit { drop() }

  func resume() {
    guard let state = state.take() else { return }
    _ = host.resume(exchange.handle, state)
  }

  func drop() { if let state = state.take() { host.drop(state) } }
}

extension AnswerHead {
  fileprivate static var none: AnswerHead { AnswerHead(greenpython_answer()) }
}
