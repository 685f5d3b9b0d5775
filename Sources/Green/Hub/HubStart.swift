/// What is done on each hub of the process as it starts, on its thread, before there is a fiber: modules that stand on
/// Green attach their extensions here.
package enum HubStart {
  private static let actions = Guarded<[@Sendable (Hub) -> Void]>([])

  /// From now on `action` is called with each hub that starts; after those that were added before.
  package static func add(_ action: @escaping @Sendable (Hub) -> Void) { actions.withLock { $0.append(action) } }

  static func run(_ hub: Hub) { for action in actions.withLock({ $0 }) { action(hub) } }
}
