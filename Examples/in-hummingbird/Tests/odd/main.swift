import GreenRedirect
import GreenTasks
import Hummingbird
import HummingbirdGreenfinch

// A Greenfinch application that is all a Hummingbird server has: odd PORT

/// Cancels what takes longer than the request's field says.
struct Impatience: HTTPResponder {
  let responder: GreenfinchResponder<ConnectionContext>

  func respond(to request: Request, context: ConnectionContext) async throws -> Response {
    guard let patience = request.headers[.init("X-Patience-Milliseconds")!].flatMap({ Int($0) }) else {
      return try await responder.respond(to: request, context: context)
    }
    let answer = Task { try await responder.respond(to: request, context: context) }
    try await Task.sleep(for: .milliseconds(patience))
    answer.cancel()
    return try await answer.value
  }
}

let responder = GreenfinchResponder<ConnectionContext>(oddApp(), on: try HubThread(), limits: oddLimits)
let port = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 8080
let address = ApplicationConfiguration(address: .hostname("127.0.0.1", port: port))
try await Application(responder: Impatience(responder: responder), configuration: address).runService()
