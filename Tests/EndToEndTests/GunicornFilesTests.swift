import Foundation
import SuiteSupport
import TestSupport
import Testing

/// The settings of usual configurations of gunicorn, as they are in public repositories, written anew in JSON: each loads, or the
/// program says exactly what it cannot.
@Suite(.bounded) struct GunicornFilesTests {
  private struct Expectation: Decodable {
    /// Each is the beginning of a sentence after the place.
    var says: [String]?
    var fails: String?
  }

  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appending(path: "../Settings")

  private static let files: [String] = {
    let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path + "/gunicorn")
    return (names ?? []).filter { $0.hasSuffix(".json") }.sorted()
  }()

  @Test func `there are forty at least`() { #expect(Self.files.count >= 40) }

  @Test(arguments: files) func `a usual configuration loads, or the program says what it cannot`(_ file: String) throws
  {
    try check(Self.folder.path + "/gunicorn/" + file, as: String(file.dropLast(".json".count)))
  }

  @Test(arguments: files) func `the same in TOML`(_ file: String) throws {
    let settings = try JSONDecoder().decode(
      [String: Value].self, from: Data(contentsOf: Self.folder.appending(path: "gunicorn/" + file)))
    let path = FileManager.default.temporaryDirectory.appending(path: "greenfinch-\(UUID().uuidString).toml").path
    defer { unlink(path) }
    let lines = settings.compactMap { key, value in value.toml.map { "\(key) = \($0)\n" } }
    try lines.joined().write(toFile: path, atomically: true, encoding: .utf8)
    try check(path, as: String(file.dropLast(".json".count)))
  }

  private func check(_ path: String, as name: String) throws {
    let expectations = try JSONDecoder().decode(
      [String: Expectation].self, from: Data(contentsOf: Self.folder.appending(path: "gunicorn-expected.json")))
    let expected = expectations[name]
    let outcome = try Program("hello").run(["-c", path, "--check-config"])
    if outcome.errors.contains("is built without TOML") { try Test.cancel("the trait was not asked for") }
    if let fault = expected?.fails {
      #expect(outcome.status == 1)
      #expect(outcome.errors.hasPrefix("Error: \(path): ") && outcome.errors.contains(fault), "\(outcome.errors)")
      #expect(outcome.errors.filter { $0 == "\n" }.count == 1, "\(outcome.errors)")
    } else {
      #expect(outcome.status == 0, "\(outcome.errors)")
      let said = outcome.output.split(separator: "\n")
      #expect(said.count == expected?.says?.count ?? 0, "\(outcome.output)")
      for notice in expected?.says ?? [] {
        #expect(said.contains { $0.hasPrefix("\(path): \(notice)") }, "\(outcome.output)")
      }
    }
  }
}

/// A value of JSON, to be written as TOML.
private enum Value: Decodable {
  case bool(Bool)
  case number(Int)
  case text(String)
  case list([Value])
  case table([String: Value])
  case none

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let flag = try? container.decode(Bool.self) {
      self = .bool(flag)
    } else if let number = try? container.decode(Int.self) {
      self = .number(number)
    } else if let text = try? container.decode(String.self) {
      self = .text(text)
    } else if let list = try? container.decode([Value].self) {
      self = .list(list)
    } else if let table = try? container.decode([String: Value].self) {
      self = .table(table)
    } else {
      self = .none
    }
  }

  var toml: String? {
    switch self {
    case .bool(let flag): "\(flag)"
    case .number(let number): "\(number)"
    case .text(let text): "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    case .list(let list): "[" + list.compactMap(\.toml).joined(separator: ", ") + "]"
    case .table(let table):
      "{" + table.compactMap { key, value in value.toml.map { "\(key) = \($0)" } }.joined(separator: ", ") + "}"
    case .none: nil
    }
  }
}
