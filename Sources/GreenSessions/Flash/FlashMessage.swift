/// A message to a visitor that is shown once, by the next page.
public struct FlashMessage: Sendable, Codable, Equatable {
  /// What it says.
  public var text: String
  /// What kind it is, for the page to show it accordingly: `info`, `error`.
  public var category: String
}
