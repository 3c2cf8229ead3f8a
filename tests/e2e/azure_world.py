"""An exporter and a simulator of Azure, for the end-to-end cases."""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
EXAMPLE = os.path.join(ROOT, "config/example")
SUBSCRIPTION = "11111111-2222-3333-4444-555555555555"
SECRET = "sim~s3cret+/=%"


class Failure(Exception):
    pass


def check(condition, what):
    if not condition:
        raise Failure(what)


def wait_for(condition, seconds, what):
    end = time.time() + seconds
    while time.time() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.1)
    raise Failure("not within %d s: %s" % (seconds, what))


class Simulator:
    def __init__(self, work, *flags, directory=None, tls=True):
        ready = os.path.join(work, "ready")
        if os.path.exists(ready):
            os.remove(ready)
        words = [sys.executable,
                 os.path.join(ROOT, "tests/simulator/simulator.py"),
                 "--directory", directory or os.path.join(EXAMPLE, "estate"),
                 "--work", work, "--ready", ready, "--secret", SECRET]
        words += ["--tls"] if tls else []
        self.process = subprocess.Popen(words + list(flags),
                                        stdout=subprocess.DEVNULL)
        wait_for(lambda: os.path.exists(ready), 20, "the simulator starts")
        with open(ready) as file:
            self.address = json.load(file)

    def control(self, path, body=None):
        identity = self.address["identity"]
        request = urllib.request.Request(
            identity + "/control/" + path,
            data=None if body is None else json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read())

    def faults(self, **faults):
        return self.control("faults", faults)

    def calm(self):
        return self.control("faults", {"*": True})

    def stats(self):
        return self.control("stats")

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Nginx:
    """Stands in front of a simulator and speaks HTTP/2."""

    CONFIG = """user root; worker_processes 1; pid %(work)s/nginx.pid;
error_log %(work)s/nginx.err; events { worker_connections 256; }
http { log_format seen '$server_protocol $connection $status $uri';
  access_log %(work)s/nginx.log seen;
  client_body_temp_path %(work)s/t1; proxy_temp_path %(work)s/t2;
  fastcgi_temp_path %(work)s/t3; uwsgi_temp_path %(work)s/t4;
  scgi_temp_path %(work)s/t5;
  server { listen 127.0.0.1:%(port)d ssl http2;
    ssl_certificate %(work)s/server.pem;
    ssl_certificate_key %(work)s/server.key;
    keepalive_requests %(requests)d; http2_max_concurrent_streams %(streams)d;
    location / { proxy_pass %(direct)s; proxy_http_version 1.1;
      proxy_buffering off; } } }
"""

    def __init__(self, work, port, simulator, requests, streams):
        self.work = work
        self.path = os.path.join(work, "nginx.conf")
        with open(self.path, "w") as file:
            file.write(self.CONFIG % {
                "work": work, "port": port, "requests": requests,
                "streams": streams,
                "direct": simulator.address["direct"]})
        self.process = subprocess.Popen(self.words("-g", "daemon off;"))
        wait_for(lambda: self.listens(port), 10, "nginx listens")

    def words(self, *more):
        return ("nginx", "-p", self.work, "-c", self.path, "-e",
                os.path.join(self.work, "nginx.err")) + more

    @staticmethod
    def listens(port):
        import socket
        with socket.socket() as one:
            return one.connect_ex(("127.0.0.1", port)) == 0

    def reload(self):
        subprocess.run(self.words("-s", "reload"), check=True)

    def seen(self):
        """The requests: protocol, connection, status, path."""
        with open(os.path.join(self.work, "nginx.log")) as file:
            return [line.split() for line in file]

    def stop(self):
        self.process.terminate()
        self.process.wait()


def credential(work):
    path = os.path.join(work, "secret")
    with open(path, "w") as file:
        file.write(SECRET + "\n")
    return ('{ kind = "client_secret"; tenant_id = "tenant-1"; '
            'client_id = "client-1"; secret_file = "%s"; }' % path)


def configure(work, simulator, name="azure.cfg", cred=None, interval="5s",
              extra="", subscriptions=None, flows=None, timeout="2s"):
    """The example's flows, with Azure as the source."""
    with open(os.path.join(EXAMPLE, "flowverify.cfg")) as file:
        text = file.read()
    address = simulator.address
    known = subscriptions or [(SUBSCRIPTION, "prod")]
    source = """source = { kind = "azure"; cloud = "custom";
  arm_endpoint = "%s"; authority = "%s"; audience = "%s"; %s
  credential = %s; request_timeout = "%s";
  refresh = { admin_rules = "5s"; service_tags = "5s"; };
  subscriptions = ( %s ); %s };""" % (
        address["url"], address["url"], address["url"],
        'ca_file = "%s";' % address["ca"] if address["ca"] else "",
        cred or credential(work), timeout,
        ", ".join('{ id = "%s"; alias = "%s"; }' % s for s in known), extra)
    text = re.sub(r"source = \{.*?\};", lambda _: source, text, count=1,
                  flags=re.S)
    text = re.sub(r'interval = "5s"', 'interval = "%s"' % interval, text)
    if flows is not None:
        text = text[:text.index("flows = (")] + flows
    path = os.path.join(work, name)
    with open(path, "w") as file:
        file.write(text)
    return path


class Exporter:
    def __init__(self, work, config, storage=None, env=None, wait=True):
        self.work = work
        self.log_path = os.path.join(work, "exporter.log")
        self.log = open(self.log_path, "ab")
        with socket_port() as port:
            self.url = "http://127.0.0.1:%d" % port.number
        words = [os.path.join(ROOT, "build/flowverify_exporter"),
                 "--config.file=" + config, "--log.level=debug",
                 "--web.listen-address=127.0.0.1:%d" % port.number]
        if storage:
            words.append("--storage.path=" + storage)
        environment = dict(os.environ)
        environment.update(env or {})
        self.process = subprocess.Popen(words, stderr=self.log,
                                        env=environment)
        if wait:
            wait_for(self.answers, 10, "the exporter listens")

    def answers(self):
        check(self.process.poll() is None, "the exporter lives")
        try:
            return self.get("/metrics")
        except OSError:
            return None

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=5) as answer:
            return answer.read().decode()

    def metrics(self):
        """All samples; the answer must come at once, whatever Azure does."""
        check(self.process.poll() is None, "the exporter lives")
        start = time.time()
        text = self.get("/metrics")
        check(time.time() - start < 1, "/metrics answers at once")
        found = {}
        for line in text.splitlines():
            if not line.startswith("#"):
                name, value = line.rsplit(" ", 1)
                found[name] = float(value)
        return found

    def value(self, name, **labels):
        """The sum of the samples with these labels."""
        wanted = ['%s="%s"' % (k, v) for k, v in labels.items()]
        found = [v for n, v in self.metrics().items()
                 if (n == name or n.startswith(name + "{"))
                 and all(w in n for w in wanted)]
        check(found, "no sample of %s %s" % (name, labels))
        return sum(found)

    def verdicts(self):
        return {re.search(r'flow="([^"]*)"', n).group(1):
                re.search(r'verdict="([^"]*)"', n).group(1)
                for n, v in self.metrics().items()
                if n.startswith("flowverify_flow_verdict{") and v == 1}

    def up(self, feed, scope="prod"):
        return self.value("flowverify_feed_up", feed=feed, scope=scope) == 1

    def all_up(self):
        feeds = [v for n, v in self.metrics().items()
                 if n.startswith("flowverify_feed_up{")]
        return feeds and all(v == 1 for v in feeds)

    def failures(self, reason):
        return self.value("flowverify_fetch_failures_total", reason=reason)

    def cycles(self):
        return self.value("flowverify_cycles_total")

    def log_text(self):
        with open(self.log_path, "rb") as file:
            return file.read().decode(errors="replace")

    def stop(self):
        """Ends it as systemd would; it must be quick."""
        start = time.time()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=10)
        taken = time.time() - start
        self.log.close()
        check(code == 0, "exit code %d" % code)
        check(taken < 1.5, "stopping took %.1f s" % taken)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.log.close()


class socket_port:
    """A port that was free a moment ago."""

    def __enter__(self):
        import socket
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.number = self.socket.getsockname()[1]
        return self

    def __exit__(self, *_):
        self.socket.close()


class Folder:
    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="flowverify-azure-")
        return self.path

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)


def tool(*words, env=None):
    environment = dict(os.environ)
    environment.update(env or {})
    return subprocess.run((os.path.join(ROOT, "build/flowverify"),) + words,
                          capture_output=True, text=True, env=environment,
                          timeout=120)


def run_json(config, env=None):
    """The flows as the tool judges them, without what is of the moment."""
    result = tool("run", "--config.file=" + config, "--output=json", env=env)
    check(result.stdout, "run printed nothing: " + result.stderr)
    flows = json.loads(result.stdout)["flows"]
    for flow in flows:
        for member in ("data_timestamp", "last_change"):
            flow.pop(member, None)
    return flows
