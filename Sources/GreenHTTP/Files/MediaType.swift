/// The media types of files, by the ends of their names.
package enum MediaType {
  /// The type of a file, as `Content-Type` has it; `application/octet-stream` where the end of its name says nothing.
  package static func ofFile(named name: String) -> String {
    let file = name.utf8.lastIndex(of: UInt8(ascii: "/")).map { name[name.utf8.index(after: $0)...] } ?? name[...]
    guard let dot = file.utf8.lastIndex(of: UInt8(ascii: ".")), dot > file.startIndex else { return unknown }
    return types[file[file.utf8.index(after: dot)...].lowercased()] ?? unknown
  }

  private static let unknown = "application/octet-stream"

  private static let types = [
    "html": "text/html; charset=utf-8", "htm": "text/html; charset=utf-8", "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8", "mjs": "text/javascript; charset=utf-8",
    "txt": "text/plain; charset=utf-8", "log": "text/plain; charset=utf-8", "md": "text/markdown; charset=utf-8",
    "csv": "text/csv; charset=utf-8", "tsv": "text/tab-separated-values; charset=utf-8",
    "ics": "text/calendar; charset=utf-8", "vtt": "text/vtt; charset=utf-8",
    "json": "application/json", "map": "application/json", "jsonld": "application/ld+json",
    "webmanifest": "application/manifest+json", "geojson": "application/geo+json",
    "xml": "application/xml", "xhtml": "application/xhtml+xml", "rss": "application/rss+xml",
    "atom": "application/atom+xml", "yaml": "application/yaml", "yml": "application/yaml",
    "toml": "application/toml", "wasm": "application/wasm", "pdf": "application/pdf", "rtf": "application/rtf",
    "svg": "image/svg+xml", "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif",
    "webp": "image/webp", "avif": "image/avif", "jxl": "image/jxl", "heic": "image/heic", "bmp": "image/bmp",
    "ico": "image/vnd.microsoft.icon", "tif": "image/tiff", "tiff": "image/tiff",
    "woff": "font/woff", "woff2": "font/woff2", "ttf": "font/ttf", "otf": "font/otf",
    "mp3": "audio/mpeg", "m4a": "audio/mp4", "aac": "audio/aac", "ogg": "audio/ogg", "oga": "audio/ogg",
    "opus": "audio/ogg", "wav": "audio/wav", "flac": "audio/flac", "weba": "audio/webm", "mid": "audio/midi",
    "mp4": "video/mp4", "m4v": "video/mp4", "webm": "video/webm", "ogv": "video/ogg", "mov": "video/quicktime",
    "avi": "video/x-msvideo", "mkv": "video/matroska", "ts": "video/mp2t", "m3u8": "application/vnd.apple.mpegurl",
    "zip": "application/zip", "gz": "application/gzip", "tgz": "application/gzip", "bz2": "application/x-bzip2",
    "xz": "application/x-xz", "zst": "application/zstd", "7z": "application/x-7z-compressed",
    "tar": "application/x-tar", "jar": "application/java-archive", "epub": "application/epub+zip",
    "doc": "application/msword", "xls": "application/vnd.ms-excel", "ppt": "application/vnd.ms-powerpoint",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text", "ods": "application/vnd.oasis.opendocument.spreadsheet",
  ]
}

extension MediaType {
  /// Whether content of a type becomes shorter when it is compressed: text does, and what has been compressed does not.
  package static func isCompressible(_ type: String) -> Bool {
    let essence = type.before(";").trimmed.lowercased()
    if essence.begins(with: "text/") { return true }
    if essence.ends(with: "+json") || essence.ends(with: "+xml") || essence.ends(with: "+yaml") { return true }
    switch essence {
    case "application/json", "application/javascript", "application/xml", "application/yaml", "application/toml",
      "application/wasm", "application/rtf", "application/x-ndjson", "application/graphql", "application/sql",
      "application/x-javascript", "application/vnd.apple.mpegurl", "application/x-tar", "application/msword",
      "application/vnd.ms-excel", "application/vnd.ms-powerpoint", "font/ttf", "font/otf", "image/bmp",
      "image/vnd.microsoft.icon":
      return true
    default: return false
    }
  }
}
