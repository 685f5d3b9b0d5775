public import GreenHTTP

/// What clients may do; properties of ``Configuration``.
public struct HTTPSettings: Sendable {
  /// How long a connection may stay idle between two requests; zero closes it after each response.
  public let keepAlive = ServerSetting(
    "keepalive", "--keep-alive", value: "SECONDS", .patience(zero: "no keep-alive"), default: .seconds(2),
    "How long an idle connection is kept for the next request.")

  /// How long a request may take; zero is any time. A green worker answers a slower one with `503`, or ends its connection
  /// where the answer has begun, and goes on; the others log that it took longer, and ``WorkerSettings/timeout`` decides. Code in
  /// Python that computes gets `greenfinch.RequestTimeout` in workers of all classes.
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

  /// How many bytes the line of a request may have; zero is as many as the whole head.
  public let requestLineLimit = ServerSetting(
    "limit_request_line", "--limit-request-line", value: "BYTES", .number(0...1_048_576), default: 4094,
    gunicorn: .differs("it can be raised above 8190, and 0 is as long as the whole head may be"),
    "How many bytes the line of a request may have; 0: as many as its whole head.")

  /// How many fields a request may have; zero is 32,768.
  public let requestFieldCountLimit = ServerSetting(
    "limit_request_fields", "--limit-request-fields", value: "COUNT", .number(0...32_768), default: 100,
    "How many fields a request may have; 0: 32768.")

  /// How many bytes a field of a request may have, its name included; zero is as many as the whole head.
  public let requestFieldLimit = ServerSetting(
    "limit_request_field_size", "--limit-request-field_size", "--limit-request-field-size", value: "BYTES",
    .number(0...1_048_576), default: 8190,
    gunicorn: .differs("0 is as long as the whole head may be, where gunicorn goes back to 8190"),
    "How many bytes a field of a request may have; 0: as many as its whole head.")

  /// How many bytes the whole head of a request may have, whatever it is written in; one line or field of the length that
  /// is allowed it may always have.
  public let headLimit = ServerSetting(
    "http2_max_header_list_size", "--http2-max-header-list-size", value: "BYTES", .number(0...16_777_216),
    default: 65_536,
    gunicorn: .differs("it is the limit of HTTP/1 as well, and 0 is 16 MiB"),
    "How many bytes the whole head of a request may have, in HTTP/2 and HTTP/1; 0: 16 MiB.")

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
