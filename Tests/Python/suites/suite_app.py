"""An application whose requests run somebody else's tests: /redis-py answers what came of them."""

import json
import os

from running import outcome
from suites import SUITES


def app(environ, start_response):
    name = environ["PATH_INFO"].strip("/")
    body = json.dumps(outcome(SUITES[name], os.environ["SUITE_FOLDER"]) if name else {}).encode()
    start_response("200 OK", [("Content-Type", "application/json")])
    return [body]
