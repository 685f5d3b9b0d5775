/// What an application and a blueprint have in common: routes, hooks and error handlers.
public protocol Scaffold: AnyObject, Sendable {
  /// Where the routes, hooks and error handlers are kept.
  var _scaffold: _ScaffoldState { get }
}
