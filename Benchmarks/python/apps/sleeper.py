import time

# The first request of a worker, which is not one of those that are counted, is answered at once.
is_first = True


def app(environ, start_response):
    global is_first
    if is_first:
        is_first = False
    else:
        time.sleep(float(environ["QUERY_STRING"] or 0))
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "12")])
    return [b"Hello World!"]
