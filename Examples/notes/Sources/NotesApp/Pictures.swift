import Glibc
import GreenSessions
import Greenfinch

struct Picture {
  var name: String
  var type: String
}

/// Pictures as files of one folder, by names that this program has chosen.
struct Pictures: Sendable {
  let folder: String

  private static let types = ["image/png", "image/jpeg", "image/gif", "image/webp"]

  func keep(_ upload: Upload) throws -> Picture {
    guard Self.types.contains(upload.contentType) else {
      throw InvalidInput("picture", "must be one of \(Self.types.joined(separator: ", "))")
    }
    let picture = Picture(name: try SecretToken().text, type: upload.contentType)
    try upload.save(to: path(picture.name))
    return picture
  }

  func file(of note: Note) -> File? {
    note.picture.map {
      File(path($0), contentType: note.pictureType, headers: [.cacheControl: "private, max-age=86400"])
    }
  }

  func remove(of note: Note) { if let name = note.picture { unlink(path(name)) } }

  private func path(_ name: String) -> String { "\(folder)/\(name)" }
}
