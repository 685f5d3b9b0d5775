internal import FoundationEssentials
public import GreenHTTP
internal import GreenWeb
internal import HTTPTypes

/// What a queue holds, for people and programs: the numbers of ``JobStatistics`` and the latest dead letters. `GET` of
/// `/` is a page, of `/jobs.json` the same as JSON. It shows what jobs were given, so it is not for everybody: bind it
/// to this machine alone.
public struct JobPage: Application {
  private let queue: JobQueue

  /// The page of a queue.
  public init(_ queue: JobQueue) { self.queue = queue }

  private struct Content: Encodable {
    let jobs: JobStatistics
    let dead: [DeadJob]
  }

  public func respond(to request: Request) -> Response {
    guard request.method == .get || request.method == .head else {
      return Response(HTTPError(.methodNotAllowed, headers: [.allow: "GET, HEAD"]))
    }
    do {
      switch request.rawPath {
      case "/": return try page()
      case "/jobs.json":
        let bytes = [UInt8](try JSONEncoder().encode(content()))
        return Response(bytes, contentType: "application/json")
      default: return Response(HTTPError(.notFound))
      }
    } catch {
      return Response(HTTPError(.serviceUnavailable, "Redis does not answer"))
    }
  }

  private func content() throws -> Content {
    Content(jobs: try queue.statistics(), dead: try queue.deadJobs(limit: 50))
  }

  private func page() throws -> Response {
    let content = try content()
    let jobs = content.jobs
    let rows = content.dead.map { job -> HTML in
      "<tr><td>\(job.id)<td>\(job.kind)<td>\(job.attempts)<td>\(job.error)<td>\(job.payload)\n"
    }
    let page: HTML = """
      <!doctype html><html lang="en"><meta charset="utf-8"><title>Jobs</title>
      <style>body { font: 15px sans-serif; margin: 2em } td, th { padding: .3em 1em .3em 0; text-align: left; vertical-align: top }</style>
      <h1>Jobs</h1>
      <table><tr><th>ready<th>running<th>later<th>dead
      <tr><td>\(jobs.ready)<td>\(jobs.running)<td>\(jobs.later)<td>\(jobs.dead)</table>
      <h2>Dead letters</h2>
      <table><tr><th>id<th>kind<th>attempts<th>error<th>given
      \(rows)</table>

      """
    var response = Response(contentType: "text/html; charset=utf-8", body: .string(page.text))
    // It shows what others have written, and needs no script.
    response.headers[.contentSecurityPolicy] = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    return response
  }
}
