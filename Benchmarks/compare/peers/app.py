"""The article's program as Flask has it, for gunicorn: the same routes as the example `hello`."""

import time

from flask import Flask

app = Flask(__name__)


@app.get("/")
def index():
    time.sleep(0.5)  # a rough stand-in for waiting on a database
    return "Hello World!"


@app.get("/plain")
def plain():
    return "Hello World!", 200, {"Content-Type": "text/plain; charset=utf-8"}
