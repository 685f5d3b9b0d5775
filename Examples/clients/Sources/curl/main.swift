import CCurl
import Connections
import Greenfinch

// libcurl's easy interface. A handle, a connection and, for HTTPS, a handshake for each request.
//
// BACKEND_URL=https://127.0.0.1:8443/ BACKEND_CA=certificate.pem swift run curl -k green --worker-connections 200

/// The body of the page.
func fetch(_ url: String, certificates: String) throws -> String {
  guard let curl = curl_easy_init() else { throw ConnectionError("out of memory") }
  defer { curl_easy_cleanup(curl) }
  _ = curl_set_text(curl, CURLOPT_URL, url)
  // Its timeouts shall not be signals: those belong to the process.
  _ = curl_set_long(curl, CURLOPT_NOSIGNAL, 1)
  _ = curl_set_long(curl, CURLOPT_TIMEOUT, 20)
  if !certificates.isEmpty { _ = curl_set_text(curl, CURLOPT_CAINFO, certificates) }
  var body: [UInt8] = []
  let code = withUnsafeMutablePointer(to: &body) { body in
    _ = curl_set_writer(
      curl,
      { bytes, size, count, body in
        let part = UnsafeRawBufferPointer(start: bytes, count: size * count)
        body!.assumingMemoryBound(to: [UInt8].self).pointee += part
        return size * count
      }, body)
    return curl_easy_perform(curl)
  }
  guard code == CURLE_OK else { throw ConnectionError(curl_easy_strerror(code)) }
  guard curl_status(curl) == 200 else { throw ConnectionError("\(url) answered \(curl_status(curl))") }
  return String(decoding: body, as: UTF8.self)
}

let url = setting("BACKEND_URL", default: "http://127.0.0.1:8080/")
let certificates = setting("BACKEND_CA", default: "")
let app = App()

app.onWorkerStart { curl_global_init(Int(CURL_GLOBAL_ALL)) }
app.get("/") { _ in try fetch(url, certificates: certificates) }

app.run()
