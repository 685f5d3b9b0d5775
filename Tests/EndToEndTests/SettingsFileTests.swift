import Foundation
import SuiteSupport
import TestSupport
import Testing

/// Settings from a file, the environment and the command line of a real program.
@Suite(.bounded) struct SettingsFileTests {
  private func run(
    _ text: String, name: String = "settings.json", _ arguments: [String] = ["--print-config"],
    environment: [String: String] = [:]
  ) throws -> Program.Outcome {
    let folder = FileManager.default.temporaryDirectory.appending(path: "greenfinch-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: name)
    try Data(text.utf8).write(to: file)
    return try Program("hello").run(["-c", file.path] + arguments, environment: environment)
  }

  @Test func `a file sets what the environment and the command line do not`() throws {
    let outcome = try run(
      """
      {"workers": 2, "worker_class": "gevent", "bind": ["127.0.0.1:9001", "unix:/tmp/a b.sock"], "timeout": 2.5,
       "keepalive": "100ms", "backlog": 7, "accesslog": null}
      """, ["--print-config", "--backlog", "9"], environment: ["WEB_CONCURRENCY": "3"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let settings = outcome.output.split(separator: "\n").map { line in
      line.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
    }
    for (setting, source) in [
      ("workers = 3", "environment"), ("worker_class = green", "settings.json"),
      ("bind = 127.0.0.1:9001,unix:/tmp/a b.sock", "settings.json"), ("timeout = 2500ms", "settings.json"),
      ("keepalive = 100ms", "settings.json"), ("backlog = 9", "command line"), ("accesslog = off", "default"),
    ] {
      #expect(
        settings.contains { $0.hasPrefix(setting + " (") && $0.contains(source) }, "\(setting): \(outcome.output)")
    }
  }

  @Test(arguments: [
    (#"{"workers": "two"}"#, "workers is 'two', not a number from 1 to 4096."),
    (#"{"workers": 0}"#, "workers is '0', not a number from 1 to 4096."),
    (#"{"workers": 1.5}"#, "workers is '1.5', not a number from 1 to 4096."),
    (#"{"workers": [1, 2]}"#, "workers is the list [1, 2], not a number from 1 to 4096."),
    (#"{"bind": {"host": "x"}}"#, "bind is an object, not 1 to 64 of these:"),
    (
      #"{"pythonpath": "/srv"}"#,
      "pythonpath is '/srv', which has no meaning here: the application is compiled into the program."
    ),
    (#"{"bind": []}"#, "bind is '', 0 values, of which there can be 1 to 64."),
    (#"{"worker": 2}"#, "there is no setting 'worker'; did you mean 'workers'?"),
    (#"{"wörkers": 2"#, "this is not valid JSON"),
    ("[1]", "this is not a JSON object of settings."),
    ("", "this is not valid JSON"),
  ])
  func `what is wrong in a file is one sentence that names it`(text: String, complaint: String) throws {
    let outcome = try run(text)
    #expect(outcome.status == 1)
    #expect(outcome.errors.hasPrefix("Error: "))
    #expect(outcome.errors.contains("settings.json: " + complaint), "\(outcome.errors)")
    #expect(outcome.errors.filter { $0 == "\n" }.count == 1, "\(outcome.errors)")
  }

  @Test func `a file whose name tells no format, and one that is not there, are errors`() throws {
    let unknown = try run("workers = 2", name: "settings.ini")
    #expect(
      unknown.status == 1 && unknown.errors.contains("must say its format by its end: .json or .toml."),
      "\(unknown.errors)")
    let python = try run("workers = 2", name: "gunicorn.conf.py")
    #expect(python.status == 1 && python.errors.contains("settings in Python are not read"), "\(python.errors)")
    let missing = try Program("hello").run(["-c", "/nonexistent/settings.json"])
    #expect(
      missing.status == 1 && missing.errors.contains("/nonexistent/settings.json cannot be read: "), "\(missing.errors)"
    )
  }

  @Test func `without the trait, a file in TOML is an error that names the trait`() throws {
    let outcome = try run("workers = 2", name: "settings.toml")
    if outcome.status == 0 { try Test.cancel("this program is built with it") }
    #expect(
      outcome.status == 1
        && outcome.errors.hasSuffix(
          "settings.toml: this program is built without TOML: write JSON, or add traits: [\"TOML\"] to the package "
            + "greenfinch in its Package.swift.\n"),
      "\(outcome.errors)")
  }

  @Test func `a file in the working directory is found, and two are an error`() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "greenfinch-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func show() throws -> Program.Outcome {
      let command = "cd '\(folder.path)' && exec '\(Program("hello").path)' --print-config"
      return try Program("/bin/sh").run(["-c", command])
    }
    #expect(try show().output.contains("= 1  (default)"))
    try Data(#"{"workers": 5}"#.utf8).write(to: folder.appending(path: "greenfinch.json"))
    #expect(try show().output.contains("= 5  (greenfinch.json)"))
    try Data("workers = 6".utf8).write(to: folder.appending(path: "greenfinch.toml"))
    let both = try show()
    #expect(
      both.status == 1 && both.errors.contains("there are greenfinch.json and greenfinch.toml"), "\(both.errors)")
  }

  @Test(arguments: ["--reload", "--preload", "-D", "-R", "--log-syslog", "--proxy-protocol"])
  func `a switch before the application leaves it to be served`(flag: String) throws {
    let outcome = try Program("greenfinch").run([flag, "shop.web:app", "--print-config"])
    #expect(outcome.status == 0 && outcome.output.contains("shop.web:app"), "\(outcome)")
  }

  @Test func `settings as JSON are read by programs`() throws {
    let outcome = try run(
      #"{"workers": 2, "bind": ["127.0.0.1:9001", "unix:/tmp/a \"b\".sock"], "timeout": 2.5}"#,
      ["--print-config=json"], environment: ["GREENFINCH_CMD_ARGS": "-k green"])
    struct Shown<Value: Decodable>: Decodable {
      let value: Value
      let from: String
    }
    struct Settings: Decodable {
      let workers: Shown<Int>
      let bind: Shown<[String]>
      let timeout: Shown<Double>
      let worker_class: Shown<String>
      let ca_certs: Shown<String?>
      let reuse_port: Shown<Bool>
    }
    let settings = try JSONDecoder().decode(Settings.self, from: Data(outcome.output.utf8))
    #expect(settings.workers.value == 2 && settings.workers.from.hasSuffix("settings.json"))
    #expect(settings.bind.value == ["127.0.0.1:9001", "unix:/tmp/a \"b\".sock"])
    #expect(settings.timeout.value == 2.5)
    #expect(settings.worker_class.value == "green" && settings.worker_class.from == "GREENFINCH_CMD_ARGS")
    #expect(settings.ca_certs.value == nil && !settings.reuse_port.value)
  }

  @Test func `a server that is started by another's worker has its own settings`() throws {
    let server = try Server(["-k", "green"], environment: ["GREENFINCH_SETTINGS": "limit_request_body\t1"])
    let body = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n12345"
    #expect(try Client(port: server.port).exchange(body).body == "12345")
    #expect(try get(server.port, "/variable/GREENFINCH_SETTINGS").body == "none")
    #expect(server.stop() == 0)
  }

  @Test func `a worker that is replaced has its master's settings, whatever the file says by then`() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "greenfinch-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "settings.json")
    try Data(#"{"worker_class": "green", "accesslog": "off"}"#.utf8).write(to: file)
    let server = try Server(["-c", file.path])
    let first = try #require(server.workers.first)
    try Data("{ not yet".utf8).write(to: file)
    kill(first, SIGKILL)
    try server.waitUntil("another worker") { server.workers.first.map { $0 != first } ?? false }
    #expect(try get(server.port, "/pid").body == server.workers.first.map { "\($0)" })
    #expect(server.stop() == 0)
    #expect(!server.log.contains("not valid JSON"), "\(server.log)")
  }
}
