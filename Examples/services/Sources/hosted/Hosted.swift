import Foundation
import Greenfinch
import Prices
import ServiceLifecycle

// An application that is one service of several, in a process with Swift's own executors: swift run hosted PORT SECONDS,
// of which the second is how long requests may take once the group shuts down.

@main enum Hosted {
  static func main() async {
    let arguments = CommandLine.arguments.dropFirst()
    let port = arguments.first.flatMap { UInt16($0) } ?? 8000
    let grace = arguments.dropFirst().first.flatMap { Int($0) } ?? 10
    let logger = Logger(label: "hosted") { StreamLogHandler.standardError(label: $0) }
    let prices = Prices()
    let app = App()
    app.logger = logger
    app.get("/") { _ in "\(prices.version)" }
    app.get("/slow/{milliseconds}") { request in
      usleep(UInt32(try request.parameters.require("milliseconds", as: Int.self)) * 1000)
      logger.notice("the slow request has ended")
      return "slept"
    }
    app.get("/async/{milliseconds}") { request in
      try await Task.sleep(for: .milliseconds(try request.parameters.require("milliseconds", as: Int.self)))
      return "slept"
    }
    app.get("/background/{milliseconds}") { request in
      let time = UInt32(try request.parameters.require("milliseconds", as: Int.self)) * 1000
      try app.background {
        usleep(time)
        logger.notice("the background work has ended")
      }
      return "begun"
    }
    app.get("/fail") { _ -> String in throw Failed() }
    // When part of the body has been sent, it is too late for another answer.
    app.get("/fail/late") { _ in
      Response(
        body: .stream(
          StreamedBody { body in
            try body.write("half of what")
            throw Failed()
          }))
    }

    let http = ApplicationService(
      app, bind: [.tcp(host: "127.0.0.1", port: port)], gracePeriod: .seconds(grace), logger: logger,
      onListening: { logger.notice("listening at \($0)") })
    let group = ServiceGroup(
      services: [Refresher(prices, logger: logger), http], gracefulShutdownSignals: [.sigterm],
      cancellationSignals: [.sigint], logger: logger)
    do {
      try await group.run()
    } catch {
      logger.critical("\(error)")
      exit(1)
    }
  }
}

struct Failed: Error {}
