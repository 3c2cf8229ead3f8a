"""The keys of --web.config.file: web_config.py EXPORTER FOLDER"""

import base64
import contextlib
import http.client
import json
import os
import socket
import ssl
import subprocess
import sys
import time
import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import crypt

EXPORTER, FOLDER = os.path.abspath(sys.argv[1]), sys.argv[2]
CONFIG = os.path.abspath("config/example/flowverify.cfg")
WEB = os.path.join(FOLDER, "web.yml")
failures = []
PIDS = {}  # Of the exporters, by port.


def check(what, got, expected):
    if got != expected:
        failures.append(what)
        print(f"FAILED {what}: {got}, not {expected}")


def openssl(*words):
    subprocess.run(["openssl", *words], cwd=FOLDER, check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def certificate(name, names="DNS:localhost,IP:127.0.0.1", usage="serverAuth",
                key=("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")):
    openssl("req", *key, "-nodes", "-keyout", f"{name}.key", "-out", "csr",
            "-subj", f"/CN={name}")
    with open(os.path.join(FOLDER, "ext"), "w", encoding="ascii") as ext:
        ext.write(f"subjectAltName={names}\nextendedKeyUsage={usage}\n")
    openssl("x509", "-req", "-in", "csr", "-CA", "ca.pem", "-CAkey", "ca.key",
            "-CAcreateserial", "-days", "2", "-extfile", "ext", "-out",
            f"{name}.pem")


def authority(name):
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key",
            "-out", f"{name}.pem", "-subj", f"/CN={name}", "-days", "2",
            "-addext", "subjectAltName=DNS:prom.test")


def read(name):
    with open(os.path.join(FOLDER, name), encoding="ascii") as file:
        return file.read()


def write(text):
    """As an editor does: the file changes all at once."""
    with open(WEB + ".new", "w", encoding="utf-8") as file:
        file.write(text)
    os.rename(WEB + ".new", WEB)


@contextlib.contextmanager
def exporter(text):
    write(text)
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    process = subprocess.Popen(
        [EXPORTER, f"--config.file={CONFIG}", f"--web.config.file={WEB}",
         f"--web.listen-address=127.0.0.1:{port}"],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    PIDS[port] = process.pid
    try:
        for _ in range(200):
            if process.poll() is not None:
                raise RuntimeError(process.stderr.read().decode())
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            time.sleep(0.02)
        yield port
    finally:
        process.terminate()
        process.wait()
        process.stderr.close()


def get(port, path="/-/healthy", tls=None, user=None):
    """Returns the status and the headers; 0 if no connection is made."""
    headers = {}
    if user is not None:
        headers["Authorization"] = "Basic " + base64.b64encode(
            user.encode()).decode()
    kind = http.client.HTTPSConnection if tls else http.client.HTTPConnection
    extra = {"context": tls} if tls else {}
    connection = kind("127.0.0.1", port, timeout=10, **extra)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status, answer.headers
    except OSError:
        return 0, {}
    finally:
        connection.close()


def client(name=None):
    context = ssl.create_default_context(
        cafile=os.path.join(FOLDER, "ca.pem"))
    if name:
        context.load_cert_chain(os.path.join(FOLDER, f"{name}.pem"),
                                os.path.join(FOLDER, f"{name}.key"))
    return context


def handshake(port, *words):
    """Returns what OpenSSL agrees on: "TLSv1.3 NAME", or "none"."""
    answer = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", *words],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, timeout=20, check=False).stdout.decode()
    for line in answer.splitlines():
        if line.startswith("New, ") and "(NONE)" not in line:
            return line.split()[-1]
    return "none"


def tls_config(key="ec", extra=""):
    return (f"tls_server_config:\n  cert_file: {key}.pem\n"
            f"  key_file: {key}.key\n{extra}")


def check_handshakes():
    old = ("-cipher", "ALL:@SECLEVEL=0")
    gcm = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
    cbc = "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"
    any_13 = "TLS_AES_256_GCM_SHA384"
    cases = [
        ("rsa", "", ("-tls1", *old), "none"),
        ("rsa", "", ("-tls1_1", *old), "none"),
        ("rsa", "", ("-tls1_2",), "ECDHE-RSA-AES256-GCM-SHA384"),
        ("rsa", "", ("-tls1_2", "-cipher", "AES128-GCM-SHA256"), "none"),
        ("rsa", "", ("-tls1_3",), any_13),
        ("ec", "  min_version: TLS13\n", ("-tls1_2",), "none"),
        ("ec", "  max_version: TLS12\n", ("-tls1_3",), "none"),
        # Suites limit TLS 1.2, and never TLS 1.3.
        ("rsa", f"  cipher_suites: [{gcm}, {cbc}]\n", ("-tls1_2",),
         "ECDHE-RSA-AES128-GCM-SHA256"),
        ("rsa", f"  cipher_suites: [{gcm}, {cbc}]\n",
         ("-tls1_2", "-cipher", "ECDHE-RSA-AES128-SHA"), "none"),
        ("ec", f"  cipher_suites: [{gcm}, {cbc}]\n", ("-tls1_2",),
         "ECDHE-ECDSA-AES128-SHA"),
        ("ec", f"  cipher_suites: [{gcm}]\n", ("-tls1_2",), "none"),
        ("rsa", f"  cipher_suites: [{gcm}]\n",
         ("-tls1_3", "-ciphersuites", any_13), any_13),
        ("rsa", f"  cipher_suites: [{gcm}]\n",
         ("-tls1_3", "-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256"),
         "TLS_CHACHA20_POLY1305_SHA256"),
        ("ec", "  curve_preferences: [CurveP384]\n",
         ("-tls1_3", "-groups", "X25519"), "none"),
        ("ec", "  curve_preferences: [CurveP384]\n",
         ("-tls1_3", "-groups", "P-384"), any_13),
        # HTTP/2 may be asked for and is not offered.
        ("ec", "http_server_config:\n  http2: true\n",
         ("-tls1_3", "-alpn", "h2,http/1.1"), any_13),
    ]
    for key, extra, words, expected in cases:
        with exporter(tls_config(key, extra)) as port:
            check(f"{key} {extra} {words}", handshake(port, *words), expected)


def check_clients():
    types = {"NoClientCert": (1, 1, 1, 1), "RequestClientCert": (1, 1, 1, 1),
             "RequireAnyClientCert": (0, 1, 1, 1),
             "VerifyClientCertIfGiven": (1, 1, 0, 0),
             "RequireAndVerifyClientCert": (0, 1, 0, 0)}
    clients = [client(name) for name in (None, "good", "alien", "usage")]
    for kind, expected in types.items():
        extra = f"  client_auth_type: {kind}\n"
        extra += "" if kind == "NoClientCert" else "  client_ca_file: ca.pem\n"
        with exporter(tls_config(extra=extra)) as port:
            got = tuple(int(get(port, tls=tls)[0] == 200) for tls in clients)
            check(kind, got, expected)
    names = {"[]": 0, "[prom.test]": 1, "[PROM.test]": 0, "[192.0.2.7]": 1,
             "[x, 'a@b.c']": 1, "[spiffe://x/y]": 1, "[192.0.2.70]": 0}
    for words, expected in names.items():
        extra = ("  client_auth_type: RequireAndVerifyClientCert\n"
                 f"  client_ca_file: ca.pem\n  client_allowed_sans: {words}\n")
        with exporter(tls_config(extra=extra)) as port:
            check(words, int(get(port, tls=clients[1])[0] == 200), expected)


def bcrypt(password, prefix="$2b$", cost=4):
    salt = crypt.mksalt(crypt.METHOD_BLOWFISH, rounds=2 ** cost)
    return crypt.crypt(password, prefix + salt[4:])


def check_users():
    users = {"a": bcrypt("one", "$2a$"), "b": bcrypt("two", "$2b$"),
             "y": bcrypt("thr:ee", "$2y$", 6), "ü": bcrypt("vier ü"),
             "empty": bcrypt("")}
    text = "basic_auth_users:\n" + "".join(
        f"  {name}: {word}\n" for name, word in users.items())
    headers = ("http_server_config:\n  headers:\n    X-Frame-Options: deny\n"
               "    Content-Security-Policy: \"default-src 'self'\"\n")
    with exporter(text + headers) as port:
        for user, status in (("a:one", 200), ("b:two", 200), ("y:thr:ee", 200),
                             ("ü:vier ü", 200), ("empty:", 200), ("a:two", 401),
                             ("A:one", 401), ("a:one ", 401), ("a", 401),
                             (":", 401), ("none:one", 401), (None, 401)):
            check(f"user {user}", get(port, "/metrics", user=user)[0], status)
        answer = get(port, "/metrics", user="a:one")[1]
        check("frame", answer["X-Frame-Options"], "deny")
        check("policy", answer.get_all("Content-Security-Policy"),
              ["default-src 'self'"])

        # What changes in the file counts with the next request.
        write(text.replace(users["a"], bcrypt("new")))
        check("old password", get(port, "/metrics", user="a:one")[0], 401)
        check("new password", get(port, "/metrics", user="a:new")[0], 200)
        for broken in ("", "basic_auth_users: [\n", "x: 1\n",
                       "basic_auth_users:\n  a: plain\n"):
            write(broken)
            check(f"kept after {broken!r}",
                  (get(port, "/metrics", user="a:new")[0],
                   get(port, "/metrics")[0]), (200, 401))
        write("basic_auth_users: {}\n")
        check("no users", get(port, "/metrics")[0], 200)


def cpu_ns(process):
    total = 0
    for task in os.listdir(f"/proc/{process}/task"):
        with open(f"/proc/{process}/task/{task}/schedstat",
                  encoding="ascii") as file:
            total += int(file.read().split()[0])
    return total


def check_timing():
    """A wrong password costs as much for a name that nobody has.  Time of the
    processor is what is compared: others may be using it, too."""
    users = "".join(f"  {name}: {bcrypt(name, cost=9)}\n" for name in "ab")
    costs = {"a": 0, "b": 0, "nobody": 0}
    with exporter("basic_auth_users:\n" + users) as port:
        for turn in range(10):
            for user in costs:
                before = cpu_ns(PIDS[port])
                name = user if user in "ab" else f"{user}{turn % 5}"
                check("wrong", get(port, "/", user=f"{name}:{turn}")[0], 401)
                costs[user] += cpu_ns(PIDS[port]) - before
    check(f"equal cost: {costs}",
          max(costs.values()) < 1.3 * min(costs.values()), True)


def serial(port):
    """Of the certificate that a new connection gets."""
    with socket.create_connection(("127.0.0.1", port), 10) as s:
        with client().wrap_socket(s, server_hostname="localhost") as t:
            return t.getpeercert()["serialNumber"]


def check_rotation():
    with exporter(tls_config()) as port:
        first = serial(port)
        certificate("ec")  # The key, then the certificate.
        second = serial(port)
        check("rotated", second != first, True)
        with open(os.path.join(FOLDER, "ec.pem"), "w",
                  encoding="ascii") as file:
            file.write("half a cert")
        check("kept", serial(port), second)
        certificate("ec")
        check("mended", serial(port) not in (first, second), True)
    # Inline, as JSON: nothing but this file is needed.
    inline = {"tls_server_config": {
        "cert": read("ec.pem"), "key": read("ec.key"),
        "client_ca": read("ca.pem"),
        "client_auth_type": "RequireAndVerifyClientCert"}}
    with exporter(json.dumps(inline, indent=2)) as port:
        check("inline", get(port, tls=client("good"))[0], 200)
        check("inline, no certificate", get(port, tls=client())[0], 0)


def check_refusals():
    cases = {
        "tls_server_config:\n  cert_path: x\n": "web.yml:2: unknown key",
        "tls_server_config:\n  cert_file: none.pem\n  key_file: ec.key\n":
            "none.pem: No such file",
        "tls_server_config:\n  cert_file: ec.pem\n  key_file: rsa.key\n":
            "rsa.key",
        tls_config(extra="  cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]\n"):
            "TLS_RSA_WITH_RC4_128_SHA",
        "basic_auth_users:\n  a: hunter2\n": "web.yml:2: a: not a bcrypt",
    }
    for text, expected in cases.items():
        try:
            with exporter(text):
                check(f"refused {text!r}", "taken", "refused")
        except RuntimeError as error:
            check(f"says {expected}", expected in str(error), True)
            check("shows no password", "hunter2" in str(error), False)
            checked = subprocess.run(
                [EXPORTER, f"--config.file={CONFIG}", "--config.check",
                 f"--web.config.file={WEB}"], stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE, check=False)
            check("--config.check", (checked.returncode, checked.stderr),
                  (1, str(error).encode()))


authority("ca")
authority("alien")
certificate("ec")
certificate("rsa", key=("-newkey", "rsa:2048"))
certificate("good", "DNS:prom.test,IP:192.0.2.7,email:a@b.c,URI:spiffe://x/y",
            "clientAuth")
certificate("usage", "DNS:prom.test", "serverAuth")
for step in (check_handshakes, check_clients, check_users, check_timing,
             check_rotation, check_refusals):
    step()
if failures:
    sys.exit(f"{len(failures)} failed")
print("versions, suites, curves, client certificates, users and changes of "
      "the file are as the toolkit documents them")
