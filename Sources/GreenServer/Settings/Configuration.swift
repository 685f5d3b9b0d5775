public import GreenHTTP

/// How a server is to run. Each setting is a property, declared in ``WorkerSettings``, ``SocketSettings``,
/// ``ProcessSettings``, ``HTTPSettings``, ``TLSSettings``, ``ProxySettings``, ``LoggingSettings``, ``WatchingSettings``
/// and ``ReloadSettings``; it has gunicorn's meaning and default unless it says otherwise.
///
/// ```swift
/// var configuration = Configuration()
/// configuration.workerClass = .green
/// configuration.workers = 4
/// app.run(configuration)
/// ```
///
/// Reading a setting costs a look-up by its name: keep what is read for every request.
@dynamicMemberLookup
public struct Configuration: Sendable, Equatable {
  /// Whether `run()` makes `swift-log` write the server's format. It refrains by itself where the program has chosen
  /// a handler of its own. swift-log allows one choice a process and traps at a second: set this to `false` in a
  /// program that itself chooses `StreamLogHandler`, which cannot be told from no choice.
  public var bootstrapsLogging = true
  /// What encrypts connections where there is a certificate: `.openSSL` of `GreenTLS`. A program that has none refuses to
  /// start with one.
  public var tls: TLSProvider?
  /// What speaks HTTP/2 where ``HTTPSettings/httpProtocols`` names it: `.nghttp2` of `GreenHTTP2`. A program that has none
  /// refuses to start then.
  public var http2: HTTP2Provider?
  /// What workers run where that is another program than the master's: a host of Python programs.
  package var workerImage: WorkerImage?
  /// What whoever starts the server should know of what was read: sentences for the log.
  var notices: [String] = []
  /// What is not the default, by the setting's name.
  private var own: [String: Entry] = [:]

  private struct Entry: Sendable {
    var value: any Sendable
    var source: ConfigurationSource
  }

  /// The defaults.
  public init() {}

  /// A setting of the workers.
  public subscript<Value>(dynamicMember path: KeyPath<WorkerSettings, ServerSetting<Value>>) -> Value {
    get { self[ServerSettings.workers[keyPath: path]] }
    set { set(ServerSettings.workers[keyPath: path], newValue, from: .program) }
  }

  /// A setting of the sockets.
  public subscript<Value>(dynamicMember path: KeyPath<SocketSettings, ServerSetting<Value>>) -> Value {
    get { self[ServerSettings.sockets[keyPath: path]] }
    set { set(ServerSettings.sockets[keyPath: path], newValue, from: .program) }
  }

  /// A setting of the processes.
  public subscript<Value>(dynamicMember path: KeyPath<ProcessSettings, ServerSetting<Value>>) -> Value {
    get { self[ServerSettings.process[keyPath: path]] }
    set { set(ServerSettings.process[keyPath: path], newValue, from: .program) }
  }

  /// A setting of what clients may do.
  public subscript<Value>(dynamicMember path: KeyPath<HTTPSettings, ServerSetting<Value>>) -> Value {
    get { self[ServerSettings.http[keyPath: path]] }
    set { set(ServerSettings.http[keyPath: path], newValue, from: .program) }
  }

  /// A setting of TLS.
  public subscript<Value>(dynamicMember path: KeyPath<TLSSettings, ServerSetting<Value>>) -> Value {
    get { self[ServerSettings.tls[keyPath: path]] }
    set { set(ServerSettings.tls[keyPath: path], newValue, from: .program) }
  }

  /// A setting of the proxies in front.
  public subscript<Value>(dynamicMember path: KeyPath<ProxySettings, ServerSetting<Value>>) -> Value {
    get { self[ServerSettings.proxies[keyPath: path]] }
    set { set(ServerSettings.proxies[keyPath: path], newValue, from: .program) }
  }

  /// A setting of the logs.
  public subscript<Value>(dynamicMember path: KeyPath<LoggingSettings, ServerSetting<Value>>) -> Value {
    get { self[ServerSettings.logging[keyPath: path]] }
    set { set(ServerSettings.logging[keyPath: path], newValue, from: .program) }
  }

  /// A setting of who watches the server.
  public subscript<Value>(dynamicMember path: KeyPath<WatchingSettings, ServerSetting<Value>>) -> Value {
    get { self[ServerSettings.watching[keyPath: path]] }
    set { set(ServerSettings.watching[keyPath: path], newValue, from: .program) }
  }

  /// A setting of how the program's sources are followed.
  public subscript<Value>(dynamicMember path: KeyPath<ReloadSettings, ServerSetting<Value>>) -> Value {
    get { self[ServerSettings.reloading[keyPath: path]] }
    set { set(ServerSettings.reloading[keyPath: path], newValue, from: .program) }
  }

  subscript<Value>(_ setting: ServerSetting<Value>) -> Value {
    own[setting.name]?.value as? Value ?? setting.standard()
  }

  mutating func set<Value>(_ setting: ServerSetting<Value>, _ value: Value, from source: ConfigurationSource) {
    own[setting.name] = Entry(value: value, source: source)
  }

  /// Where the value in force is from.
  func source(of setting: any AnyServerSetting) -> ConfigurationSource { own[setting.name]?.source ?? .standard }

  /// These settings, with those that are as they were read at `first` as they have been read now. The others the program
  /// has set since, and does not set again in this process.
  func renewed(by fresh: Configuration, insteadOf first: Configuration) -> Configuration {
    var renewed = self
    for setting in ServerSettings.all where setting.text(in: self) == setting.text(in: first) {
      renewed.own[setting.name] = fresh.own[setting.name]
    }
    return renewed
  }

  /// Throws a ``ConfigurationError`` for the first value with which no server can run, and for a file of a certificate
  /// that cannot be used.
  public func validate() throws(ConfigurationError) {
    for setting in ServerSettings.all { try setting.check(in: self) }
    try checkProtocols()
    try checkDebug()
    _ = try owner()
    _ = try security()
  }

  /// How workers serve: several threads make ``WorkerClass/thread`` of ``WorkerClass/sync``, as in gunicorn.
  var effectiveWorkerClass: WorkerClass {
    self.workerClass == .sync && self.threads > 1 ? .thread : self.workerClass
  }

  public static func == (one: Configuration, other: Configuration) -> Bool {
    one.bootstrapsLogging == other.bootstrapsLogging
      && ServerSettings.all.allSatisfy { $0.text(in: one) == $0.text(in: other) }
  }
}
