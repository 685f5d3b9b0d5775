from time import sleep

from flask import Flask

app = Flask(__name__)


@app.route("/")
def hello():
    sleep(0.5)  # a rough stand-in for waiting on a database
    return "Hello World!\n"
