internal import Green

extension App {
  /// Opens resources at the start of each worker, in order, and closes them at its end, in reverse. One that cannot be
  /// opened ends the worker's start.
  public func open<each Value>(_ resources: repeat Resource<each Value>) {
    for resource in repeat each resources { openOne(resource) }
  }

  private func openOne<Value>(_ resource: Resource<Value>) {
    onWorkerStart { () throws -> Void in _ = try resource() }
    onWorkerStop { (_: Deadline) throws -> Void in try resource.closeIfOpen() }
  }
}
