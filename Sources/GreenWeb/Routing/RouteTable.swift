internal import HTTPTypes

/// All routes as a trie over the segments of paths, laid out flat: matching follows indices and compares bytes, and
/// makes no string and touches no reference count on the way.
final class RouteTable: @unchecked Sendable {
  // Unsafe: the arrays are filled by init and never changed again, so that any thread may read them.

  /// A place in the trie. Indices are -1 where there is nothing.
  struct Node {
    var firstEdge: Int32 = 0
    var edgeCount: Int32 = 0
    var parameter: Int32 = -1
    /// The endpoint that takes all that is left.
    var rest: Int32 = -1
    /// The endpoint of a path that ends here.
    var endpoint: Int32 = -1
  }

  /// A literal segment that leads from a node to another. A node's edges are ordered by length, then bytes.
  struct Edge {
    var text: Int32
    var length: Int32
    var node: Int32
  }

  let nodes: UnsafeMutableBufferPointer<Node>
  let edges: UnsafeMutableBufferPointer<Edge>
  /// The bytes of all literal segments.
  let text: UnsafeMutableRawBufferPointer
  /// The methods of each endpoint, as bits.
  let methods: UnsafeMutableBufferPointer<UInt16>
  /// Of each endpoint the methods for which the parameters must be looked at, as bits.
  let checked: UnsafeMutableBufferPointer<UInt16>
  let endpoints: [Endpoint]
  /// The endpoints of the paths that are written out.
  let literals: LiteralPaths
  /// The routes whose paths are written out, and on whose way nothing lies, which `endpoints` holds: by endpoint, and by
  /// `KnownMethod` in the low bits.
  let plain: UnsafeMutableBufferPointer<Unmanaged<RoutePipeline>?>

  /// As many bits as tell the known methods apart.
  static var methodBits: Int { 4 }

  /// - Parameter isBare: whether the application has no middleware, which would lie on the way of every request.
  init(_ entries: [(entry: RouteEntry, pipeline: RoutePipeline)], isBare: Bool) {
    var builder = Builder()
    for (entry, pipeline) in entries {
      builder.root.add((entry.method, pipeline), entry.pattern.segments[...])
    }
    builder.lay(builder.root, at: [])
    nodes = .allocate(capacity: builder.nodes.count)
    _ = nodes.initialize(from: builder.nodes)
    edges = .allocate(capacity: builder.edges.count)
    _ = edges.initialize(from: builder.edges)
    text = .allocate(byteCount: builder.text.count, alignment: 1)
    text.copyBytes(from: builder.text)
    methods = .allocate(capacity: builder.endpoints.count)
    _ = methods.initialize(from: builder.endpoints.map(\.methods))
    checked = .allocate(capacity: builder.endpoints.count)
    _ = checked.initialize(from: builder.endpoints.map(\.checked))
    endpoints = builder.endpoints
    literals = LiteralPaths(builder.written)
    plain = .allocate(capacity: endpoints.count << Self.methodBits)
    plain.initialize(repeating: nil)
    guard isBare else { return }
    for (index, endpoint) in endpoints.enumerated() {
      for (method, route) in endpoint.plainRoutes.enumerated() {
        plain[index << Self.methodBits | method] = route.map(Unmanaged.passUnretained)
      }
    }
  }

  deinit {
    nodes.deallocate()
    edges.deallocate()
    text.deallocate()
    methods.deallocate()
    checked.deallocate()
    plain.deallocate()
    literals.deallocate()
  }
}

/// The trie while it is made.
private final class Branch {
  typealias Entry = (method: HTTPRequest.Method, pipeline: RoutePipeline)

  var literals: [[UInt8]: Branch] = [:]
  var parameter: Branch?
  var rest: [Entry] = []
  var routes: [Entry] = []

  func add(_ route: Entry, _ segments: ArraySlice<RoutePattern.Segment>) {
    let left = segments.dropFirst()
    switch segments.first {
    case nil: routes.append(route)
    case .rest: rest.append(route)
    case .literal(let bytes):
      let branch = literals[bytes] ?? Branch()
      literals[bytes] = branch
      branch.add(route, left)
    case .parameter:
      let branch = parameter ?? Branch()
      parameter = branch
      branch.add(route, left)
    }
  }
}

private struct Builder {
  var root = Branch()
  var nodes: [RouteTable.Node] = []
  var edges: [RouteTable.Edge] = []
  var text: [UInt8] = []
  var endpoints: [Endpoint] = []
  /// The paths that are written out.
  var written: [(path: [UInt8], endpoint: Int32)] = []

  /// Lays a branch out after what there is, and returns its index.
  ///
  /// - Parameter path: the way to it, where that is written out.
  @discardableResult
  mutating func lay(_ branch: Branch, at path: [UInt8]?) -> Int32 {
    let index = nodes.count
    nodes.append(RouteTable.Node())
    let literals = branch.literals.keys.sorted { left, right in
      left.count != right.count ? left.count < right.count : left.lexicographicallyPrecedes(right)
    }
    // A node's edges lie together: room is made for all before the branches they lead to lay out theirs.
    let first = edges.count
    nodes[index].firstEdge = Int32(first)
    nodes[index].edgeCount = Int32(literals.count)
    for literal in literals {
      edges.append(RouteTable.Edge(text: Int32(text.count), length: Int32(literal.count), node: -1))
      text += literal
    }
    for (offset, literal) in literals.enumerated() {
      guard let child = branch.literals[literal] else { continue }
      // What has an escape in it is not sent as it is written here.
      let isSentSo = !literal.contains(UInt8(ascii: "%"))
      edges[first + offset].node = lay(child, at: isSentSo ? path.map { $0 + [UInt8(ascii: "/")] + literal } : nil)
    }
    if let parameter = branch.parameter { nodes[index].parameter = lay(parameter, at: nil) }
    nodes[index].rest = endpoint(branch.rest)
    nodes[index].endpoint = endpoint(branch.routes)
    if let path, nodes[index].endpoint >= 0 { written.append((path, nodes[index].endpoint)) }
    return Int32(index)
  }

  private mutating func endpoint(_ routes: [Branch.Entry]) -> Int32 {
    if routes.isEmpty { return -1 }
    endpoints.append(Endpoint(routes))
    return Int32(endpoints.count - 1)
  }
}
