internal import Servers

extension Trial {
  public static let postgres = Trial(
    client: "libpq", wait: "`PQexec`: `pg_sleep(0.5)` of PostgreSQL", program: "postgres", path: "/", answer: "42",
    startService: Service.postgres)
  public static let mariadb = Trial(
    client: "MariaDB Connector/C", wait: "`mysql_query`: `SLEEP(0.5)` of MariaDB", program: "mariadb", path: "/",
    answer: "42", startService: Service.mariadb)
  public static let redis = Trial(
    client: "hiredis", wait: "`redisCommand`: `BLPOP` of Redis", program: "redis", path: "/", answer: "nothing",
    startService: Service.redis)
  public static let curl = Trial(
    client: "libcurl", wait: "`curl_easy_perform`, HTTP", program: "curl", path: "/", answer: "done",
    startService: { try Service.http() })
  public static let curlByName = Trial(
    client: "libcurl", wait: "`curl_easy_perform`, HTTP, by name", program: "curl", path: "/", answer: "done",
    startService: { try Service.http(host: "localhost") })
  public static let curlTLS = Trial(
    client: "libcurl with OpenSSL", wait: "`curl_easy_perform`, HTTPS", program: "curl", path: "/", answer: "done",
    startService: { try Service.https() })
  public static let openssl = Trial(
    client: "OpenSSL", wait: "`SSL_read` on a blocking socket", program: "openssl", path: "/", answer: "done",
    startService: { try Service.https() })
  public static let ssh = Trial(
    client: "libssh2", wait: "`libssh2_channel_read`: `sleep 0.5` run by OpenSSH", program: "ssh", path: "/",
    answer: "done", startService: Service.ssh)
  public static let foundationSleep = Trial(
    client: "Foundation", wait: "`Thread.sleep`", program: "foundation", path: "/sleep", answer: "done",
    startService: { Service() })
  public static let foundationPipe = Trial(
    client: "Foundation", wait: "`FileHandle.readToEnd` on a pipe", program: "foundation", path: "/pipe",
    answer: "0 bytes",
    hasThreads: true, startService: { Service() })
  public static let foundationProcess = Trial(
    client: "Foundation", wait: "`Process.terminationHandler` and an `Event`", program: "foundation", path: "/process",
    answer: "status 0", hasThreads: true, startService: { Service() })
  public static let foundationURL = Trial(
    client: "Foundation", wait: "`Data(contentsOf:)` of a URL", program: "foundation", path: "/url", answer: "done",
    hasThreads: true, startService: { try Service.http() })
  public static let pythonSleep = Trial(
    client: "CPython 3.11, embedded", wait: "`time.sleep`", program: "python", path: "/sleep", answer: "done",
    startService: { Service() })
  public static let pythonPage = Trial(
    client: "CPython 3.11, embedded", wait: "`urllib.request.urlopen`, HTTP", program: "python", path: "/page",
    answer: "done", startService: { try Service.http() })

  public static let all = [
    postgres, mariadb, redis, curl, curlByName, curlTLS, openssl, ssh, foundationSleep, foundationPipe,
    foundationProcess, foundationURL, pythonSleep, pythonPage,
  ]
}
