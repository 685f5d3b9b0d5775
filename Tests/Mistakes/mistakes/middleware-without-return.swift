// missing return in closure expected to return 'Response'
import Greenfinch

func routes(_ app: App) {
  app.use { request, next in
    let response = try next(request)
    print(response.status)
  }
}
