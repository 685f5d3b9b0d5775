internal import GreenHTTP

/// The header of the PROXY protocol: the same outcome as soon as it can be known, whatever follows.
enum ProxyFuzzing {
  static func complaint(_ bytes: [UInt8]) -> String? {
    for spoken in ProxyProtocol.allCases {
      let whole = outcome(bytes, spoken)
      for count in bytes.indices.prefix(300) {
        let early = outcome(Array(bytes[..<count]), spoken)
        if early != "incomplete" && early != whole { return "\(count) bytes: \(early)\nall: \(whole)" }
      }
    }
    return nil
  }

  private static func outcome(_ bytes: [UInt8], _ spoken: ProxyProtocol) -> String {
    switch bytes.withUnsafeBytes({ ProxyHeader.parse($0, speaking: spoken) }) {
    case .incomplete: "incomplete"
    case .bad(let fault): "\(fault)"
    case .complete(let length, let header):
      "\(length) \(header.addresses.map { "\($0.source) \($0.destination)" } ?? "none")"
    }
  }
}
