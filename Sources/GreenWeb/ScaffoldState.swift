internal import Green
public import GreenHTTP
public import HTTPTypes
internal import Synchronization

/// The routes, hooks and error handlers of one application or blueprint.
public final class _ScaffoldState: Sendable {
  typealias BeforeHook = @Sendable (Request) throws -> Response?
  typealias AfterHook = @Sendable (Request, Response) throws -> Response
  typealias TeardownHook = @Sendable (Request, (any Error)?) throws -> Void
  typealias ContextTeardownHook = @Sendable ((any Error)?) throws -> Void
  typealias RouteSink = @Sendable (String, [HTTPRequest.Method], RouteHandler) -> Void

  struct Hooks: Sendable {
    var before: [BeforeHook] = []
    var after: [AfterHook] = []
    var teardown: [TeardownHook] = []
    /// An application's alone.
    var contextTeardown: [ContextTeardownHook] = []
    var errors = ErrorHandlers()

    /// Whether nothing is called for a request that does not fail.
    var areNone: Bool { before.isEmpty && after.isEmpty && teardown.isEmpty && contextTeardown.isEmpty }
  }

  /// Hooks that do not change any more: requests that began with them end with them.
  final class Snapshot: Sendable {
    let hooks: Hooks

    init(_ hooks: Hooks) { self.hooks = hooks }

    /// Without what is called for a request that does not fail.
    var withErrorsOnly: Snapshot { Snapshot(Hooks(errors: hooks.errors)) }
  }

  private let snapshot = Guarded(Snapshot(Hooks()))
  private let hasHooks = Atomic(false)
  private let sink: RouteSink
  /// Whose hooks count, where this is only for adding routes with a limit.
  private let limited: _ScaffoldState?
  private let bodyLimit: Int?

  init(_ sink: @escaping RouteSink) {
    self.sink = sink
    limited = nil
    bodyLimit = nil
  }

  /// For adding routes to `limited`, whose requests' bodies may have so many bytes.
  init(limiting limited: _ScaffoldState, to bodyLimit: Int) {
    sink = limited.sink
    self.limited = limited
    self.bodyLimit = bodyLimit
  }

  /// The hooks as they are now.
  var current: Snapshot { snapshot.withLock { $0 } }

  /// Whether a request's handler is all that is called for it, as long as it does not fail.
  var hasNoHooks: Bool {
    @inline(__always) get { !hasHooks.load(ordering: .acquiring) }
  }

  func change(_ body: (inout Hooks) -> Void) {
    if let limited { return limited.change(body) }
    snapshot.withLock { snapshot in
      var hooks = snapshot.hooks
      body(&hooks)
      snapshot = Snapshot(hooks)
      hasHooks.store(!hooks.areNone, ordering: .releasing)
    }
  }

  @usableFromInline
  func add(
    _ path: String, _ methods: [HTTPRequest.Method], _ handler: @escaping @Sendable (Request) throws -> Response
  ) { sink(path, methods, RouteHandler(handler, bodyLimit: bodyLimit)) }
}
