internal import Green
public import GreenHTTP
internal import HTTPTypes

/// What a program says, in all languages that it knows.
///
/// ```swift
/// let catalogues = try Catalogues(folder: "locale", standard: "en")   // locale/de.po, locale/pt-BR.po
/// app.get("/") { request in "<h1>\(catalogues.translator(for: request)("Hello!"))</h1>" as HTML }
/// ```
public struct Catalogues: Sendable {
  /// The language that the program itself is written in.
  public let standard: String
  private let catalogues: [String: Catalogue]

  /// Some catalogues, by their languages.
  public init(_ catalogues: [String: Catalogue], standard: String) {
    self.catalogues = catalogues
    self.standard = standard
  }

  /// Reads all catalogues of a folder: files such as `de.po` and `pt-BR.po`, called as their languages are.
  ///
  /// - Throws: ``CatalogueError`` where the folder or a file cannot be read, or a catalogue is malformed.
  public init(folder: String, standard: String) throws {
    let names: [String]
    do { names = try Green.names(inFolder: folder) } catch {
      throw CatalogueError("the folder '\(folder)' cannot be read: \(error)")
    }
    var catalogues: [String: Catalogue] = [:]
    for name in names where name.hasSuffix(".po") && name.utf8.count > 3 {
      // Translators' tools write pt_BR.
      let language = String(name.dropLast(3).map { $0 == "_" ? "-" : $0 })
      catalogues[language] = try Catalogue(po: Self.contents(of: "\(folder)/\(name)"), name: "\(folder)/\(name)")
    }
    self.init(catalogues, standard: standard)
  }

  /// The languages, in order: the program's own first.
  public var languages: [String] { [standard] + catalogues.keys.filter { $0 != standard }.sorted() }

  /// Says things in a language; in the program's own where there is no catalogue of it.
  public func translator(_ language: String) -> Translator {
    let catalogue = catalogues[language]
    return Translator(language: catalogue == nil ? standard : language, catalogue: catalogue ?? catalogues[standard])
  }

  /// Says things in the language that the client would like best (`Accept-Language`). What is said varies by that field,
  /// then: the answer should say `Vary: Accept-Language` where caches are between.
  public func translator(for request: Request) -> Translator {
    guard let field = request.header(.acceptLanguage) else { return translator(standard) }
    return translator(AcceptedLanguages(field).best(of: languages) ?? standard)
  }

  private static func contents(of path: String) throws -> String {
    let bytes: [UInt8]
    do { bytes = try Green.contents(ofFile: path, upTo: 64 << 20) } catch {
      throw CatalogueError("'\(path)' cannot be read: \(error)")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw CatalogueError("'\(path)' is not UTF-8") }
    return text
  }
}
