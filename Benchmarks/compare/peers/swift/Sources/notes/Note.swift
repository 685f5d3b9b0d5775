import FoundationEssentials
import Hummingbird

struct Note: ResponseEncodable, Sendable {
  static let columns = "id, title, body, picture, picture_type, extract(epoch from updated_at)"

  var id: Int
  var title: String
  var body: String
  var picture: String?
  var pictureType: String?
  var updatedAt: Date

  /// A row of these columns.
  init(_ row: Row) throws {
    id = try row.value(0)
    title = try row.value(1)
    body = try row.value(2)
    picture = row.text(3)
    pictureType = row.text(4)
    updatedAt = Date(timeIntervalSince1970: try row.value(5))
  }
}

struct NoteText: Decodable {
  var title: String
  var body: String?

  init(_ request: Request, _ context: NotesContext) async throws {
    self = try await request.decode(as: NoteText.self, context: context)
    guard (1...80).contains(title.count) else {
      throw HTTPError(.unprocessableContent, message: "a title has 1 to 80 characters")
    }
  }
}
