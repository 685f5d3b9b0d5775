internal import Green
public import GreenWeb
internal import Mustache

/// Pages and texts that lie in files of their own, written in Mustache: by the package swift-mustache.
///
/// ```swift
/// let templates = try Templates(folder: "templates")       // templates/notes/list.mustache
/// app.get("/notes") { _ in try templates.html("notes/list", ["title": "Notes", "notes": notes.all()]) }
/// ```
///
/// ```html
/// {{<layout}}{{$content}}
/// <ul>{{#notes}}<li>{{title}}</li>{{/notes}}{{^notes}}None yet.{{/notes}}</ul>
/// {{/content}}{{/layout}}
/// ```
///
/// `{{name}}` is a value, escaped as ``/GreenWeb/HTML`` escapes; `{{{name}}}` puts one in as it is, which is for `HTML`
/// alone; `{{#name}}` is a section for each element, or where there is a value, `{{^name}}` where there is none,
/// `{{>name}}` another template, and `{{<name}}` one whose blocks, `{{$block}}`, are filled here: a layout. A value in
/// an attribute needs quotes around it, and none belongs into a script, a style sheet or the beginning of an address.
///
/// All files are read at the start, and one that is malformed, or has another in it that is not there, ends it with the
/// file and the line. So does one that has itself in it, by others too: with values that are not as it expects, it would
/// have no end. A tree, such as a menu or comments with answers, is made as `HTML` in Swift, by a function that calls
/// itself, and put in with `{{{tree}}}`. Which template stands where must be known beforehand: there is no `{{>*name}}`,
/// and tags are always in `{{` and `}}`. With `--debug` they are read again when they change. A template whose name ends in `.txt` is
/// text, such as a mail: nothing in it is escaped, and ``text(_:_:)`` makes it.
///
/// To fill a template takes more than twenty times as long as the same in `HTML`, which the compiler checks: templates
/// are for those who do not write Swift, and for what changes while the program runs. The package brings the whole of
/// Foundation into the program.
public final class Templates: Sendable {
  private struct State {
    var set: TemplateSet
    var stamps: [TemplateFolder.Stamp]
  }

  private let state: Guarded<State>
  private let folder: TemplateFolder?
  private let reload: TemplateReload

  /// Reads all files of a folder, and of those below it, whose names end in `.mustache`. A template is called as its
  /// file is, without that end, and without `.html` before it: `notes/list`.
  ///
  /// - Parameters:
  ///   - path: where it is; relative to where the program runs.
  ///   - reload: when they are read again.
  /// - Throws: ``TemplateError``.
  public init(folder path: String, reload: TemplateReload = .inDevelopment) throws {
    let folder = TemplateFolder(path: path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path)
    let stamps = try folder.stamps()
    self.folder = folder
    self.reload = reload
    state = Guarded(State(set: try TemplateSet(folder.sources(stamps)), stamps: stamps))
  }

  /// Templates that the program has itself, by their names.
  ///
  /// - Throws: ``TemplateError``.
  public init(_ texts: [String: String]) throws {
    folder = nil
    reload = .never
    let sources = texts.sorted { $0.key < $1.key }.map { TemplateSource(name: $0.key, path: $0.key, text: $0.value) }
    state = Guarded(State(set: try TemplateSet(sources), stamps: []))
  }

  /// Their names, in order.
  public var names: [String] { state.withLock { $0.set.names }.sorted() }

  /// A page: a template filled with values.
  ///
  /// - Parameters:
  ///   - name: the template's.
  ///   - values: a struct whose properties are the values, or a dictionary of them.
  /// - Throws: ``TemplateError`` where there is no such template, it is text, or what has been read again is malformed.
  public func html(_ name: String, _ values: Any = [String: String]()) throws -> HTML {
    if name.hasSuffix(".txt") {
      throw TemplateError("the template '\(name)' is text, which is not escaped: it is no page")
    }
    return HTML(raw: try filled(name, values))
  }

  /// A text, such as a mail, of a template whose name ends in `.txt`. Nothing is escaped.
  ///
  /// - Throws: as ``html(_:_:)``.
  public func text(_ name: String, _ values: Any = [String: String]()) throws -> String {
    guard name.hasSuffix(".txt") else {
      throw TemplateError("the template '\(name)' is a page: those of texts end in '.txt'")
    }
    return try filled(name, values)
  }

  private func filled(_ name: String, _ values: Any) throws -> String {
    let set = try current()
    guard set.names.contains(name) else {
      throw TemplateError("there is no template '\(name)': there are \(set.names.sorted().joined(separator: ", "))")
    }
    // It goes as deep as the templates and their sections lie in each other, whatever the values are: none has itself in
    // it.
    return try Fiber.onBigStack { set.filled(name, values) }
  }

  /// The templates, read again where they have changed.
  private func current() throws -> TemplateSet {
    guard let folder, isReloading else { return state.withLock { $0.set } }
    let stamps = try folder.stamps()
    let (set, known) = state.withLock { ($0.set, $0.stamps) }
    if stamps == known { return set }
    let changed = try TemplateSet(folder.sources(stamps))
    state.withLock { $0 = State(set: changed, stamps: stamps) }
    return changed
  }

  private var isReloading: Bool {
    switch reload {
    case .inDevelopment: Development.isOn
    case .always: true
    case .never: false
    }
  }
}
