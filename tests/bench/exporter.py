"""usage: exporter.py EXPORTER CONFIG FLOWS

Starts the exporter on a free port and prints what it costs, as JSON lines."""

import json
import re
import signal
import socket
import subprocess
import sys
import time

START_TRIES = 7


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def get(port, path, one_byte=False):
    """Returns the answer, or only its first byte; None if nobody listens."""
    try:
        with socket.create_connection(("127.0.0.1", port)) as peer:
            peer.sendall(
                f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                "\r\n".encode())
            if one_byte:
                return peer.recv(1)
            pieces = []
            while piece := peer.recv(1 << 20):
                pieces.append(piece)
            return b"".join(pieces)
    except OSError:
        return None


def start(program, config, port):
    return subprocess.Popen(
        [program, f"--config.file={config}",
         f"--web.listen-address=127.0.0.1:{port}", "--log.level=error"])


def stop(process):
    process.send_signal(signal.SIGTERM)
    process.wait()


def first_byte_ms(program, config):
    """The shortest of some starts: the machine has other work, too."""
    best = None
    for _ in range(START_TRIES):
        port = free_port()
        began = time.monotonic()
        process = start(program, config, port)
        while not get(port, "/metrics", one_byte=True):
            time.sleep(0.0002)
        took = (time.monotonic() - began) * 1000
        stop(process)
        best = took if best is None else min(best, took)
    return best


def sample(text, name):
    return float(re.search(r"^%s (\S+)$" % re.escape(name), text, re.M)[1])


def await_cycles(port, n):
    while True:
        answer = get(port, "/metrics")
        text = answer.decode() if answer else ""
        if text and sample(text, "flowverify_cycles_total") >= n:
            return text
        time.sleep(0.05)


def cpu_seconds(text):
    return sample(text, "process_cpu_seconds_total")


def resident_mib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        found = dict(re.findall(r"^(VmRSS|VmHWM):\s+(\d+) kB$",
                                status.read(), re.M))
    return int(found["VmRSS"]) / 1024, int(found["VmHWM"]) / 1024


def row(name, value, unit, target=None):
    line = {"name": name, "value": round(value, 3), "unit": unit}
    if target is not None:
        line.update(target=target, met=value <= target)
    print(json.dumps(line), flush=True)


def main():
    program, config, flows = sys.argv[1], sys.argv[2], int(sys.argv[3])
    small = flows <= 100
    prefix = f"exporter_{flows}_flows"

    row(f"{prefix}_first_byte", first_byte_ms(program, config), "ms",
        20 if small else None)

    port = free_port()
    began = time.monotonic()
    process = start(program, config, port)
    text = await_cycles(port, 1)
    row(f"{prefix}_first_cycle_scraped",
        (time.monotonic() - began) * 1000, "ms")
    row(f"{prefix}_first_cycle",
        sample(text, "flowverify_cycle_duration_seconds") * 1000, "ms")
    row(f"{prefix}_metrics_size", len(text) / 1e6, "MB")

    before = await_cycles(port, 2)
    after = await_cycles(port, 4)
    row(f"{prefix}_unchanged_evaluate",
        sample(after, 'flowverify_cycle_phase_duration_seconds'
                      '{phase="evaluate"}') * 1000, "ms")
    row(f"{prefix}_unchanged_cycle_cpu",
        (cpu_seconds(after) - cpu_seconds(before)) / 2 * 1000, "ms")
    resident, peak = resident_mib(process.pid)
    row(f"{prefix}_resident", resident, "MiB", 8 if small else 40)
    row(f"{prefix}_resident_peak", peak, "MiB")
    stop(process)


main()
