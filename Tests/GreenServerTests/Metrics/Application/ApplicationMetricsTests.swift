import Glibc
import SuiteSupport
import Testing

@testable import GreenServer

@Suite(.bounded) struct ApplicationMetricsTests {
  private func page(_ figures: ApplicationFigures) -> [Substring] {
    var page = PrometheusText()
    figures.write(to: &page)
    return page.text.split(separator: "\n").filter { !$0.hasPrefix("#") }
  }

  @Test func `the same label and dimensions are the same figure, under a name that Prometheus allows`() {
    let metrics = ApplicationMetrics()
    let counter = metrics.figure(.counter, "orders.made-today", [("kind", "a \"book\"\n"), ("1st", "x")])
    #expect(metrics.figure(.counter, "orders.made-today", [("kind", "a \"book\"\n"), ("1st", "x")]) === counter)
    counter.add(2)
    #expect(metrics.text == "counter\torders_made_today_total\tkind=\"a \\\"book\\\"\\n\",_1st=\"x\"\t2.0\n")
    metrics.remove(counter)
    #expect(metrics.isEmpty && metrics.text == "")
  }

  @Test func `figures of all workers are added up, and stay when a worker has gone, but for gauges`() {
    let metrics = ApplicationMetrics()
    metrics.figure(.counter, "c", []).add(3)
    metrics.figure(.gauge, "g", []).set(5)
    metrics.figure(.summary, "s", []).record(4)
    metrics.figure(.histogram, "t", [("a", "b")]).record(nanoseconds: 20_000)
    var figures = ApplicationFigures()
    figures.note(metrics.text, of: 1)
    figures.note(metrics.text, of: 2)
    figures.note(metrics.text, of: 2)
    var lines = page(figures)
    #expect(lines.contains("c_total 6.0") && lines.contains("g 10.0"), "\(lines)")
    #expect(lines.contains("s_sum 8.0") && lines.contains("s_count 2"), "\(lines)")
    #expect(lines.contains("t_seconds_bucket{a=\"b\",le=\"1e-05\"} 0"), "\(lines)")
    #expect(lines.contains("t_seconds_bucket{a=\"b\",le=\"+Inf\"} 2"), "\(lines)")
    #expect(lines.contains("t_seconds_count{a=\"b\"} 2") && lines.contains("t_seconds_sum{a=\"b\"} 4e-05"), "\(lines)")
    figures.ended(1)
    figures.ended(2)
    lines = page(figures)
    #expect(lines.contains("c_total 6.0") && !lines.contains { $0.hasPrefix("g ") }, "\(lines)")
  }

  @Test func `what a worker has told counts once where it ends before the others have answered`() throws {
    var orders = WorkerOrders()
    var figures = ApplicationFigures()
    let workers = try (0..<2).map { _ in try Handshake.pair() }
    defer { for end in workers.flatMap({ [$0.master, $0.worker] }) { end.close() } }
    let asked = workers.enumerated().map { (slot: $0.offset, pid: pid_t($0.offset + 10), handshake: $0.element.master) }
    let client = MonitorClient(open("/dev/null", O_RDWR | O_CLOEXEC), .http)
    orders.give(.figures, to: asked, for: client, .metrics(isHead: false), until: .max)
    guard case .packet(let order) = workers[0].worker.receiveOrder() else { return #expect(Bool(false)) }
    order.answer("counter\tc\t\t3\n")
    #expect(workers[0].master.receive() == .message(.answered(order.number)))
    let answered = orders.answered(order.number, by: 0)
    let told = try #require(answered)
    figures.note(told.figures, of: told.pid)
    figures.ended(told.pid)
    #expect(told.pid == 10 && page(figures) == ["c 3.0"])
    let (early, late) = (orders.takeDone(at: 0), orders.takeDone(at: .max))
    #expect(early.isEmpty && late.count == 1)
  }

  @Test func `only so many figures of workers that have gone are kept, and the others are counted`() {
    var figures = ApplicationFigures()
    let most = ApplicationFigures.mostPast
    figures.note((0..<most).map { "counter\tc\tn=\"\($0)\"\t1\n" }.joined(), of: 1)
    figures.ended(1)
    figures.note("counter\tc\tn=\"0\"\t1\ncounter\tc\tn=\"x\"\t1\ngauge\tg\t\t1\n", of: 2)
    #expect(page(figures).contains("c{n=\"x\"} 1.0"))
    figures.ended(2)
    let lines = page(figures)
    #expect(lines.count == most + 1 && lines.contains("c{n=\"0\"} 2.0"))
    #expect(lines.first == "greenfinch_application_metrics_dropped_total 1")
  }

  @Test func `what cannot be read is passed over`() {
    var figures = ApplicationFigures()
    figures.note("nonsense\ncounter\ta\t\t1 x 2\nother\tb\t\t1\n\n", of: 1)
    #expect(page(figures) == ["a 1.0"])
  }
}
