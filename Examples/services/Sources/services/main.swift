import Foundation
import Greenfinch
import Metrics
import Prices
import ServiceLifecycle

// A cache in each worker that a service keeps fresh: swift run services -w 2 -k green

// Served at --metrics-bind, added up over all workers.
MetricsSystem.bootstrap(ServerMetricsFactory())
let asked = Counter(label: "prices.asked", dimensions: [("kind", "all")])
let waited = Metrics.Timer(label: "prices.waited")

let app = App()
let prices = Prices()
app.runServices { [Refresher(prices, logger: app.logger)] }

// Another group, of a service whose end is the worker's: its requests end, and the master starts another.
let recycler = Recycler()
app.runServiceGroup {
  ServiceGroupConfiguration(
    services: [.init(service: recycler, successTerminationBehavior: .gracefullyShutdownGroup)], logger: app.logger)
}

app.get("/") { _ in
  asked.increment()
  waited.recordMilliseconds(5)
  return "\(prices.version)"
}
app.get("/pid") { _ in "\(getpid())" }
app.get("/slow/{milliseconds}") { request in
  let before = prices.version
  usleep(UInt32(try request.parameters.require("milliseconds", as: Int.self)) * 1000)
  app.logger.notice("the slow request has ended")
  return "\(prices.version - before)"
}
app.post("/break") { _ in
  prices.breakDown()
  return "broken"
}
app.post("/recycle") { _ in
  recycler.recycle()
  return "soon"
}
app.post("/farewell/{seconds}") { request in
  prices.farewell = .seconds(try request.parameters.require("seconds", as: Int.self))
  return "long"
}

app.run()
