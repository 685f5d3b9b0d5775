"""An application whose requests run CPython's own tests: /test.test_threading answers what came of them."""

import json

from gathering import outcome


def app(environ, start_response):
    name = environ["PATH_INFO"].strip("/")
    body = json.dumps(outcome(name) if name else {}).encode()
    start_response("200 OK", [("Content-Type", "application/json")])
    return [body]
