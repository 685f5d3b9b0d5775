internal import Green
internal import GreenHTTP
internal import HTTPTypes

/// A route as it was added. The applications and blueprints that it belongs to share it, so that what is said of it later
/// counts in all of them.
@usableFromInline
final class RouteRecord: Sendable {
  /// As it was written, without the prefixes of blueprints.
  let path: String
  let methods: [HTTPRequest.Method]
  let inputs: [InputSource]
  let output: OutputSource
  let call: @Sendable (Request) throws -> Response

  struct Settings: Sendable {
    var name: String?
    var middleware: [any Middleware] = []
    /// How many bytes the body of a request may have, where the route says so; 0 for any number.
    var bodyLimit: Int?
    /// How long a request may take.
    var timeLimit: Duration?
    var documentation: RouteDocumentation?
    /// The whole pattern, once an application has it.
    var pattern: String?
    var slots: [TableSlot] = []
  }

  private let state = Guarded(Settings())

  init(
    path: String, methods: [HTTPRequest.Method], inputs: [InputSource], output: OutputSource,
    call: @escaping @Sendable (Request) throws -> Response
  ) {
    self.path = path
    self.methods = methods
    self.inputs = inputs
    self.output = output
    self.call = call
  }

  var settings: Settings { state.withLock { $0 } }

  func change(_ body: (inout Settings) -> Void) {
    let slots = state.withLock { settings in
      body(&settings)
      return settings.slots
    }
    for slot in slots { slot.invalidate() }
  }

  /// Notes that an application serves it.
  func attach(to slot: TableSlot, as pattern: String) {
    state.withLock { settings in
      settings.pattern = settings.pattern ?? pattern
      if !settings.slots.contains(where: { $0 === slot }) { settings.slots.append(slot) }
    }
  }

  /// How many parameters of the path the handler takes.
  var pathInputs: [any PathValue.Type] {
    inputs.compactMap { source -> (any PathValue.Type)? in
      if case .path(let type) = source { return type }
      return nil
    }
  }
}
