import Green

/// The figures of the application's own in this process, which the master adds up over all workers.
package final class ApplicationMetrics: Sendable {
  package static let shared = ApplicationMetrics()

  private let figures = Guarded<[FigureKey: ApplicationFigure]>([:])

  /// The most figures, beyond which new ones are kept for themselves and not told: labels may be made from requests.
  private static let most = 10_000

  /// The figure of that kind, label and dimensions; the same one each time.
  package func figure(
    _ kind: FigureKind, _ label: String, _ dimensions: [(String, String)]
  ) -> ApplicationFigure {
    let key = FigureKey(kind, label, dimensions)
    return figures.withLock { figures in
      if let figure = figures[key] { return figure }
      let figure = ApplicationFigure(key)
      if figures.count < Self.most { figures[key] = figure }
      return figure
    }
  }

  /// The figure is not told any more.
  package func remove(_ figure: ApplicationFigure) {
    figures.withLock { if $0[figure.key] === figure { $0[figure.key] = nil } }
  }

  var isEmpty: Bool { figures.withLock { $0.isEmpty } }

  /// A line for each figure.
  var text: String { figures.withLock { Array($0.values) }.map(\.line).joined() }
}
