internal import Green
public import GreenHTTP
public import HTTPTypes

/// The routes, middleware, hooks and error handlers of one application or blueprint.
public final class _ScaffoldState: Sendable {
  typealias BeforeHook = @Sendable (Request) throws -> Response?
  typealias AfterHook = @Sendable (Request, Response) throws -> Response
  typealias TeardownHook = @Sendable (Request, (any Error)?) throws -> Void
  typealias ContextTeardownHook = @Sendable ((any Error)?) throws -> Void

  struct Hooks: Sendable {
    var middleware: [any Middleware] = []
    /// Called before all others of every scope.
    var url: [BeforeHook] = []
    var before: [BeforeHook] = []
    var after: [AfterHook] = []
    var teardown: [TeardownHook] = []
    /// An application's alone.
    var contextTeardown: [ContextTeardownHook] = []
    var errors = ErrorHandlers()
    /// An application's alone: the hosts that requests may be for; empty for any.
    var hosts: [String] = []
    /// An application's alone: the form of JSON, where it is another than the default.
    var json: JSONOptions?

    /// All middleware of an application.
    var applicationMiddleware: [any Middleware] { (hosts.isEmpty ? [] : [AllowedHosts(hosts)]) + middleware }
  }

  private struct State {
    var hooks = Hooks()
    /// The applications that this is a part of.
    var slots: [TableSlot] = []
  }

  private let state = Guarded(State())
  private let sink: @Sendable (RouteRecord) -> Void

  init(_ sink: @escaping @Sendable (RouteRecord) -> Void) { self.sink = sink }

  /// The hooks as they are now.
  var current: Hooks { state.withLock { $0.hooks } }

  /// Changes hooks. Requests that began before end with those that they began with.
  func change(_ body: (inout Hooks) -> Void) {
    let slots = state.withLock { state in
      body(&state.hooks)
      return state.slots
    }
    for slot in slots { slot.invalidate() }
  }

  /// Notes that this is a part of an application.
  func attach(to slot: TableSlot) {
    state.withLock { state in
      if !state.slots.contains(where: { $0 === slot }) { state.slots.append(slot) }
    }
  }

  @usableFromInline
  func add(
    _ path: String, _ methods: [HTTPRequest.Method], _ inputs: [InputSource], _ output: OutputSource,
    _ call: @escaping @Sendable (Request) throws -> Response
  ) -> RouteRecord {
    let call = inputs.tellingAll(call)
    let record = RouteRecord(path: path, methods: methods, inputs: inputs, output: output, call: call)
    sink(record)
    return record
  }
}
