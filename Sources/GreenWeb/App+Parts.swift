package import Green
package import GreenHTTP

/// What a program serves in place of its application when it is started with `serve NAME`.
package struct AppPart: Sendable {
  package let application: any Application
  package let start: @Sendable () throws -> Void
  package let stop: @Sendable (Deadline) throws -> Void
}

extension App {
  /// Adds a part of the program that runs in processes of its own, started with `serve NAME` and the options of the
  /// server: a master and its workers, which open and close the same as those of the application, and answer by
  /// `application`.
  package func addPart(
    _ name: String, answering application: any Application, start: @escaping @Sendable () throws -> Void,
    stop: @escaping @Sendable (Deadline) throws -> Void
  ) {
    addPart(name, AppPart(application: application, start: start, stop: stop))
  }
}
