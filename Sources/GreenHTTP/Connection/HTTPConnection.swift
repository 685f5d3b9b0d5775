/// One connection that speaks HTTP/1.1.
public final class HTTPConnection {
  let stream: any ByteStream
  public init(
    stream: any ByteStream, application: any Application, configuration: HTTPConfiguration = HTTPConfiguration(),
    observer: (any HTTPConnectionObserver)? = nil
  ) { self.stream = stream }
  public func serve() {}
  func receiveBody(of storage: RequestStorage, into buffer: UnsafeMutableRawBufferPointer) throws -> Int { 0 }
}
