/// The request in progress as HTTP/1 has it: how far its head has been parsed, and how far its body has been received.
struct Exchange: ~Copyable {
  var parser = HeadParser()
  /// The length of the head, once it is whole: empty lines before it included.
  var headLength = 0
  var body = IncomingBody()
  /// Whether its handler runs: then nothing of the answer has been sent.
  var isHandled = false
  /// The body, where it is chunked.
  var chunks: ChunkedBody?
  /// Whether it is the connection's first.
  var isFirst = true
}
