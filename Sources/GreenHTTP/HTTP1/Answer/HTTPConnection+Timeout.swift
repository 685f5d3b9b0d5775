internal import Green

extension HTTPConnection {
  /// As ``answer(_:)`` for a request that may take so long and no longer. False when the connection ends with it.
  ///
  /// The deadline is that of a scope of its own, so that the fiber goes on with the connection afterwards. What a handler
  /// answers in spite of it is not sent: a call of C's that was cut short may have been taken for one that was not.
  @inline(never)
  func answerInTime(_ request: Request, began: Deadline) -> Bool {
    let start = Deadline.now
    let deadline = start.advanced(by: .nanoseconds(requestNanoseconds))
    var isTold = false
    let tell = { [self] in
      if !isTold {
        observer?.requestTimedOut(request, after: .nanoseconds(Deadline.now.nanoseconds - start.nanoseconds))
      }
      isTold = true
    }
    exchange.pointee.isHandled = true
    // What the application throws, it answers itself.
    var response = inTime(deadline) { application.answerBound(request) { observer?.requestFailed(request, $0) } }
    exchange.pointee.isHandled = false
    if deadline.hasPassed {
      tell()
      if Fiber.current != nil {
        response = application.answerBound(request, refusedWith: .tookTooLong) { observer?.requestFailed(request, $0) }
        return conclude(request, response, began: began)
      }
    }
    if let upgrade = response.upgrade { return answer(request, upgradingWith: response, upgrade, began: began) }
    let goesOn = inTime(deadline) { conclude(request, response, began: began) }
    if deadline.hasPassed { tell() }
    return goesOn
  }
}
