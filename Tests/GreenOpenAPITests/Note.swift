import Foundation
import GreenWeb

enum Kind: String, Codable, CaseIterable, PathValue { case note, task }

struct Tag: Codable, Sendable {
  var name: String
  var weight: Double?
}

struct Note: Codable, Sendable {
  var id: Int
  var title: String
  var stars: Int?
  var tags: [Tag]
  var kind: Kind
  var created: Date
  var parent: Tag?
  var counts: [String: UInt]
  var isPublic: Bool

  enum CodingKeys: String, CodingKey {
    case id, title, stars, tags, kind, created = "created_at", parent, counts, isPublic
  }
}

struct Tree: Codable, Sendable {
  var value: Int
  var children: [Tree]
  var name: String
}
