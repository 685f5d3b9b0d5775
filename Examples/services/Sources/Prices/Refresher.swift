public import Greenfinch
public import ServiceLifecycle

/// Fetches prices every 20 ms, until the group that it belongs to shuts down.
public struct Refresher: Service {
  private let prices: Prices
  private let logger: Logger

  public init(_ prices: Prices, logger: Logger) {
    self.prices = prices
    self.logger = logger
  }

  public func run() async throws {
    try await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        try prices.fetch()
        try? await Task.sleep(for: .milliseconds(20))
      }
    }
    // There is time for this until the group is cancelled.
    try await Task.sleep(for: prices.farewell)
    logger.notice("the refresher has ended gracefully")
  }
}
