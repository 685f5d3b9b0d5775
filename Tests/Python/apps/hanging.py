"""An application that keeps the thread, with Python's lock held."""


def app(environ, start_response):
    if environ["PATH_INFO"] == "/streams":
        return streams(start_response)
    while environ["PATH_INFO"] == "/hang":
        pass
    start_response("200 OK", [])
    return [b"here"]


def streams(start_response):
    start_response("200 OK", [])
    yield b"first"
    while True:
        pass
