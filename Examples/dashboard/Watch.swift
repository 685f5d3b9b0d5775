import Greenfinch

/// Looks at the server once a second while anybody watches, and tells them what it sees: the JSON of `ctl top`.
func watchServer() {
  var server: ServerControl?
  while !Fiber.isCancelled {
    do {
      try Fiber.sleep(for: .seconds(1))
      guard watchers.count(of: "looks") > 0 else { continue }
      let open = try server ?? ServerControl(socket)
      server = open
      try watchers.broadcast(open.ask("top --json").filter { $0 != "\n" }, to: "looks")
    } catch is CancellationError {
      return
    } catch {
      // The master is being replaced, for instance: it is looked for again.
      server = nil
      app.logger.warning("the server cannot be looked at: \(error)")
    }
  }
}
