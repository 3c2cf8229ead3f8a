"""Attacks on the web server: web_attacks.py PORT PID"""

import socket
import sys
import time

PORT, PID = int(sys.argv[1]), int(sys.argv[2])
failures = []


def check(what, holds, detail=""):
    if not holds:
        failures.append(what)
        print(f"FAILED {what} {detail}")


def dial(timeout=10):
    return socket.create_connection(("127.0.0.1", PORT), timeout)


def talk(data, timeout=10):
    """Sends the bytes and returns what comes until the server closes."""
    with dial(timeout) as s:
        answer = b""
        try:
            s.sendall(data)
            while piece := s.recv(65536):
                answer += piece
        except OSError:
            pass
        return answer


def status(data):
    answer = talk(data)
    return int(answer[9:12]) if answer.startswith(b"HTTP/1.1 ") else 0


def rss_kb():
    with open(f"/proc/{PID}/status", encoding="ascii") as lines:
        return next(int(l.split()[1]) for l in lines if l.startswith("VmRSS"))


def healthy(limit=1):
    """Answers well within a second."""
    start = time.monotonic()
    good = status(b"GET /-/healthy HTTP/1.1\r\nHost: x\r\n"
                  b"Connection: close\r\n\r\n") == 200
    return good and time.monotonic() - start < limit


def healthy_soon():
    """Answers a client that tries again, within a few seconds: in a flood from
    its own address one attempt may be lost."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            if healthy(5):
                return True
        except OSError:
            pass
        time.sleep(0.05)
    return False


def get(target, headers=b"", method=b"GET"):
    return (method + b" " + target + b" HTTP/1.1\r\nHost: x\r\n" + headers
            + b"Connection: close\r\n\r\n")


for _ in range(100):
    try:
        if healthy():
            break
    except OSError:
        time.sleep(0.05)
before = rss_kb()

CASES = [
    ("long target", get(b"/" + b"a" * 100000), (0, 414, 431)),
    ("long header", get(b"/", b"X: " + b"a" * 100000 + b"\r\n"), (0, 431)),
    ("many headers", get(b"/", b"X: y\r\n" * 20000), (0, 431)),
    ("large body", b"POST /-/reload HTTP/1.1\r\nHost: x\r\n"
     b"Content-Length: 99999999\r\n\r\n", (413,)),
    ("endless number", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: "
     b"99999999999999999999999\r\n\r\n", (0, 400, 413)),
    ("chunked and large", b"POST /-/reload HTTP/1.1\r\nHost: x\r\n"
     b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
     + (b"4000\r\n" + b"a" * 0x4000 + b"\r\n") * 8 + b"0\r\n\r\n", (413,)),
    ("bad chunk", b"POST /-/reload HTTP/1.1\r\nHost: x\r\n"
     b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\nzz\r\n",
     (0, 400)),
    ("dots", get(b"/../../etc/passwd"), (404,)),
    ("coded dots", get(b"/assets/%2e%2e/%2e%2e/etc/passwd"), (404,)),
    ("backslash", get(b"/assets\\..\\x"), (404,)),
    ("NUL", get(b"/%00"), (400,)),
    ("half a code", get(b"/%4"), (400,)),
    ("absolute form", get(b"http://other.example/metrics"), (200,)),
    ("other host", b"GET / HTTP/1.1\r\nHost: evil.example\r\n"
     b"Connection: close\r\n\r\n", (200,)),
    ("two hosts", get(b"/", b"Host: y\r\n"), (400,)),
    ("no host", b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", (400,)),
    ("two lengths", get(b"/", b"Content-Length: 0\r\nContent-Length: 5\r\n"),
     (400,)),
    ("length and chunks", get(b"/", b"Content-Length: 5\r\n"
                              b"Transfer-Encoding: chunked\r\n"), (400,)),
    ("unknown coding", get(b"/", b"Transfer-Encoding: gzip\r\n"), (501,)),
    ("TRACE", get(b"/", method=b"TRACE"), (405,)),
    ("CONNECT", get(b"/", method=b"CONNECT"), (0, 400, 405)),
    ("odd method", get(b"/", method=b"A" * 1000), (400, 405)),
    ("no protocol", b"GET /\r\n\r\n", (0, 200, 400, 505)),
    ("old protocol", b"GET / HTTP/0.9\r\n\r\n", (0, 200, 400, 505)),
    ("noise", bytes(range(256)) * 40, (0, 400)),
]
for what, data, expected in CASES:
    got = status(data)
    check(what, got in expected, f"{got}, not one of {expected}")
    check(f"served after {what}", healthy())

answers = talk(get(b"/-/healthy").replace(b"Connection: close\r\n", b"") * 200
               + get(b"/-/ready"))
check("pipelining", answers.count(b"HTTP/1.1 200") == 201,
      str(answers.count(b"HTTP/1.1 200")))

POST = b"POST /-/reload HTTP/1.1\r\nHost: x\r\n"
for what, start, more in (
        ("nothing", b"", b""),
        ("slow headers", b"GET / HTTP/1.1\r\nX: ", b"a"),
        ("a slow body", POST + b"Content-Length: 60000\r\n\r\n", b"a"),
        ("slow chunks", POST + b"Transfer-Encoding: chunked\r\n\r\n",
         b"1\r\na\r\n"),
        ("no body", POST + b"Expect: 100-continue\r\n"
         b"Content-Length: 9\r\n\r\n", b"")):
    slow = [dial() for _ in range(300)]
    for s in slow:
        s.sendall(start)
    for _ in range(5):
        check(f"served beside {what}", healthy())
        for s in slow:
            try:
                s.sendall(more)
            except OSError:
                pass  # Shut down for somebody else.
    for s in slow:
        s.close()

readers = [dial() for _ in range(100)]
for s in readers:
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    s.sendall(get(b"/metrics") * 20)
check("served beside those who do not read", healthy())
for s in readers:
    s.close()

flood, refused = [], 0
for i in range(10000):
    try:
        s = dial(2)
        s.sendall(b"GET / HT")
        flood.append(s)
    except OSError:
        refused += 1
    if len(flood) >= 900:  # What this process may hold open itself.
        flood.pop(0).close()
    if i % 2500 == 2499:
        check(f"served after {i + 1} connections", healthy_soon())
for s in flood:
    s.close()
after = rss_kb()
check("memory", after < before + 16384, f"{before} kB before, {after} after")
check("still healthy", healthy())
print(f"rss {before} kB before, {after} kB after; {refused} refused")
sys.exit(1 if failures else 0)
