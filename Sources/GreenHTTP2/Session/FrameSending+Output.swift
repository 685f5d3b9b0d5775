internal import Green
internal import GreenHTTP

extension FrameSending {
  /// Something has been submitted: sees to it that it is sent.
  func submitted() {
    guard !output.isHeldBack && !output.isSending && !output.isBroken && session.wantsOutput else { return }
    startSending()
  }

  /// Sends what there is, as far as that needs no wait; a fiber sends the rest.
  func sendWhatIsThere() {
    guard !output.isSending && !output.isBroken else { return }
    gather()
    if output.bytes.isEmpty { return }
    do {
      let count = try output.bytes.withUnsafeBytes { try stream.sendWithoutWaiting($0) }
      output.bytes.removeFirst(count)
      if output.bytes.isEmpty && !session.wantsOutput { return }
    } catch {
      return breakDown()
    }
    startSending()
  }

  /// Sends the last of it, such as why the connection ends.
  func finishOutput() {
    output.waitForSender()
    if output.isBroken { return }
    gather()
    send()
  }

  /// Has another fiber send, without the deadlines and the cancellation of the one that calls: half a frame would be the end
  /// of the connection.
  private func startSending() {
    guard let hub = Hub.current else { return }
    output.isSending = true
    do {
      output.sender = try Fiber<Void>.spawnAlone(on: hub, name: "HTTP/2 send") {
        self.sendAll()
        (self.output.isSending, self.output.sender) = (false, nil)
      }
    } catch {
      output.isSending = false
      breakDown()
    }
  }

  private func sendAll() {
    send()
    while !output.isBroken {
      gather()
      if output.bytes.isEmpty { return }
      send()
    }
  }

  private func send() {
    if output.bytes.isEmpty { return }
    do {
      try output.bytes.withUnsafeBytes { try stream.send($0, pace: sendPace) }
      output.bytes.removeAll(keepingCapacity: true)
    } catch {
      breakDown()
    }
  }

  /// Takes from nghttp2 what can be sent now.
  private func gather() {
    while output.bytes.count < HTTP2Output.batch, let bytes = session.nextOutput() { output.bytes += bytes }
  }

  private func breakDown() {
    output.isBroken = true
    output.bytes = []
    broke()
  }
}
