import Foundation
import Testing

extension AdapterTests {
  /// What a Greenfinch application may rely on when Hummingbird serves it.
  @Suite(.serialized, .timeLimit(.minutes(2))) struct ResponderTests {
    let server: Server
    var port: UInt16 { server.port }

    init() throws { server = try Server("odd") }

    @Test func fiftyBlockingHandlersAtOnceTakeAsLongAsOne() throws {
      let time = try getAtOnce(50, port, "/sleep")
      // One after another they would take 25 s.
      #expect(time >= .milliseconds(500) && time < .seconds(12))
    }

    @Test func asyncHandlersRunOnTheHubsThread() throws {
      let blocking = try get(port, "/threads").text
      let answer = try get(port, "/async").text.split(separator: " ").map(String.init)
      #expect(answer[0] == blocking)
      #expect(answer[1] != "none")
    }

    @Test func theRequestsIDIsKnownToItsCode() throws {
      let client = try Client(port)
      try client.request("GET", "/id", ["X-Request-ID: of-the-client"])
      #expect(try client.answer().text == "of-the-client of-the-client")
      try client.request("GET", "/id")
      let ids = try client.answer().text.split(separator: " ")
      #expect(ids[0] == ids[1] && ids[0].count == 16)
    }

    @Test func fieldsGoBothWays() throws {
      let client = try Client(port)
      try client.request("GET", "/headers?q=a%20b", ["X-Sent: one", "X-Sent: two"])
      let answer = try client.answer()
      #expect(answer.status == 200)
      #expect(answer.text == "/headers?q=a%20b")
      #expect(answer["content-type"] == "text/x-odd")
      #expect(answer.all("set-cookie") == ["a=1; Path=/", "b=2; Path=/"])
      #expect(answer["x-seen"] == "one, two")
      #expect(answer["x-host"] == "test")
      #expect(answer["x-remote"]?.hasPrefix("127.0.0.1:") == true)
      #expect(answer.all("content-length") == ["16"])
      #expect(answer["transfer-encoding"] == nil && answer["connection"] == nil)
      // And the connection goes on.
      try client.request("GET", "/created")
      let empty = try client.answer()
      #expect(empty.status == 201)
      #expect(empty.all("content-length") == ["0"])
    }

    @Test func errorsAreAnsweredAsGreenfinchAnswersThem() throws {
      let broken = try get(port, "/throw")
      #expect(broken.status == 500)
      #expect(broken.text == "Internal Server Error")
      #expect(server.log.contains("GET /throw failed: Broken()"))
      let teapot = try get(port, "/teapot")
      #expect(teapot.status == 418)
      #expect(teapot.text == "short and stout")
      #expect(teapot["allow"] == "BREW")
      #expect(try get(port, "/nowhere").status == 404)
      #expect(try get(port, "/%00x y").status == 400)
    }

    @Test func responsesWithoutContentHaveNone() throws {
      let client = try Client(port)
      try client.request("GET", "/no-content")
      let empty = try client.answer()
      #expect(empty.status == 204 && empty["content-length"] == nil && empty["transfer-encoding"] == nil)
      try client.request("GET", "/not-modified")
      let unchanged = try client.answer()
      #expect(unchanged.status == 304 && unchanged["etag"] == "\"x\"" && unchanged["transfer-encoding"] == nil)
      try client.request("HEAD", "/headers")
      let head = try client.answer(toHead: true)
      #expect(head.status == 200 && head.all("content-length") == ["8"] && head["content-type"] == "text/x-odd")
      try client.request("HEAD", "/head")
      #expect(try client.answer(toHead: true).all("content-length") == ["1234"])
      try client.request("HEAD", "/stated/5/5")
      #expect(try client.answer(toHead: true).all("content-length") == ["5"])
      try client.request("GET", "/stated/5/5")
      let stated = try client.answer()
      #expect(stated.text == "xxxxx" && stated.all("content-length") == ["5"])
      // Nothing of a stream without a length tells its end to HEAD, but the connection's.
      try client.request("HEAD", "/pieces/3")
      let stream = try client.answer(toHead: true)
      #expect(stream.status == 200 && stream["content-length"] == nil && stream["connection"] == "close")
      #expect(try client.isAtEnd())
    }

    @Test func aStreamedBodyIsSentPieceByPiece() throws {
      let client = try Client(port)
      let start = ContinuousClock.now
      try client.request("GET", "/pieces/10")
      let head = try client.head()
      #expect(head["transfer-encoding"] == "chunked" && head["content-type"] == "text/plain")
      #expect(try client.chunk() == Array("0\n".utf8))
      let first = ContinuousClock.now - start
      for index in 1..<10 { #expect(try client.chunk() == Array("\(index)\n".utf8)) }
      #expect(try client.chunk() == nil)
      let last = ContinuousClock.now - start
      #expect(last >= .milliseconds(450) && first < last / 2)
      try client.request("GET", "/created")
      #expect(try client.answer().status == 201)
    }

    @Test func anErrorInAStreamedBodyEndsTheConnectionBeforeItsEnd() throws {
      let client = try Client(port)
      try client.request("GET", "/broken")
      #expect(try client.head().status == 200)
      #expect(throws: EarlyEnd.self) { while try client.chunk() != nil {} }
      #expect(eventually { server.log.contains("/broken failed: Broken()") })
    }

    @Test func aBodyOfAnotherLengthThanStatedEndsTheConnection() throws {
      for (written, sent) in [(50, 50), (200, 100)] {
        let client = try Client(port)
        try client.request("GET", "/stated/100/\(written)")
        if sent < 100 {
          #expect(throws: EarlyEnd(received: sent)) { try client.answer() }
        } else {
          #expect(try client.answer().body.count == 100)
        }
        #expect(try sent < 100 || client.isAtEnd())
        #expect(
          eventually { server.log.contains("the body has \(written == 50 ? 50 : 101) bytes, where 100 were announced") }
        )
      }
    }

    @Test func bodiesAreReadWithALengthAndInChunks() throws {
      let client = try Client(port)
      try client.request("POST", "/count", body: [UInt8](repeating: 1, count: 300_000))
      #expect(try client.answer().text == "300000 300000")
      try client.request("POST", "/count", body: [])
      #expect(try client.answer().text == "0 0")
      try client.request("POST", "/count", ["Transfer-Encoding: chunked"])
      try client.send("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n")
      #expect(try client.answer().text == "11 unknown")
      // What a handler leaves is skipped.
      try client.request("POST", "/ignore", body: [UInt8](repeating: 1, count: 300_000))
      #expect(try client.answer().text == "ignored")
      try client.request("GET", "/id")
      #expect(try client.answer().status == 200)
    }

    @Test func aBodyBeyondTheLimitIsRefused() throws {
      let client = try Client(port)
      try client.request("POST", "/count", ["Content-Length: 100000000"])
      #expect(try client.answer().status == 413)
    }

    @Test func aStreamedAnswerMayReadItsRequestMeanwhile() throws {
      let client = try Client(port)
      try client.request("POST", "/echo", ["Transfer-Encoding: chunked"])
      #expect(try client.head().status == 200)
      for piece in ["first", "second"] {
        try client.send("\(String(piece.utf8.count, radix: 16))\r\n\(piece)\r\n")
        #expect(try client.chunk() == Array(piece.utf8))
      }
      try client.send("0\r\n\r\n")
      #expect(try client.chunk() == nil)
      try client.request("GET", "/created")
      #expect(try client.answer().status == 201)
    }

    @Test func aHandlerThatReadsSlowlyKeepsItsClientWaiting() throws {
      let count = 20 << 20
      let (before, client, progress) = (server.peakMemory, try Client(port), try Client(port))
      try client.request("POST", "/slowly", ["Content-Length: \(count)"])
      let piece = [UInt8](repeating: 1, count: 1 << 16)
      var most = 0
      for index in 1...(count / piece.count) {
        try client.send(piece)
        if index % 16 == 0 {
          try progress.request("GET", "/bytes-read")
          most = max(most, index * piece.count - Int(try progress.answer().text)!)
        }
      }
      #expect(try client.answer().text == "\(count)")
      // The kernel's buffers of both ends hold some megabytes; nearly all of the rest was read before it was sent.
      #expect(most < 12 << 20, "bytes that were sent and not read")
      #expect(server.peakMemory - before < 8 << 20)
    }

    @Test func aBodyThatStopsHalfwayIsTimedOut() throws {
      let client = try Client(port)
      try client.request("POST", "/count", ["Content-Length: 10"])
      try client.send("half")
      #expect(try client.answer().status == 408)
    }

    @Test func aClientThatDoesNotReadEndsTheBody() throws {
      // What the first streamed body loads is there before.
      _ = try get(port, "/pieces/1")
      let (client, before) = (try Client(port), server.peakMemory)
      try client.request("GET", "/endless")
      // After its deadline of two seconds.
      #expect(try eventually { try get(port, "/ended").text.contains("endless") })
      #expect(Int(try get(port, "/bytes-read").text)! < 16 << 20)
      let grown = server.peakMemory - before
      #expect(grown < 8 << 20)
    }

    @Test func aClientThatGoesCancelsItsHandler() throws {
      let client = try Client(port)
      try client.request("GET", "/wait")
      usleep(200_000)
      #expect(try get(port, "/ended").text == "")
      client.socket.close()
      #expect(try eventually { try get(port, "/ended").text == "wait-cancelled" })
    }

    @Test func aTaskThatIsCancelledCancelsItsHandler() throws {
      let client = try Client(port)
      try client.request("GET", "/wait", ["X-Patience-Milliseconds: 100"])
      // sleep(3) tells it by ending early.
      #expect(try client.answer().text == "waited")
      #expect(try get(port, "/ended").text == "wait-cancelled")
    }

    @Test func aClientThatGoesAtOnceCancelsItsHandlerToo() throws {
      for _ in 0..<20 {
        let client = try Client(port)
        try client.request("GET", "/wait")
        client.socket.close()
      }
      let all = [String](repeating: "wait-cancelled", count: 20).joined(separator: " ")
      #expect(try eventually { try get(port, "/ended").text == all })
    }

    @Test func aClientThatGoesCancelsTheBodyItWasSent() throws {
      let client = try Client(port)
      try client.request("GET", "/drip")
      _ = try client.head()
      #expect(try client.chunk() == Array("drop".utf8))
      client.socket.close()
      #expect(try eventually { try get(port, "/ended").text == "drip-cancelled" })
    }

    @Test func aReaderThatOutlivesItsHandlerIsEndedAndHarmsNobody() throws {
      let client = try Client(port)
      try client.request("POST", "/outlived", ["Content-Length: 10"])
      #expect(try client.answer().text == "early")
      #expect(try eventually { try get(port, "/ended").text == "outlived-error" })
      #expect(try get(port, "/created").status == 201)
    }

    @Test func theServerStopsWhenItIsAsked() throws {
      let client = try Client(port)
      try client.request("GET", "/sleep")
      usleep(100_000)
      kill(server.process.pid, SIGTERM)
      #expect(try client.answer().text == "slept")
      #expect(server.process.end(SIGTERM) == 0)
    }
  }
}
