#!/usr/bin/env python3
"""footprint.py BINARY: what the node costs, as a table; mqtt-io from PyPI beside it, in the same run.

Figures depend on the machine, so nothing here passes or fails."""
import datetime
import os
import pathlib
import platform
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

STARTS = 9
SETTLE_SECONDS = 13

NODE = """node: bench
board: raspberry-pi-4
interval: 5s
channels:
  - {name: gate, detector: contact, input: J8-11, debounce: {kind: stable, time: 8ms}}
  - {name: path, detector: contact, input: J8-13, debounce: {kind: stable, time: 8ms}}
sensors:
  - {name: box-air, part: bme280, bus: i2c-1, period: 1s}
  - {name: street-air, part: sht40, bus: i2c-1, period: 1s}
journal: {path: journal.sqlite, budget: 16MB}
mqtt: {host: 127.0.0.1, port: PORT}
"""

MQTT_IO = """mqtt: {host: 127.0.0.1, port: PORT, topic_prefix: other}

sensor_modules: [{name: mock, module: mock}]
sensor_inputs: [{name: reading, module: mock, interval: 1}]
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start_broker(folder):
    port = free_port()
    settings = folder / "mosquitto.conf"
    settings.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n")
    program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
    broker = subprocess.Popen([program, "-c", settings], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
            return broker, port
        except OSError:
            time.sleep(0.02)
    sys.exit("the broker did not start")


def memory(pid):
    fields = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line)
    return {name: int(fields[name].split()[0]) / 1024 for name in ("VmRSS", "RssAnon", "VmLck")}


def time_to_first_message(command, port, topic):
    subscriber = subprocess.Popen(
        ["mosquitto_sub", "-h", "127.0.0.1", "-p", str(port), "-t", topic, "-R", "-C", "1"], stdout=subprocess.PIPE)
    time.sleep(0.3)
    begin = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    subscriber.wait(timeout=60)
    return process, time.monotonic() - begin


def time_to_armed(command):
    begin = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        if "inputs armed" in line:
            break
    else:
        sys.exit("the node never armed its inputs")
    elapsed = time.monotonic() - begin
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    return elapsed


def peer(folder, port, rows):
    environment = folder / "venv"
    install = [sys.executable, "-m", "venv", environment]
    if subprocess.call(install, stdout=subprocess.DEVNULL) or subprocess.call(
            [environment / "bin/pip", "install", "-q", "mqtt-io"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
        rows.append(("mqtt-io", "could not be installed from PyPI", ""))
        return
    settings = folder / "mqtt-io.yml"
    settings.write_text(MQTT_IO.replace("PORT", str(port)))
    command = [environment / "bin/python", "-m", "mqtt_io", settings]
    process, first = time_to_first_message(command, port, "other/sensor/#")
    time.sleep(3)
    rss = memory(process.pid)
    process.terminate()
    process.wait()
    rows.append(("mqtt-io: start to first reading at the broker", f"{first * 1000:.0f} ms", ""))
    rows.append(("mqtt-io: RSS", f"{rss['VmRSS']:.1f} MB", ""))


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def main():
    binary = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        stripped = folder / "reallabor-node"
        subprocess.check_call(["strip", "-o", stripped, binary])
        broker, port = start_broker(folder)
        # What nobody subscribes to the broker throws away; the node keeps it, and ends only when it has tried to deliver it.
        receiver = subprocess.Popen(["mosquitto_sub", "-h", "127.0.0.1", "-p", str(port), "-t", "#"], stdout=subprocess.DEVNULL)
        try:
            (folder / "node.yaml").write_text(NODE.replace("PORT", str(port)))
            os.environ["REALLABOR_BOARDS"] = str(pathlib.Path(__file__).resolve().parents[2] / "Boards")
            command = [stripped, "simulate", "school-gate", "--config", folder / "node.yaml", "--live", "--privileged"]
            rows = [("stripped program, Swift runtime inside", f"{stripped.stat().st_size / 1e6:.1f} MB", "26 MB")]
            armed = [time_to_armed(command) for _ in range(STARTS)]
            rows.append((f"start to inputs armed, median of {STARTS}", f"{statistics.median(armed) * 1000:.0f} ms", "50 ms"))
            process, first = time_to_first_message(command, port, "reallabor/bench/#")
            rows.append(("start to first message at the broker", f"{first * 1000:.0f} ms", ""))
            time.sleep(SETTLE_SECONDS)
            use = memory(process.pid)
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)
            locked = f"{use['VmLck']:.0f} MB locked" if use["VmLck"] else "locking not allowed here; see make kernel-test"
            rows.append((f"RSS, running ({locked})", f"{use['VmRSS']:.1f} MB", "18 MB"))
            rows.append(("  of it private (RssAnon)", f"{use['RssAnon']:.1f} MB", "6 MB"))
            peer(folder, port, rows)
        finally:
            receiver.kill()
            broker.terminate()
    print(f"{datetime.date.today()}, {processor()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    width = max(len(row[0]) for row in rows)
    for what, figure, limit in rows:
        print(f"  {what:<{width}}  {figure:>12}" + (f"   (at most {limit})" if limit else ""))


main()
