import Glibc
import GreenHTTP
import HTTPTypes

extension AccessRecord {
  /// The record as one line of JSON, with its newline. Members whose value is not known are left out.
  func json(at time: Timestamp) -> String {
    var line = JSONObject()
    line.add("time", time.rfc3339(digits: 3))
    line.add("level", "INFO")
    line.add("logger", "access")
    line.add("pid", Int(getpid()))
    line.add("client", host == "-" ? nil : host)
    if let request {
      line.add("method", request.method.rawValue)
      line.add("target", request.target)
      line.add("protocol", request.version.description)
    }
    line.add("status", status)
    line.add("bytes", bodyBytes)
    line.add(raw: AccessAtom.seconds(nanoseconds), as: "duration")
    if let request {
      line.add("user", BasicUser.name(of: request))
      line.add("referer", request.header(.referer))
      line.add("user_agent", request.header(.userAgent))
      line.add("request_id", request.id)
      line.add("trace_id", request.traceContext?.traceID)
      line.add("parent_id", request.traceContext?.parentID)
    }
    return line.text + "\n"
  }
}
