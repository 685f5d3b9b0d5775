internal import Glibc
internal import HTTPTypes

/// What an answer can be told apart by from an earlier one: RFC 9110, 8.8.
struct Validators {
  var entityTag: EntityTag?
  /// In seconds since 1970.
  var lastModified: Int64?

  static var now: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME_COARSE, &time)
    return Int64(time.tv_sec)
  }

  /// The state as a client's `If-Match` would have it (RFC 9110, 13.1.1).
  func isMatched(by field: String) -> Bool {
    if field.trimmed == "*" { return true }
    return entityTag.map { tag in lists(field) { tag.matchesStrongly($0) } } ?? false
  }

  /// RFC 9110, 13.1.2: the weak comparison, since it saves a transfer and no more.
  func isNamed(by field: String) -> Bool {
    if field.trimmed == "*" { return true }
    return entityTag.map { tag in lists(field) { tag.matchesWeakly($0) } } ?? false
  }

  private func lists(_ field: String, _ matches: (EntityTag) -> Bool) -> Bool {
    var tags = EntityTags(field)
    while let tag = tags.next() { if matches(tag) { return true } }
    return false
  }

  /// Whether there has been a change since a date; `nil` where that cannot be said: of no date, or one that is not valid.
  func isModified(since field: String) -> Bool? {
    guard let lastModified, let date = HTTPDate.parse(field, now: Self.now) else { return nil }
    return lastModified > date
  }

  /// `If-Range` (RFC 9110, 13.1.5): whether the part that a client has is of this very state.
  func allowsRange(_ field: String) -> Bool {
    if field.begins(with: "\"") || field.begins(with: "W/") {
      return EntityTag(field: field).flatMap { given in entityTag?.matchesStrongly(given) } ?? false
    }
    guard let lastModified, let date = HTTPDate.parse(field, now: Self.now) else { return false }
    // RFC 9110, 8.8.2.2: within the second of the change there may have been another.
    return date == lastModified && Self.now > lastModified + 1
  }
}
