import Logging
import SuiteSupport
import Testing

@testable import GreenServer

@Suite(.bounded) struct ConfigurationTests {
  private func parse(_ line: String, _ environment: [String: String] = [:]) throws -> Configuration {
    let arguments = line.split(separator: " ").map(String.init)
    return try Configuration().reading(arguments, environment: { environment[$0] })
  }

  private func stop(_ line: String, _ environment: [String: String] = [:]) -> CommandLineStop? {
    do {
      _ = try parse(line, environment)
      return nil
    } catch {
      return error as? CommandLineStop
    }
  }

  @Test func `an empty command line gives gunicorn's defaults`() throws {
    let configuration = try parse("")
    #expect(configuration == Configuration())
    #expect(configuration.workers == 1)
    #expect(configuration.workerClass == .sync)
    #expect(configuration.workerConnections == 1000)
    #expect(configuration.threads == 1)
    #expect(configuration.bind == [.tcp(host: "127.0.0.1", port: 8000)])
    #expect(configuration.backlog == 2048)
    #expect(configuration.keepAlive == .seconds(2))
    #expect(configuration.timeout == .seconds(30))
    #expect(configuration.gracefulTimeout == .seconds(30))
    #expect(configuration.accessLog == nil)
    #expect(configuration.logLevel == .info)
  }

  /// The workers are told of settings in lines, by the environment.
  @Test(arguments: ["/tmp/a\u{0}b", "/tmp/a\r", "/tmp/a\nb", "/tmp/a\u{7f}"])
  func `a value with a control character is refused`(text: String) {
    #expect(throws: CommandLineStop.self) {
      try Configuration().reading(["--access-logfile", text], environment: { _ in nil })
    }
    #expect(throws: ConfigurationError.self) {
      var configuration = Configuration()
      configuration.accessLog = .file(text)
      for setting in ServerSettings.all { try setting.check(in: configuration) }
    }
  }

  @Test func `what workers are told is what the master has read`() throws {
    let read = try parse("--access-logfile /tmp/ä\\n\\t -w 3 --bind unix:/tmp/s -b 127.0.0.1:1 --log-level debug")
    var told = Configuration()
    try InheritedSettings.read(InheritedSettings.text(of: read), into: &told)
    #expect(told.accessLog == read.accessLog && told.workers == 3 && told.bind == read.bind && told.logLevel == .debug)
  }

  @Test func `each option sets its value`() throws {
    #expect(try parse("-w 3").workers == 3)
    #expect(try parse("-w3").workers == 3)
    #expect(try parse("--workers=3").workers == 3)
    #expect(try parse("--worker-connections 7").workerConnections == 7)
    #expect(try parse("--threads 4 -k gthread").threads == 4)
    #expect(try parse("--backlog 5").backlog == 5)
    #expect(try parse("--keep-alive 0").keepAlive == .zero)
    #expect(try parse("--keep-alive 0.5").keepAlive == .milliseconds(500))
    #expect(try parse("-t 0").timeout == .zero)
    #expect(try parse("--timeout 90").timeout == .seconds(90))
    #expect(try parse("--graceful-timeout 3").gracefulTimeout == .seconds(3))
    #expect(try parse("--limit-request-body 10").requestBodyLimit == 10)
    #expect(try parse("--min-rate 10").minimumRate == 10)
    #expect(try parse("--request-timeout 2.5").http.requestTimeout == .seconds(2.5))
    #expect(try parse("").http.requestTimeout == .zero)
    #expect(try parse("--min-rate 0").http.limits.minimumRate == 0)
    #expect(try parse("--access-logfile -").accessLog == .standardOutput)
    #expect(try parse("--access-logfile a.log").accessLog == .file("a.log"))
    #expect(try parse("--log-level warning").logLevel == .warning)
    #expect(
      try parse("-b [::1]:9000 -b unix:/run/app.sock").bind == [
        .tcp(host: "::1", port: 9000), .unix(path: "/run/app.sock"),
      ])
  }

  @Test(arguments: [
    ("sync", WorkerClass.sync), ("green", .green), ("gevent", .green), ("eventlet", .green), ("thread", .thread),
    ("gthread", .thread),
  ]) func `worker classes have gunicorn's names too`(name: String, expected: WorkerClass) throws {
    #expect(try parse("-k \(name)").workerClass == expected)
  }

  @Test(arguments: [
    "--reload", "--preload", "-D", "-R", "--log-syslog", "--proxy-protocol", "--debug", "--reuse-port",
  ])
  func `an option whose value may be left out leaves what is none of its values`(flag: String) throws {
    let fault = #expect(throws: CommandLineFault.self) { try CommandLineReader([flag, "app:app"]) }
    let isKnown = ServerSettings.isFlag(flag)
    #expect(fault?.text.hasPrefix(isKnown ? "unexpected argument 'app:app'" : "unknown option") == true)
  }

  @Test func `an option whose value may be left out takes what follows only where that is no option`() throws {
    #expect(try parse("").proxyProtocol == .off)
    #expect(try parse("--proxy-protocol").proxyProtocol == .auto)
    #expect(try parse("--proxy-protocol v2").proxyProtocol == .v2)
    #expect(try parse("--proxy-protocol=v1 -w 2").proxyProtocol == .v1)
    let both = try parse("--proxy-protocol -w 2")
    #expect(both.proxyProtocol == .auto && both.workers == 2)
  }

  @Test func `who is believed is a list of addresses`() throws {
    #expect(try parse("").http.proxies.forwardedFrom == .loopback)
    #expect(try parse("", ["FORWARDED_ALLOW_IPS": "*"]).forwardedAllowIPs == .everybody)
    #expect(try parse("--forwarded-allow-ips=").forwardedAllowIPs == .nobody)
    #expect(try parse("--proxy-allow-from 10.0.0.0/8").http.proxies.proxyProtocolFrom.description == "10.0.0.0/8")
  }

  @Test func `sync with several threads becomes thread`() throws {
    #expect(try parse("--threads 2").effectiveWorkerClass == .thread)
    #expect(try parse("--threads 2 -k green").effectiveWorkerClass == .green)
  }

  @Test func `the environment gives defaults that options override`() throws {
    #expect(try parse("", ["WEB_CONCURRENCY": "4"]).workers == 4)
    #expect(try parse("-w 2", ["WEB_CONCURRENCY": "4"]).workers == 2)
    #expect(try parse("", ["PORT": "9000"]).bind == [.tcp(host: "0.0.0.0", port: 9000)])
    #expect(try parse("-b localhost", ["PORT": "9000"]).bind == [.tcp(host: "localhost", port: 8000)])
  }

  @Test(arguments: [
    "--nonsense", "-w abc", "--proxy-protocol v3", "-w", "-t x", "--threads 1.5", "extra", "-t inf", "--backlog",
  ])
  func `a line that cannot be read ends with status 2`(line: String) throws {
    let stop = try #require(self.stop(line))
    #expect(stop.status == 2)
    #expect(!stop.text.contains("\n"))
    #expect(stop.text.contains(": error: "))
  }

  @Test(arguments: [
    "-w 0", "-w -1", "--forwarded-allow-ips 10.0.0.1/8", "--proxy-allow-from localhost",
    "-w 5000", "-k nonsense", "--threads 0", "--worker-connections 0", "--backlog 0", "-t -1",
    "--keep-alive -1", "--graceful-timeout -1", "--limit-request-body -1", "--min-rate -1", "--request-timeout -1",
    "--log-level loud",
    "-b 8000", "-b [::1",
    "-b ::1:8000", "-b localhost:http", "-b localhost:70000", "-b unix:", "-b [::1]8000",
  ])
  func `a value with which no server can run ends with status 1`(line: String) throws {
    let stop = try #require(self.stop(line))
    #expect(stop.status == 1)
    #expect(!stop.text.contains("\n"))
    #expect(stop.text.hasPrefix("Error: "))
    #expect(stop.text.hasSuffix("."))
  }

  @Test func `variables that are no numbers end with status 1`() {
    #expect(stop("", ["WEB_CONCURRENCY": "many"])?.status == 1)
    #expect(stop("", ["PORT": "http"])?.status == 1)
  }

  @Test func `help and version are answers`() throws {
    #expect(try #require(stop("--version")).text.contains("greenfinch \(PreforkServer.version)"))
    #expect(stop("--version")?.status == 0)
    let help = try #require(stop("--help"))
    #expect(help.status == 0)
    for option in ["--workers", "--worker-class", "--bind", "--graceful-timeout", "--access-logfile"] {
      #expect(help.text.contains(option))
    }
  }

  @Test func `the help fits a screen, has examples, and says where the rest is`() throws {
    let lines = try #require(stop("--help")).text.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count <= 40)
    // Programs have shorter names than the one that runs the tests.
    let name = String(CommandLine.arguments[0].split(separator: "/").last ?? "")
    #expect(lines.allSatisfy { $0.replacing(name, with: "hello").count <= 80 }, "\(lines.filter { $0.count > 80 })")
    #expect(lines.contains { $0.hasPrefix("  ") && $0.contains("-w 2 -k green --worker-connections 1000") })
    #expect(lines.contains { $0.hasSuffix("--help-all") })
  }

  @Test func `every option of the table is in the whole help, which fits 80 columns`() throws {
    let help = try #require(stop("--help-all")).text
    for setting in ServerSettings.all {
      for flag in setting.flags { #expect(help.contains(flag), "\(flag)") }
    }
    #expect(help.split(separator: "\n").allSatisfy { $0.count <= 80 })
  }

  @Test func `an unknown option names the one that was probably meant`() throws {
    #expect(try #require(stop("--worker 2")).text.hasSuffix("unknown option '--worker'; did you mean '--workers'?"))
    #expect(try #require(stop("--nonsense")).text.hasSuffix("unknown option '--nonsense'"))
  }

  @Test func `the program's own settings give way to the environment, and that to the command line`() throws {
    var own = Configuration()
    own.workers = 3
    own.workerClass = .green
    func workers(_ arguments: [String], _ environment: [String: String]) throws -> Configuration {
      try own.reading(arguments, environment: { environment[$0] })
    }
    #expect(try workers([], [:]).workers == 3)
    #expect(try workers([], ["WEB_CONCURRENCY": "4"]).workers == 4)
    let all = try workers(["-w", "5"], ["WEB_CONCURRENCY": "4"])
    #expect(all.workers == 5)
    #expect(all.workerClass == .green)
    let table = all.table.replacing(#/ +=/#, with: " =")
    #expect(table.contains("workers = 5  (command line)\n"))
    #expect(table.contains("worker_class = green  (program)\n"))
    #expect(table.contains("backlog = 2048  (default)\n"))
  }

  @Test func `print and check end with an answer, and with an error where a value is wrong`() throws {
    #expect(try #require(stop("--print-config -w 3")).text.contains("= 3  (command line)"))
    #expect(stop("--check-config") == CommandLineStop(text: "", status: 0))
    #expect(stop("--check-config -w 0")?.status == 1)
  }

  @Test func `a wrong value is told with the place where it is written`() {
    #expect(stop("-w 0")?.text == "Error: --workers is '0', not a number from 1 to 4096.")
    #expect(stop("", ["PORT": "http"])?.text.hasPrefix("Error: PORT is 'http', ") == true)
    #expect(stop("-b ::1:8000")?.text.hasSuffix("an IPv6 address needs brackets, as in [::1]:8000.") == true)
  }

  @Test func `what the program has set after reading stays when it is read again`() throws {
    let first = try parse("-w 1 --timeout 30")
    var given = first
    given.workers = 8
    let fresh = try parse("-w 2 --timeout 5 --backlog 7")
    let renewed = given.renewed(by: fresh, insteadOf: first)
    #expect(renewed.workers == 8 && renewed.timeout == .seconds(5) && renewed.backlog == 7)
    #expect(first.renewed(by: fresh, insteadOf: first) == fresh)
  }

  @Test func `settings have different names, options and variables`() {
    let names = ServerSettings.all.map(\.name)
    #expect(Set(names).count == names.count)
    let variables = ServerSettings.all.compactMap(\.variable?.name)
    #expect(Set(variables).count == variables.count)
  }

  @Test func `a configuration made by hand is checked too`() {
    var configuration = Configuration()
    configuration.bind = []
    #expect(throws: ConfigurationError.self) { try configuration.validate() }
    configuration = Configuration()
    configuration.timeout = .seconds(-1)
    #expect(throws: ConfigurationError.self) { try configuration.validate() }
  }
}
