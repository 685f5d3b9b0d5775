/// Who is told how the server fares, and may ask; properties of ``Configuration``. <doc:Watching> has more.
public struct WatchingSettings: Sendable {
  /// Where Prometheus and probes of health ask: `/metrics`, `/healthz` and `/readyz`. Nowhere by default. The master answers
  /// there, for all workers.
  public let metricsBind = ServerSetting(
    list: "metrics_bind", "--metrics-bind", value: "ADDRESS", .address, count: 0...8, default: [], gunicorn: .none,
    "Where /metrics for Prometheus, /healthz and /readyz are served, as --bind; may be given several times.")

  /// Whether `/readyz` says yes too while all workers are busy.
  public let readyWhenBusy = ServerSetting(
    "ready_when_busy", "--ready-when-busy", value: "[BOOL]", .flag, default: false, bare: "yes", gunicorn: .none,
    "Let /readyz answer 200 while the workers that are ready are busy.")

  /// Where statsd listens; `nil` for nobody.
  public let statsdHost = ServerSetting(
    "statsd_host", "--statsd-host", value: "ADDRESS", .statsdAddress, default: nil,
    "Where statsd listens: HOST:PORT or unix://PATH.")

  /// What the names of statsd's metrics begin with, before `gunicorn.`; a dot is added.
  public let statsdPrefix = ServerSetting(
    "statsd_prefix", "--statsd-prefix", value: "NAME", .word, default: "",
    "What the names of statsd's metrics begin with; a dot is added.")

  /// The tags of every metric, as DogStatsD has them.
  public let dogstatsdTags = ServerSetting(
    "dogstatsd_tags", "--dogstatsd-tags", value: "TAGS", .word, default: "",
    "The tags of every metric of statsd, NAME:VALUE separated by commas.")

  /// Whether statsd is told how many connections wait in the kernel.
  public let enableBacklogMetric = ServerSetting(
    "enable_backlog_metric", "--enable-backlog-metric", value: "[BOOL]", .flag, default: false, bare: "yes",
    "Tell statsd how many connections wait in the kernel.")

  /// The socket at which `greenfinch ctl` asks and orders; `nil` for none, which is the default. Its directory must be nobody
  /// else's to write to, and only this user and root are obeyed.
  public let controlSocket = ServerSetting(
    "control_socket", "--control-socket", value: "PATH", .socketPath, default: nil,
    gunicorn: .differs("off unless it is asked for; the protocol is another"),
    "The Unix socket at which greenfinch ctl asks and orders; none unless given.")

  /// The permissions of that socket's file. Whoever may connect is not obeyed for that alone.
  public let controlSocketMode = ServerSetting(
    "control_socket_mode", "--control-socket-mode", value: "MODE", .mode, default: 0o600,
    gunicorn: .differs("whoever may connect by it must be the server's user or root besides"),
    "The permissions of the control socket's file, such as 0600.")
}
