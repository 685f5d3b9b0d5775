/// What a package of somebody's adds to applications as one: routes, middleware, hooks, commands, what workers open. Flask calls
/// it the same.
///
/// ```swift
/// public struct Health: Extension {
///   public init() {}
///
///   public func install(in app: App) {
///     app.get("/health") { _ in "well" }
///     app.command("health", "Says whether all is well") { _ in print("well") }
///   }
/// }
/// ```
///
/// The program says ``App/install(_:)``, and need not know what it consists of. A package of extensions depends on GreenWeb alone.
public protocol Extension {
  /// Adds to an application what the extension consists of. Called once for each application, before it is served.
  ///
  /// - Throws: what the person who starts the program is to read, such as that a setting is missing.
  func install(in app: App) throws
}

extension App {
  /// Installs extensions, in their order.
  ///
  /// ```swift
  /// try app.install(Health(), Accounts(mailFrom: "team@example.org"))
  /// ```
  ///
  /// - Throws: what the first throws that cannot be installed; those after it are not.
  public func install(_ extensions: any Extension...) throws {
    for each in extensions { try each.install(in: self) }
  }
}
