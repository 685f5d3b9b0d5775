internal import Green
internal import GreenHTTP
internal import HTTPTypes

/// What a developer is told of an error that nobody handled: where it was thrown, with the code around, and in which request.
struct FaultReport {
  let error: any Error
  let request: Request
  let frames: [FiberBacktrace.Frame]
  /// Whether the calls are those that threw it; else they are those in which it was found.
  let isOfThrow: Bool

  init(_ error: any Error, _ request: Request) {
    self.error = error
    self.request = request
    let thrown = FiberBacktrace(ofThrown: error)
    isOfThrow = thrown != nil
    // The first calls are those that note the throw.
    frames = thrown.map { Array($0.frames.drop(while: \.isOfThrow)) } ?? FiberBacktrace.current.frames
  }

  /// The error's type, and what it says.
  var title: String { "\(type(of: error))" }
  var message: String { "\(error)" }

  /// The request's fields; what proves who somebody is is not shown.
  var fields: [(name: String, value: String)] {
    request.headers.map { field in
      let isSecret = [.authorization, .proxyAuthorization, .cookie].contains(field.name)
      return (field.name.rawName, isSecret ? "(not shown)" : field.value)
    }
  }

  /// In words, for a terminal.
  var text: String {
    let calls = frames.map { "  \($0)" }.joined(separator: "\n")
    return """
      \(title): \(message)

      \(request.method) \(request.target), route \(request.route ?? "none"), request \(request.id)

      \(isOfThrow ? "Thrown in" : "Found in"):
      \(calls)

      """
  }
}

extension FiberBacktrace.Frame {
  /// Whether it is of what notes a throw, or of Swift's runtime, which calls that.
  fileprivate var isOfThrow: Bool {
    file?.hasSuffix("/thrown.c") ?? false || symbol?.hasPrefix("swift_") ?? false
  }
}
