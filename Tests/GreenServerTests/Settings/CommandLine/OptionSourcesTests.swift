import SuiteSupport
import Testing

@testable import GreenServer

/// Options in the environment, and gunicorn's that are no settings here.
@Suite(.bounded) struct OptionSourcesTests {
  private func read(_ line: String, _ environment: [String: String] = [:]) throws(CommandLineStop) -> Configuration {
    try Configuration().reading(line.split(separator: " ").map(String.init), environment: { environment[$0] })
  }

  private func fault(_ line: String, _ environment: [String: String] = [:]) -> CommandLineStop? {
    do throws(CommandLineStop) {
      _ = try read(line, environment)
      return nil
    } catch {
      return error
    }
  }

  @Test func `options in the environment win over variables, and give way to the command line`() throws {
    let environment = [
      "WEB_CONCURRENCY": "2", "GUNICORN_CMD_ARGS": "-w 3 --threads 3 --backlog 3",
      "GREENFINCH_CMD_ARGS": "-w 4 --threads 4",
    ]
    let configuration = try read("-w 5", environment)
    #expect(configuration.workers == 5 && configuration.threads == 4 && configuration.backlog == 3)
    #expect(configuration.source(of: ServerSettings.workers.threads) == .arguments(in: "GREENFINCH_CMD_ARGS"))
    #expect(
      configuration.notices == ["GUNICORN_CMD_ARGS is obeyed; greenfinch's own variable is GREENFINCH_CMD_ARGS."])
    #expect(try read("", ["WEB_CONCURRENCY": "2"]).notices == [])
  }

  @Test func `a fault in a variable names it`() throws {
    #expect(
      try #require(fault("", ["GREENFINCH_CMD_ARGS": "--worker 2"])).text.hasSuffix(
        ": error: GREENFINCH_CMD_ARGS: unknown option '--worker'; did you mean '--workers'?"))
    #expect(fault("", ["GREENFINCH_CMD_ARGS": "--worker 2"])?.status == 2)
    let wrong = try #require(fault("", ["GREENFINCH_CMD_ARGS": "-w many"]))
    #expect(wrong.text == "Error: GREENFINCH_CMD_ARGS: --workers is 'many', not a number from 1 to 4096.")
    #expect(try #require(fault("", ["GUNICORN_CMD_ARGS": "-b 'x"])).text.hasSuffix("GUNICORN_CMD_ARGS: a ' has no end"))
  }

  @Test(
    arguments: [
      ("", []), ("  a  b\t", ["a", "b"]), (#"'a b' "c d"e"#, ["a b", "c de"]),
      (#"a\ b '\' "\"\\\n""#, ["a b", #"\"#, #""\\n"#]),
      ("''", [""]), (#"x"" 'y'z"#, ["x", "yz"]),
    ] as [(String, [String])])
  func `words are split as a shell splits them`(line: String, words: [String]) throws {
    #expect(try ShellWords.split(line) == words)
  }

  @Test func `gunicorn's options that change nothing are told of, and those without a meaning refused`() throws {
    let configuration = try read("--preload --worker-tmp-dir /dev/shm --http-parser=auto -w 2")
    #expect(configuration.workers == 2)
    #expect(
      configuration.notices.map { String($0.prefix { $0 != ":" }) } == [
        "--preload changes nothing", "--worker-tmp-dir changes nothing",
      ])
    let refused = try #require(fault("--pythonpath /srv"))
    #expect(refused.status == 1)
    #expect(
      refused.text
        == "Error: --pythonpath is '/srv', which has no meaning here: the application is compiled into the program.")
    let inVariable = try #require(fault("", ["GUNICORN_CMD_ARGS": "--spew"]))
    #expect(inVariable.text.hasPrefix("Error: GUNICORN_CMD_ARGS: --spew is 'true', which has no meaning here: "))
    #expect(fault("--protocol http") == nil)
    #expect(try #require(fault("--worker-tmp-dir")).text.hasSuffix("'--worker-tmp-dir' has no value"))
  }

  @Test func `the configuration is shown as JSON`() throws {
    let stop = try #require(fault("--print-config=json -w 3"))
    #expect(stop.status == 0)
    #expect(stop.text.contains(#""workers": {"value": 3, "from": "command line"}"#))
    #expect(stop.text.contains(#""timeout": {"value": 30, "from": "default"}"#))
    #expect(fault("--print-config=xml")?.status == 2)
    #expect(JSONText.quoted("a\"\\\u{1}é") == #""a\"\\\u0001é""#)
  }

  @Test func `limits of heads are gunicorn's`() throws {
    let standard = try read("").http.limits
    #expect(standard.requestLine == 4094 && standard.fields == 100 && standard.fieldLine == 8190)
    #expect(standard.head == 65_536)
    let raised = try read("--limit-request-line 100000 --limit-request-field_size 200000").http.limits
    #expect(raised.head >= 300_000 && raised.fieldLine == 200_000)
    let endless = try read("--limit-request-line 0 --limit-request-fields 0 --limit-request-field-size 0").http.limits
    #expect(endless.requestLine == endless.head && endless.fieldLine == endless.head && endless.fields == 32_768)
    #expect(fault("--limit-request-line -1")?.status == 1)
  }

  @Test(arguments: [
    ("unix:///run/a.sock", BindAddress.unix(path: "/run/a.sock")), ("unix:@a", .unix(path: "@a")),
    ("fd://3", .descriptor(3)), ("fd://web", .activated(name: "web")),
  ]) func `addresses that are no port`(text: String, address: BindAddress) throws {
    #expect(try BindAddress(parsing: text) == address)
    #expect(try BindAddress(parsing: address.description) == address)
  }

  @Test(arguments: ["fd://", "fd://2", "fd://99999999999"]) func `descriptors that cannot be`(text: String) {
    #expect(throws: ConfigurationError.self) { try BindAddress(parsing: text) }
  }
}
