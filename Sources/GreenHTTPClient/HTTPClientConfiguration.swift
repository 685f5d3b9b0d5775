internal import GreenHTTP

/// How an ``HTTPClient`` behaves: how much it takes, how long it waits, how many connections it has.
public struct HTTPClientConfiguration: Sendable {
  /// The most connections to one host and port at a time; further requests wait their turn. 16 by default.
  public var connectionsPerHost = 16
  /// The most connections in all. 256 by default.
  public var connections = 256
  /// How long a connection that nobody uses may be used again. Then it is closed, by the hub whose fiber has used a
  /// connection of the client last; on plain threads when the client is used next. 30 s by default: shorter than what
  /// most servers have.
  public var idleTimeout: Duration = .seconds(30)
  /// How long a request waits for a connection where there are as many as there may be. 60 s by default.
  public var queueTimeout: Duration = .seconds(60)

  /// How long connecting may take: the name, the connection, a proxy and TLS together. 10 s by default.
  public var connectTimeout: Duration = .seconds(10)
  /// How long the server may do nothing while it is waited for: take no part of the request, send no part of the answer. 60 s
  /// by default. A request as a whole has the deadline that it is sent with.
  public var progressTimeout: Duration = .seconds(60)
  /// From how many bytes on a body waits for the server's leave (`Expect: 100-continue`, RFC 9110, 10.1.1), so that what is
  /// refused is not sent. 1 MiB by default; those of unknown length wait too.
  public var expectContinueFrom = 1 << 20
  /// How long it waits for leave that does not come: not every server knows of it. 1 s by default.
  public var continueTimeout: Duration = .seconds(1)

  /// Through which proxies is asked. What the environment says when the client is configured, by default.
  public var proxies = HTTPClientProxies.environment

  /// How often an answer may say to ask elsewhere. 0 for not following, so that the caller gets such an answer; 10 by default.
  public var maximumRedirects = 10
  /// The longest head of an answer in bytes. 128 KiB by default.
  public var maximumHead = 131_072
  /// The most fields of an answer. 500 by default.
  public var maximumFields = 500
  /// The most bytes of a content that is collected in memory, where the call does not say. 64 MiB by default.
  public var maximumContent = 64 << 20

  /// How many times as long as what came a content may be whose coding was taken off, beyond its first 10 MiB: a few
  /// bytes may stand for gigabytes. 250 by default.
  public var maximumExpansion = 250

  /// Where cookies are kept that servers set, to be sent back to them: see ``CookieJar``. None by default: then
  /// `Set-Cookie` is a field like others. A request that has a `Cookie` of its own is sent with that alone.
  public var cookies: CookieJar?

  /// What is sent as `User-Agent`, where a request does not say. Empty for none.
  public var userAgent = "greenfinch"

  /// The defaults.
  public init() {}
}

extension HTTPClientConfiguration {
  /// As the parsers have it.
  var headLimits: HTTPLimits {
    var limits = HTTPLimits()
    (limits.head, limits.fieldLine, limits.fields) = (maximumHead, maximumHead, maximumFields)
    return limits
  }
}
