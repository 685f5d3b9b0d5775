// mutation of captured var 'hits' in concurrently-executing code
import Greenfinch

func routes(_ app: App) {
  var hits = 0
  app.get("/") { _ in
    hits += 1
    return "x"
  }
}
