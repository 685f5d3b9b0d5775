internal import HTTPTypes

extension Request {
  /// Whether the body says that it is a form.
  public var hasForm: Bool {
    switch mediaType {
    case FormType.urlEncoded, FormType.multipart: true
    default: false
    }
  }

  /// The form in the body: `application/x-www-form-urlencoded` or `multipart/form-data` (RFC 7578). Parks or blocks until it is
  /// there; asked again, it is the same. Long files are written to temporary files meanwhile, which nobody else can
  /// open and which end with the request.
  ///
  /// - Throws: ``HTTPError``: `415` where the body is not a form, `400` where it is malformed, `413` where it passes a limit; as
  ///   ``RequestBody/read(into:)``; `Errno` where a temporary file cannot be written.
  public func form(limits: FormLimits = FormLimits()) throws -> Form {
    if let form = self[Keys.form] { return form }
    let form: Form
    switch mediaType {
    case FormType.urlEncoded: form = try urlEncodedForm(limits)
    case FormType.multipart: form = try multipartForm(limits)
    default:
      throw HTTPError(
        .unsupportedMediaType,
        "the body must be a form, with Content-Type: \(FormType.urlEncoded) or \(FormType.multipart)"
      )
    }
    self[Keys.form] = form
    return form
  }

  private func urlEncodedForm(_ limits: FormLimits) throws -> Form {
    let tooLong = HTTPError(.contentTooLarge, "the form's fields are longer than \(limits.text) bytes")
    if let count = body.count, count > limits.text { throw tooLong }
    var bytes: [UInt8] = []
    if body.count != nil {
      bytes = try body.bytes()
    } else {
      while case let piece = try body.read(), !piece.isEmpty {
        bytes += piece
        if bytes.count > limits.text { throw tooLong }
      }
    }
    guard let fields = bytes.withUnsafeBytes({ NamedValues(urlEncoded: $0, most: limits.parts) }) else {
      throw HTTPError(.contentTooLarge, "the form has more than \(limits.parts) fields")
    }
    var form = Form()
    form.fields = fields
    return form
  }

  private func multipartForm(_ limits: FormLimits) throws -> Form {
    var form = Form()
    var text = 0
    var reader = try multipart(limits: limits)
    while let part = try reader.nextPart() {
      if let filename = part.filename {
        let upload = try reader.readFile(part, filename, memory: limits.memory)
        // Where a person has chosen none there is a part all the same.
        if filename.isEmpty && upload.size == 0 { continue }
        if form.files.count >= limits.files {
          throw HTTPError(.contentTooLarge, "the form has more than \(limits.files) files")
        }
        form.files.append(upload)
      } else {
        text += part.name.utf8.count
        // Names are held too, and a value may be empty.
        if text > limits.text {
          throw HTTPError(.contentTooLarge, "the form's names are longer than may be held in memory")
        }
        let value = try reader.readText(upTo: limits.text - text)
        text += value.utf8.count
        form.fields.append(part.name, value)
      }
    }
    return form
  }

  private enum Keys {
    static let form = RequestKey<Form?>(nil)
  }
}

/// The media types of forms.
enum FormType {
  static let urlEncoded = "application/x-www-form-urlencoded"
  static let multipart = "multipart/form-data"
}
