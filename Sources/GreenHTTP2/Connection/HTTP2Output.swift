internal import Green

/// What is on its way to the client, and who sends it.
final class HTTP2Output {
  /// Bytes that are being sent: whole frames.
  var bytes: [UInt8] = []
  /// Whether a fiber sends.
  var isSending = false
  var sender: Fiber<Void>?
  /// Whether there is something that the client has not been sent yet.
  var isUnderWay: Bool { isSending || !bytes.isEmpty }
  /// Whether what is submitted now will be sent by whoever called.
  var isHeldBack = false
  /// Whether nothing can be sent any more.
  var isBroken = false

  /// How much is put together before it is sent.
  static var batch: Int { 65_536 }

  /// Parks until nobody sends, whatever happens to the calling fiber: another's connection must not end in a frame.
  func waitForSender() {
    while let sender, isSending {
      withShield { do { try sender.join() } catch { Fiber.yield() } }
    }
  }
}
