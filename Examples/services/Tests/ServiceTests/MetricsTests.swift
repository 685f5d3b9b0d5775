import Foundation
import Testing

/// Metrics of swift-metrics, served with the server's own.
@Suite(.serialized) struct MetricsTests {
  @Test func metricsOfAllWorkersAreAddedUp() throws {
    let (port, metrics) = (try freePort(), try freePort())
    let server = try Program(
      "services",
      ["-k", "green", "-w", "2", "--bind", "127.0.0.1:\(port)", "--metrics-bind", "127.0.0.1:\(metrics)"])
    try server.waitUntil("an answer") { (try? get(port, "/pid")) != nil }
    for _ in 0..<10 { _ = try get(port, "/") }
    try server.waitUntil("the figures") {
      let page = try get(metrics, "/metrics")
      return page.contains("prices_asked_total{kind=\"all\"} 10.0\n")
        && page.contains("prices_waited_seconds_count 10\n") && page.contains("# TYPE prices_asked_total counter\n")
    }
    // What workers have counted that end stays.
    server.send(SIGHUP)
    let before = server.children
    try server.waitUntil("other workers") {
      Set(server.children).isDisjoint(with: before) && server.children.count == 2
    }
    #expect(try get(metrics, "/metrics").contains("prices_asked_total{kind=\"all\"} 10.0\n"))
    server.send(SIGTERM)
    #expect(server.waitForEnd() == 0)
  }
}
