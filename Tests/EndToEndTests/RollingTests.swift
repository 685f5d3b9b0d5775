import Foundation
import SuiteSupport
import TestSupport
import Testing

/// Two servers after a proxy, of which one after the other is stopped by TERM and started again.
@Suite(.serialized, .bounded) struct RollingTests {
  private func restart(_ arguments: [String], of name: String, _ makeProxy: (UInt16, UInt16) throws -> Proxy) throws {
    var servers = try [Server(arguments + ["-w", "2"]), Server(arguments + ["-w", "2"])]
    let proxy = try makeProxy(servers[0].port, servers[1].port)
    let load = Load(on: proxy.port)
    for round in 0..<4 {
      let index = round % 2
      let other = servers[1 - index].workers
      try servers[index].waitUntil("answers of both") {
        load.answering.isSuperset(of: servers[index].workers + other)
      }
      #expect(servers[index].stop() == 0)
      servers[index] = try Server(arguments + ["-w", "2"], port: servers[index].port)
    }
    // And workers by themselves.
    for server in servers {
      let worker = server.workers[0]
      kill(worker, SIGTERM)
      try server.waitUntil("its successor") {
        server.workers.count == 2 && !server.workers.contains(worker)
      }
    }
    let outcome = load.stop()
    print("rolling TERM after \(name), \(arguments.joined(separator: " ")): \(outcome.summary)")
    #expect(outcome.failures == [], "\(servers[0].log)\(servers[1].log)")
    for server in servers { #expect(server.stop() == 0) }
  }

  @Test(.enabled(if: Proxy.has("nginx")), arguments: severalAtOnce)
  func noRequestFailsAfterNginx(_ arguments: [String]) throws {
    try restart(arguments, of: "nginx") {
      try .nginx(to: "127.0.0.1:\($0) max_fails=0; server 127.0.0.1:\($1) max_fails=0")
    }
  }

  @Test(.enabled(if: Proxy.has("haproxy")), arguments: severalAtOnce)
  func noRequestFailsAfterHAProxy(_ arguments: [String]) throws {
    try restart(arguments, of: "HAProxy") { try .haproxy(to: $0, and: $1, bytesTo: $0) }
  }
}
