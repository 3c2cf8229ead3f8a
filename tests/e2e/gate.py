"""A proxy before /metrics that can leave out one family of metrics.

/metrics?without=FAMILY is the exporter's answer without that family."""

import http.server
import re
import threading
import time
import urllib.parse

import stack

def family_of(line):
    name = re.match(r"(?:# \w+ )?(\w+)", line)
    return re.sub(r"_(bucket|sum|count)$", "", name[1]) if name else ""


class Gate:
    def __init__(self, exporter_url):
        gate = self
        self.exporter_url = exporter_url
        self.lock = threading.Lock()
        self.cached = (0.0, "")

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                query = urllib.parse.urlparse(self.path).query
                without = urllib.parse.parse_qs(query).get("without", [""])[0]
                body = "".join(
                    line + "\n" for line in gate.metrics().splitlines()
                    if family_of(line) != without).encode("utf-8")
                self.send_response(200)
                self.send_header("Content-Type",
                                 "text/plain; version=0.0.4; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def handle(self):
                # Prometheus hangs up where a scrape takes too long.
                try:
                    super().handle()
                except ConnectionError:
                    pass

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0),
                                                      Handler)
        self.target = "127.0.0.1:%d" % self.server.server_port
        threading.Thread(target=self.server.serve_forever,
                         daemon=True).start()

    def metrics(self):
        """The exporter is asked once a second, however many targets ask."""
        with self.lock:
            if time.monotonic() - self.cached[0] > 0.8:
                self.cached = (time.monotonic(), stack.fetch(
                    self.exporter_url + "/metrics"))
            return self.cached[1]
