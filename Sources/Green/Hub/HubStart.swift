/// What the redirect does when a hub starts, on the hub's thread, before there is a fiber.
///
/// Unsafe: set before `main`, and only read from then on.
package enum HubStart {
  package nonisolated(unsafe) static var action: (@Sendable () -> Void)?
}
