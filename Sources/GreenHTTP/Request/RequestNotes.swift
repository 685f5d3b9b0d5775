/// What is noted with a request besides what came: the parameters of its path, and the values that code keeps with it.
///
/// There is one only where something is noted. The storage's lock guards it.
final class RequestNotes {
  var parameters = Parameters()
  /// What the router has found.
  var match: AnyObject?
  /// By the numbers of their keys.
  var values: [AnyObject?] = []
}

/// A value that is kept with a request.
final class KeptValue<Value: Sendable>: Sendable {
  let value: Value
  init(_ value: Value) { self.value = value }
}

extension RequestStorage {
  /// The value of a key's number.
  func value(_ number: Int) -> AnyObject? {
    withLock {
      guard let notes = state.pointee.notes, number < notes.values.count else { return nil }
      return notes.values[number]
    }
  }

  /// Sets the value of a key's number.
  func setValue(_ number: Int, _ value: AnyObject?) {
    var value = value
    withLock {
      let notes = ensuredNotes
      while notes.values.count <= number { notes.values.append(nil) }
      swap(&notes.values[number], &value)
    }
    // The old one goes here: what its end runs may want the lock.
  }

  /// The notes, made now where there are none. Under the lock.
  fileprivate var ensuredNotes: RequestNotes {
    if let notes = state.pointee.notes { return notes }
    let notes = RequestNotes()
    state.pointee.notes = notes
    return notes
  }
}

extension Request {
  /// What the router found in the path: `id` in `/users/{id}`.
  public var parameters: Parameters { storage.withLock { storage.state.pointee.notes?.parameters } ?? Parameters() }

  /// What the router has noted with ``noteMatch(_:)``.
  package var match: AnyObject? { storage.withLock { storage.state.pointee.notes?.match } }

  /// Notes what the router has found.
  package func noteMatch(_ match: AnyObject) { storage.withLock { storage.ensuredNotes.match = match } }

  /// Notes the parameters of the path.
  package func noteParameters(_ parameters: Parameters) {
    storage.withLock { storage.ensuredNotes.parameters = parameters }
  }

  /// Whether anything is noted with the request. Asked by the code that answers it.
  package var hasNotes: Bool {
    @inline(__always) get { storage.state.pointee.notes != nil }
  }
}
