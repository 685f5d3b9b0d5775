import Green
import GreenHTTP
import HTTPTypes

/// What `%({NAME}e)s` stands for: the variables that CGI (RFC 3875) and WSGI have for a request, in any case, and some of
/// this server's own.
enum AccessVariable: Sendable, Equatable {
  case method, rawURI, path, query, scriptName, version, scheme
  case serverName, serverPort, serverSoftware
  case remoteAddress, remotePort, remoteUser
  case requestID, traceID, parentID
  case field(HTTPField.Name)

  /// `nil` for a name that no request has a variable of.
  init?(_ name: String) {
    let name = name.lowercased()
    if let known = Self.names[name] {
      self = known
    } else if name.hasPrefix("http_"),
      let field = HTTPField.Name(String(name.dropFirst(5).map { $0 == "_" ? "-" : $0 }))
    {
      self = .field(field)
    } else {
      return nil
    }
  }

  private static let names: [String: AccessVariable] = [
    "request_method": .method, "raw_uri": .rawURI, "request_uri": .rawURI, "path_info": .path, "query_string": .query,
    "script_name": .scriptName, "server_protocol": .version, "wsgi.url_scheme": .scheme, "request_scheme": .scheme,
    "server_name": .serverName, "server_port": .serverPort, "server_software": .serverSoftware,
    "remote_addr": .remoteAddress, "remote_port": .remotePort, "remote_user": .remoteUser,
    "content_type": .field(.contentType), "content_length": .field(.contentLength),
    "request_id": .requestID, "trace_id": .traceID, "parent_id": .parentID,
  ]

  /// Its value; `nil` where the request has none.
  func value(in record: AccessRecord) -> String? {
    if self == .remoteAddress { return record.host }
    if self == .serverSoftware { return "greenfinch/\(PreforkServer.version)" }
    guard let request = record.request else { return nil }
    switch self {
    case .method: return request.method.rawValue
    case .rawURI: return request.target
    case .path: return request.path
    case .query: return request.rawQuery ?? ""
    case .scriptName: return request.rootPath
    case .version: return request.version.description
    case .scheme: return request.scheme
    case .serverName: return Peer.host(of: request.local)
    case .serverPort: return Self.port(of: request.local)
    case .remotePort: return Self.port(of: request.remote)
    case .remoteUser: return BasicUser.name(of: request)
    case .requestID: return request.id
    case .traceID: return request.traceContext?.traceID
    case .parentID: return request.traceContext?.parentID
    case .field(let name): return request.header(name)
    case .remoteAddress, .serverSoftware: return nil
    }
  }

  private static func port(of address: String) -> String? {
    guard !address.hasPrefix("unix:"), let colon = address.lastIndex(of: ":") else { return nil }
    return String(address[address.index(after: colon)...])
  }
}
