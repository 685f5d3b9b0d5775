internal import GreenSessions
internal import Greenfinch

/// What was to be measured went wrong.
struct WrongAnswer: Error {
  let response: Response
}

/// Prints what a request costs more that reads a signed session, and what a page of 100 rows costs. Of each the fastest of so many
/// short batches counts, for a virtual machine is disturbed all the time.
func printTimes(_ batches: Int) throws {
  let (session, rows) = try Hub.run { (try nanosecondsOfASession(batches), nanosecondsOfRows(batches)) }
  print("session_ns \(session)")
  print("rows_ns \(rows)")
}

private func nanosecondsEach(_ count: Int, _ body: () throws -> Void) rethrows -> Double {
  let start = Deadline.now.nanoseconds
  for _ in 0..<count { try body() }
  return Double(Deadline.now.nanoseconds - start) / Double(count)
}

// MARK: A session

/// An application whose handler reads a visitor's session, and one whose does not.
private func visited(hasSessions: Bool) -> App {
  let app = App()
  if hasSessions { app.use(Sessions(keys: ["a secret of this measurement alone"])) }
  app.get("/write") { request in
    request.session[Keys.user] = 4711
    return "written"
  }
  app.get("/read") { request in
    if hasSessions && request.session[Keys.user] != 4711 { throw HTTPError(.unauthorized) }
    return "Hello World!"
  }
  return app
}

private func nanosecondsOfASession(_ batches: Int) throws -> Double {
  let (with, without) = (visited(hasSessions: true), visited(hasSessions: false))
  let written = with.answer(try Request(.get, "/write")) { _ in }
  guard let cookie = written.headers[.setCookie]?.prefix(while: { $0 != ";" }) else {
    throw WrongAnswer(response: written)
  }
  let headers: HTTPFields = [.cookie: String(cookie)]
  var best = (with: Double.infinity, without: Double.infinity)
  for _ in 0..<batches {
    best.with = min(best.with, try nanosecondsOfARequest(with, headers))
    best.without = min(best.without, try nanosecondsOfARequest(without, headers))
  }
  return best.with - best.without
}

private func nanosecondsOfARequest(_ app: App, _ headers: HTTPFields) throws -> Double {
  try nanosecondsEach(200) {
    let response = app.answer(try Request(.get, "/read", headers: headers)) { _ in }
    guard response.status == .ok else { throw WrongAnswer(response: response) }
  }
}

// MARK: A page

private func nanosecondsOfRows(_ batches: Int) -> Double {
  let table = (0..<100).map { (id: $0, name: "name <\($0)>") }
  var (best, length) = (Double.infinity, 0)
  for _ in 0..<batches {
    best = min(
      best,
      nanosecondsEach(20) {
        let rows = table.map { row -> HTML in "<tr><td>\(row.id)</td><td>\(row.name)</td></tr>" }
        length += ("<table>\(rows)</table>" as HTML).text.utf8.count
      })
  }
  // So that the pages are made.
  precondition(length > batches)
  return best
}
