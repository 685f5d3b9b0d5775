import FoundationEssentials
import GreenPostgres
import Greenfinch

public struct Note: Codable, Sendable, Equatable {
  public var id: Int
  public var title: String
  public var body: String
  public var picture: String?
  public var pictureType: String?
  public var updatedAt: Date
}

/// What somebody writes: the same by a form and as JSON.
struct NoteText: Codable, Sendable, Validated {
  var title: String
  var body: String?

  func validate(_ check: inout Validation) {
    check("title", title, .count(1...80), .printable)
    check("body", ifPresent: body, .characters(atMost: 20_000), .printable)
  }
}

extension Rule where Value == String {
  /// PostgreSQL keeps no text with a NUL.
  static var printable: Rule { Rule("must not have a NUL character") { !$0.utf8.contains(0) } }

  static func characters(atMost count: Int) -> Rule {
    Rule("must have at most \(count) characters") { $0.count <= count }
  }
}

/// The notes of one user.
struct Notebook {
  let owner: Int

  private static let columns: SQL = "id, title, body, picture, picture_type, updated_at"

  /// The latest first; those that lie before a note, so that pages stay as they are while others are added.
  func notes(before id: Int? = nil, containing text: String? = nil, limit: Int = 20) throws -> [Note] {
    let before: SQL = id.map { "and id < \($0)" } ?? ""
    let words = text.flatMap { $0.isEmpty ? nil : $0 }
    let containing: SQL = words.map { "and position(lower(\($0)) in lower(title || ' ' || body)) > 0" } ?? ""
    return try Resources.database().query(
      "select \(Self.columns) from notes where owner = \(owner) \(before) \(containing) order by id desc limit \(limit)"
    )
  }

  func note(_ id: Int) throws -> Note? {
    try Resources.database().first("select \(Self.columns) from notes where id = \(id) and owner = \(owner)")
  }

  func add(_ text: NoteText) throws -> Note {
    let note: Note? = try Resources.database().first(
      "insert into notes (owner, title, body) values (\(owner), \(text.title), \(text.body ?? "")) returning \(Self.columns)"
    )
    guard let note else { throw HTTPError(.internalServerError) }
    return note
  }

  func change(_ id: Int, to text: NoteText) throws -> Note? {
    try Resources.database().first(
      """
      update notes set title = \(text.title), body = \(text.body ?? ""), updated_at = now()
      where id = \(id) and owner = \(owner) returning \(Self.columns)
      """)
  }

  func setPicture(_ picture: Picture, of id: Int) throws {
    try Resources.database().execute(
      "update notes set picture = \(picture.name), picture_type = \(picture.type) where id = \(id) and owner = \(owner)"
    )
  }

  /// The note that is no more, `nil` where there was none.
  func remove(_ id: Int) throws -> Note? {
    try Resources.database().first(
      "delete from notes where id = \(id) and owner = \(owner) returning \(Self.columns)")
  }
}
