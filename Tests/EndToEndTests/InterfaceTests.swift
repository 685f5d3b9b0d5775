import DataServers
import Foundation
import SuiteSupport
import TestSupport
import Testing

/// The example `notes` against the document that it makes of itself: only where GREENFINCH_OPENAPI names a folder with
/// the programs `openapi-spec-validator` and `schemathesis`, as `make test-deep PART=openapi` does.
@Suite(.serialized, .bounded) struct InterfaceTests {
  private static let programs = ProcessInfo.processInfo.environment["GREENFINCH_OPENAPI"]

  @Test(.enabled(if: programs != nil)) func theInterfaceIsWhatItsDocumentSays() throws {
    let programs = try #require(Self.programs)
    let postgres = try PostgresServer()
    let folder = FileManager.default.temporaryDirectory.appending(path: "interface-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let examples = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../../Examples/notes")
    let server = try Server(
      "notes", ["-k", "green", "-w", "2"],
      environment: [
        "DATABASE_URL": postgres.networkAddress, "SECRET_KEY": "a secret of this test alone", "UPLOADS": folder,
        "FOLDER": examples.standardizedFileURL.path,
      ])
    let base = "http://127.0.0.1:\(server.port)"
    func curl(_ arguments: String...) throws -> String {
      try Program(system: "curl").run(["-sS", "--fail-with-body", "--max-time", "20"] + arguments).output
    }
    _ = try curl("-H", "Origin: \(base)", "-d", "name=Eve&password=correct horse", "\(base)/register")
    let answer = try curl("-d", "name=Eve&password=correct horse", "\(base)/api/tokens")
    let token = try JSONDecoder().decode([String: String].self, from: Data(answer.utf8))["token"] ?? ""
    let document = folder + "/openapi.json"
    try curl("\(base)/openapi.json").write(toFile: document, atomically: true, encoding: .utf8)

    let valid = try Program(programs + "/openapi-spec-validator").run([document])
    #expect(valid.status == 0, "\(valid.output)\(valid.errors)")
    let tried = try Program(programs + "/schemathesis").run([
      "run", "\(base)/openapi.json", "--include-path-regex", "^/api/", "--header", "Authorization: Bearer \(token)",
      "--max-examples", "50", "--max-time", "40", "--workers", "2", "--no-color",
      // Rules of `Validated` are code, which no schema says.
      "--exclude-checks", "ignored_auth,positive_data_acceptance", "--generation-allow-x00", "false",
    ])
    #expect(tried.status == 0, "\(tried.output)\(tried.errors)")
    #expect(!server.log.contains("failed"), "\(server.log)")
    #expect(server.stop() == 0)
  }
}
