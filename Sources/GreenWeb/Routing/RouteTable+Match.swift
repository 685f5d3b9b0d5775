internal import Glibc
internal import GreenHTTP

extension RouteTable {
  /// The endpoint for a path that serves one method; -1 when there is none.
  ///
  /// At each segment a literal goes before a parameter, and that before the rest of the path. Where the better choice
  /// leads nowhere the next is tried; as the trie is a tree, no node is visited twice.
  @inline(__always)
  func match(_ path: UnsafeRawBufferPointer, _ method: KnownMethod) -> Int32 {
    guard let base = UnsafeRawPointer(path.baseAddress), path.first == 0x2f else { return -1 }
    let wanted = method.bit
    return find(0, base, 1, path.count) { endpoint in
      if self.methods[Int(endpoint)] & wanted == 0 { return false }
      return self.checked[Int(endpoint)] & wanted == 0 || self.accepts(endpoint, path, method)
    }
  }

  /// Whether one of the routes of a method takes the parameters of a path. Which one of the methods that are not known is asked
  /// for is looked at later.
  @inline(never)
  private func accepts(_ endpoint: Int32, _ path: UnsafeRawBufferPointer, _ method: KnownMethod) -> Bool {
    let endpoint = endpoints[Int(endpoint)]
    if method == .other { return endpoint.others.values.contains { $0.contains { $0.accepts(path) } } }
    return endpoint.routes[Int(method.rawValue)].contains { $0.accepts(path) }
  }

  /// Calls `body` with every endpoint that a path matches, whatever its methods.
  func forEachMatch(_ path: UnsafeRawBufferPointer, _ body: (Endpoint) -> Void) {
    guard let base = UnsafeRawPointer(path.baseAddress), path.first == 0x2f else { return }
    _ = find(0, base, 1, path.count) {
      body(endpoints[Int($0)])
      return false
    }
  }

  /// The first acceptable endpoint below `node` for the segments from `start` on.
  private func find(
    _ node: Int32, _ base: UnsafeRawPointer, _ start: Int, _ count: Int, _ accept: (Int32) -> Bool
  ) -> Int32 {
    let end = memchr(base + start, 0x2f, count - start).map { UnsafeRawPointer($0) - base } ?? count
    let place = nodes[Int(node)]
    func follow(_ next: Int32) -> Int32 {
      if end < count { return find(next, base, end + 1, count, accept) }
      let endpoint = nodes[Int(next)].endpoint
      return endpoint >= 0 && accept(endpoint) ? endpoint : -1
    }

    if place.edgeCount > 0 {
      let next = literal(place, UnsafeRawBufferPointer(start: base + start, count: end - start))
      if next >= 0 {
        let found = follow(next)
        if found >= 0 { return found }
      }
    }
    if place.parameter >= 0 && end > start {
      let found = follow(place.parameter)
      if found >= 0 { return found }
    }
    return place.rest >= 0 && start < count && accept(place.rest) ? place.rest : -1
  }

  /// The node that a literal segment leads to; -1 when there is none.
  @inline(__always)
  private func literal(_ place: Node, _ segment: UnsafeRawBufferPointer) -> Int32 {
    if memchr(segment.baseAddress!, 0x25, segment.count) != nil { return encodedLiteral(place, segment) }
    return edge(place, segment)
  }

  @inline(never)
  private func encodedLiteral(_ place: Node, _ segment: UnsafeRawBufferPointer) -> Int32 {
    guard var decoded = PercentEncoding.decoded(segment) else { return -1 }
    return decoded.withUTF8 { edge(place, UnsafeRawBufferPointer($0)) }
  }

  /// Searches a node's edges by halves.
  private func edge(_ place: Node, _ segment: UnsafeRawBufferPointer) -> Int32 {
    var low = Int(place.firstEdge)
    var high = low + Int(place.edgeCount)
    while low < high {
      let middle = (low + high) / 2
      let edge = edges[middle]
      var order = Int(edge.length) - segment.count
      if order == 0 {
        guard segment.count > 0, let bytes = segment.baseAddress, let text = text.baseAddress else { return edge.node }
        order = Int(memcmp(text + Int(edge.text), bytes, segment.count))
        if order == 0 { return edge.node }
      }
      if order < 0 { low = middle + 1 } else { high = middle }
    }
    return -1
  }
}
