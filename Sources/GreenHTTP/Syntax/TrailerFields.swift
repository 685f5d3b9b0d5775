package import HTTPTypes

/// What may follow a body (RFC 9110, 6.5.1).
package enum TrailerFields {
  /// Not a field that decides how a message is framed, routed, authenticated or decoded: whoever merged such a trailer into
  /// the head could be deceived.
  package static func mayFollow(_ name: HTTPField.Name) -> Bool {
    switch name.canonicalName {
    case "content-length", "transfer-encoding", "host", "trailer", "te", "connection", "keep-alive", "upgrade",
      "expect", "proxy-connection", "content-encoding", "content-type", "content-range", "range", "authorization",
      "proxy-authorization", "cookie", "max-forwards", "cache-control":
      false
    default: true
    }
  }
}
