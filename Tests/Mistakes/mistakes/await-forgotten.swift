// 'async' call in a function that does not support concurrency
import Greenfinch

func routes(_ app: App) {
  app.get("/") { _ in
    let text = try fetch()
    return text
  }
}
