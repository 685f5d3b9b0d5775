/// What a form has sent: fields, and files.
///
/// ```swift
/// let form = try request.form()
/// let title = form.title ?? ""
/// try form.file("picture")?.save(to: "pictures/\(id)")
/// ```
@dynamicMemberLookup
public struct Form: Sendable {
  /// The fields, in order.
  public internal(set) var fields = NamedValues()
  /// The files, in order.
  public internal(set) var files: [Upload] = []

  /// A form without fields.
  public init() {}

  /// The first value of a field; `nil` where there is none.
  public subscript(_ name: String) -> String? { fields[name] }

  /// The first value of a field whose name is written as a member.
  public subscript(dynamicMember name: String) -> String? { fields[name] }

  /// The first file of a field; `nil` where there is none: where a person has chosen none, a browser sends an empty one, which is
  /// left out.
  public func file(_ name: String) -> Upload? { files.first { $0.field == name } }

  /// All files of a field, in order.
  public func files(_ name: String) -> [Upload] { files.filter { $0.field == name } }
}
