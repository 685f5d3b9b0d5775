public import GreenHTTP

/// What clients may do; properties of ``Configuration``.
public struct HTTPSettings: Sendable {
  /// How long a connection may stay idle between two requests; zero closes it after each response.
  public let keepAlive = ServerSetting(
    "keepalive", "--keep-alive", value: "SECONDS", .patience(zero: "no keep-alive"), default: .seconds(2),
    "How long an idle connection is kept for the next request.")

  /// How long a request may take; zero is any time. A green worker answers a slower one with `503`, or ends its connection
  /// where the answer has begun, and goes on; the others log that it took longer, and ``WorkerSettings/timeout`` decides.
  /// gunicorn has only the time after which it kills a worker.
  public let requestTimeout = ServerSetting(
    "request_timeout", "--request-timeout", value: "SECONDS", .patience(zero: "any time"), default: .zero,
    gunicorn: .none, "How long a request may take: a green worker answers a slower one with 503; 0: any time.")

  /// What is spoken, in the order in which TLS prefers it: HTTP/1 always. HTTP/2 is served by workers of class
  /// ``WorkerClass/green``, in programs that have ``Configuration/http2``.
  public let httpProtocols = ServerSetting(
    "http_protocols", "--http-protocols", value: "LIST", .protocols, default: [HTTPProtocol.http1],
    gunicorn: .differs("h2 is also spoken without TLS, to clients that begin with it; there is no h3"),
    "What is spoken, separated by commas: h1, and h2 where the program has GreenHTTP2 and workers are green.")

  /// How many requests may be in progress at once on one connection of HTTP/2.
  public let concurrentStreams = ServerSetting(
    "http2_max_concurrent_streams", "--http2-max-concurrent-streams", value: "COUNT", .number(1...1_000_000),
    default: 100, "How many requests a client may have in progress at once on one connection of HTTP/2.")

  /// How many bytes the body of a request may have; zero is any number. 1 MiB, where gunicorn has no limit.
  public let requestBodyLimit = ServerSetting(
    "limit_request_body", "--limit-request-body", value: "BYTES", .number(0...Int.max), default: 1_048_576,
    gunicorn: .none, "How many bytes the body of a request may have; 0: any number.")

  /// How many bytes a second a client must send of a body or take of an answer, over 10 s, to be waited for longer than
  /// 30 s; zero is any number. gunicorn has no such limit.
  public let minimumRate = ServerSetting(
    "min_rate", "--min-rate", value: "BYTES", .number(0...Int.max), default: 500, gunicorn: .none,
    "A client that sends or takes fewer bytes a second, over 10 s, is waited for no longer than 30 s; 0: any will do.")
}
