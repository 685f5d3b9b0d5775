/// How the two sides come to an agreement on compression (RFC 7692, 7.1).
enum CompressionAgreement {
  static let name = "permessage-deflate"

  /// The server's choice among what a client offers: the first offer that can be met, and the value to answer with; `nil`
  /// when there is none, which is not an error.
  static func answer(
    _ offers: String, _ compression: WebSocketCompression
  ) -> (agreed: AgreedCompression, field: String)? {
    for offer in ExtensionOffer.list(offers) where offer.name == name {
      guard let wanted = Parameters(offer, isOffer: true) else { continue }
      let agreed = AgreedCompression(
        compression: compression,
        sendsWithContext: compression.keepsContext && !wanted.serverWithoutContext,
        receivesWithContext: compression.keepsContext && !wanted.clientWithoutContext,
        sendWindow: wanted.serverWindow ?? 15)
      var field = name
      if !agreed.sendsWithContext { field += "; server_no_context_takeover" }
      // A server may ask for this whether or not it was offered (7.1.1.2).
      if !agreed.receivesWithContext { field += "; client_no_context_takeover" }
      if let window = wanted.serverWindow { field += "; server_max_window_bits=\(window)" }
      return (agreed, field)
    }
    return nil
  }

  /// What a client offers.
  static func offer(_ compression: WebSocketCompression) -> String {
    compression.keepsContext
      ? "\(name); client_max_window_bits" : "\(name); server_no_context_takeover; client_no_context_takeover"
  }

  /// What a client makes of the server's answer to ``offer(_:)``; `nil` for one that does not go with it, by which the
  /// handshake fails (7.1).
  static func accept(_ answer: String, _ compression: WebSocketCompression) -> AgreedCompression? {
    let offers = ExtensionOffer.list(answer)
    guard offers.count == 1, offers[0].name == name, let given = Parameters(offers[0], isOffer: false) else {
      return nil
    }
    if given.clientWindow != nil && !compression.keepsContext { return nil }
    if !compression.keepsContext && !given.serverWithoutContext { return nil }
    return AgreedCompression(
      compression: compression,
      sendsWithContext: compression.keepsContext && !given.clientWithoutContext,
      receivesWithContext: compression.keepsContext && !given.serverWithoutContext,
      sendWindow: given.clientWindow ?? 15, receiveWindow: given.serverWindow ?? 15)
  }

  /// The four parameters (7.1); nothing where one is unknown, stands twice or has a wrong value, or zlib cannot do it.
  struct Parameters {
    var serverWithoutContext = false
    var clientWithoutContext = false
    var serverWindow: Int?
    var clientWindow: Int?

    init?(_ element: ExtensionOffer, isOffer: Bool) {
      var seen: Set<String> = []
      for (name, value) in element.parameters {
        guard seen.insert(name).inserted else { return nil }
        switch (name, value) {
        case ("server_no_context_takeover", nil): serverWithoutContext = true
        case ("client_no_context_takeover", nil): clientWithoutContext = true
        case ("server_max_window_bits", let value?):
          guard let bits = Self.bits(value) else { return nil }
          // zlib has no raw deflate with a window of 256 bytes; it can read one.
          if isOffer && bits == 8 { return nil }
          serverWindow = max(9, bits)
        case ("client_max_window_bits", nil): if !isOffer { return nil }
        case ("client_max_window_bits", let value?):
          guard let bits = Self.bits(value) else { return nil }
          if !isOffer && bits == 8 { return nil }
          clientWindow = bits
        default: return nil
        }
      }
    }

    /// 8 to 15, without leading zeros.
    private static func bits(_ text: String) -> Int? {
      guard let bits = Int(text), (8...15).contains(bits), String(bits) == text else { return nil }
      return bits
    }
  }
}
