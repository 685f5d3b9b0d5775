"""A client for WebSockets, as plain as a test needs it."""

import base64
import os
import socket
import struct


class WebSocket:
    """A connection to ``path`` of a server at a port of the loopback device. Refused: ``status`` is not 101."""

    def __init__(self, port, path, protocols=(), timeout=60, extensions=None):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout)
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            "GET %s HTTP/1.1" % path, "Host: localhost", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Key: " + key, "Sec-WebSocket-Version: 13",
        ]
        if protocols:
            lines.append("Sec-WebSocket-Protocol: " + ", ".join(protocols))
        if extensions:
            lines.append("Sec-WebSocket-Extensions: " + extensions)
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())
        self._file = self.socket.makefile("rb")
        self.status = int(self._file.readline().split()[1])
        self.fields = {}
        while True:
            line = self._file.readline().decode("latin-1").strip()
            if not line:
                break
            name, _, value = line.partition(":")
            self.fields[name.strip().lower()] = value.strip()

    def body(self):
        """Of a refusal."""
        return self._file.read(int(self.fields.get("content-length", 0)))

    def send(self, data, opcode=None, is_compressed=False):
        """Text or bytes, as one masked frame. ``is_compressed``: the bytes are, by an extension."""
        opcode = opcode if opcode is not None else 1 if isinstance(data, str) else 2
        data = data.encode() if isinstance(data, str) else data
        length = bytes([len(data) | 0x80]) if len(data) < 126 else b"\xfe" + struct.pack("!H", len(data))
        if len(data) > 65535:
            length = b"\xff" + struct.pack("!Q", len(data))
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(data)) if len(data) < 10000 else data
        self.socket.sendall(bytes([0x80 | 0x40 * is_compressed | opcode]) + length + (mask if len(data) < 10000 else b"\0\0\0\0") + masked)

    def receive(self):
        """The next message: text, bytes, or ``(code, reason)`` where the server closes. Pings are left unanswered."""
        while True:
            head = self._file.read(2)
            if len(head) < 2:
                return 1006, ""
            length = head[1] & 0x7F
            if length == 126:
                length = struct.unpack("!H", self._file.read(2))[0]
            elif length == 127:
                length = struct.unpack("!Q", self._file.read(8))[0]
            data = self._file.read(length)
            opcode = head[0] & 0x0F
            if opcode == 1:
                return data.decode()
            if opcode == 2:
                return data
            if opcode == 8:
                return (struct.unpack("!H", data[:2])[0] if data else 1005), data[2:].decode()

    def close(self, code=1000, reason=""):
        """Says goodbye, and waits for the answer."""
        self.send(struct.pack("!H", code) + reason.encode(), 8)
        answer = self.receive()
        self.end()
        return answer

    def end(self):
        """Ends the connection without a word."""
        self._file.close()
        self.socket.close()
