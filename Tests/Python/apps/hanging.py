"""An application that keeps the thread, with Python's lock held."""


def app(environ, start_response):
    while environ["PATH_INFO"] == "/hang":
        pass
    start_response("200 OK", [])
    return [b"here"]
