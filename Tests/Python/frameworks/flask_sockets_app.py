"""WebSockets of WSGI: by flask-sock, and by Flask-SocketIO, which runs in threads."""

import time

from flask import Flask
from flask_socketio import SocketIO, emit
from flask_sock import Sock

app = Flask(__name__)
sock = Sock(app)
socketio = SocketIO(app, async_mode="threading")


@app.route("/")
def index():
    return "Hello"


@sock.route("/echo")
def echo(connection):
    while True:
        data = connection.receive()
        if data == "slow":
            time.sleep(0.3)
        connection.send(data)


@socketio.on("echo")
def answer(data):
    time.sleep(0.05)
    emit("echo", data.upper())
