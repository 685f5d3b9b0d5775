"""Ten thousand connections to an echo server at once, each used three times: ten_thousand.py PROGRAM"""

import re
import resource
import socket
import subprocess
import sys

WANTED = 10_000
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
count = min(WANTED, hard - 100)
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
server = subprocess.Popen([sys.argv[1], "127.0.0.1", "0"], stdout=subprocess.PIPE, text=True)
try:
    line = server.stdout.readline()
    assert "wait in the hub" in line, line
    port = int(re.search(r"port (\d+)", line).group(1))
    connections = [socket.create_connection(("127.0.0.1", port), timeout=30) for _ in range(count)]
    for turn in range(3):
        for number, connection in enumerate(connections):
            connection.sendall(b"%d of turn %d" % (number, turn))
        for number, connection in enumerate(connections):
            received = connection.recv(100)
            assert received == b"%d of turn %d" % (number, turn), (number, received)
    status = open(f"/proc/{server.pid}/status").read()
    threads = int(re.search(r"Threads:\s+(\d+)", status).group(1))
    memory = int(re.search(r"VmRSS:\s+(\d+)", status).group(1))
    assert threads == 1, threads
    print(f"echo.c: {count:,} connections at once on one thread, {memory // 1024} MB")
finally:
    server.kill()
    server.wait()
