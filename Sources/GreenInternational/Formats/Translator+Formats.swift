extension Translator {
  /// How numbers and dates are written in the translator's language. To be made once for a page.
  ///
  /// ```swift
  /// let formats = say.formats
  /// let line = say("{number} notes since {day}", ["number": formats.number(count), "day": formats.date(first, .long)])
  /// ```
  public var formats: Formats { Formats(language) }
}
