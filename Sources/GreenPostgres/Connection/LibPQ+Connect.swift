internal import CPQ
internal import Green
internal import SystemPackage

extension LibPQ {
  /// Connects as `address` says. Parks or blocks until that is done.
  ///
  /// - Throws: ``PostgresConnectionError``; `CancellationError` and `TimeoutError` as every wait.
  static func connect(_ address: ConnectionAddress, within timeout: Duration) throws -> LibPQ {
    let deadline = Deadline.after(timeout)
    do {
      let parameters = try address.resolved(until: deadline)
      let connection = try start(parameters)
      do {
        try connection.negotiate(until: deadline)
        try connection.prepareSession(until: deadline)
      } catch {
        connection.finish()
        throw error
      }
      return connection
    } catch Errno.timedOut {
      throw PostgresConnectionError.timedOut(timeout)
    } catch let error as ResolverError {
      throw PostgresConnectionError.refused(error.description)
    }
  }

  private static func start(_ parameters: [(name: String, value: String)]) throws -> LibPQ {
    let texts = parameters.map { (Array($0.name.utf8CString), Array($0.value.utf8CString)) }
    let storage = texts.flatMap { $0.0 + $0.1 }
    let pointer = storage.withUnsafeBufferPointer { storage in
      var place = storage.baseAddress!
      var (names, values): ([UnsafePointer<CChar>?], [UnsafePointer<CChar>?]) = ([], [])
      for (name, value) in texts {
        names.append(place)
        values.append(place + name.count)
        place += name.count + value.count
      }
      return PQconnectStartParams(names + [nil], values + [nil], 0)
    }
    guard let pointer else { throw PostgresConnectionError.refused("memory is short") }
    let connection = LibPQ(pointer)
    guard PQstatus(pointer) != CONNECTION_BAD else {
      defer { connection.finish() }
      throw PostgresConnectionError.refused(connection.message)
    }
    cpq_ignore_notices(pointer)
    return connection
  }

  /// libpq's own loop: PostgreSQL's documentation, 34.1, `PQconnectPoll`.
  private func negotiate(until deadline: Deadline) throws {
    var status = PGRES_POLLING_WRITING
    while status != PGRES_POLLING_OK {
      if status == PGRES_POLLING_FAILED { throw PostgresConnectionError.refused(message) }
      try Readiness.wait(for: descriptor, status == PGRES_POLLING_READING ? .read : .write, until: deadline)
      // It may close the descriptor and go on with another of the same number, of which the hub would not hear.
      let (watched, wasWatched) = (descriptor, DescriptorOwners.closing(descriptor))
      status = PQconnectPoll(pointer)
      DescriptorOwners.closed(watched, wasWatched)
    }
    if PQsetnonblocking(pointer, 1) != 0 { throw lost() }
  }

  /// Dates are read as ISO 8601; which most servers write anyway.
  private func prepareSession(until deadline: Deadline) throws {
    guard !parameter("DateStyle").hasPrefix("ISO") else { return }
    let waiting = Waiting(deadline: deadline)
    _ = try send("set datestyle to iso", waiting)
  }
}
