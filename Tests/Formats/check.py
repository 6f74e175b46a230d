#!/usr/bin/env python3
"""check.py NODE: what leaves the node in a format that is not its own, read back by an implementation that is not ours.

A simulated street is published twice, natively and as SenML, to a real mosquitto; the SenML packs are decoded by PyPI's
`senml`, and each value is compared with the native record of the same channel or sensor and the same time."""
import json
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

from senml.senml import SenMLDocument

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9:./_-]*\Z")
CONFIGURATION = """\
node: format-check
board: raspberry-pi-4
journal: {path: journal.sqlite}
channels:
  - {name: gate, detector: contact, input: J8-11, debounce: {kind: stable, time: 8ms}}
  - {name: path, detector: contact, input: J8-13, debounce: {kind: stable, time: 8ms}}
sensors:
  - {name: box-air, part: bme280, bus: i2c-1, address: 0x76}
destinations:
  - {name: native, host: 127.0.0.1, port: PORT, topic: check/native}
  - {name: senml, format: senml, host: 127.0.0.1, port: PORT, topic: check}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def published(node, folder):
    """What the broker handed on: by topic, in order."""
    port = free_port()
    (folder / "mosquitto.conf").write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n")
    (folder / "node.yaml").write_text(CONFIGURATION.replace("PORT", str(port)))
    broker = subprocess.Popen([shutil.which("mosquitto") or "/usr/sbin/mosquitto", "-c", folder / "mosquitto.conf"], stderr=subprocess.DEVNULL)
    try:
        time.sleep(0.5)
        with open(folder / "received", "wb") as sink:
            listener = subprocess.Popen(["mosquitto_sub", "-p", str(port), "-q", "1", "-t", "check/#", "-F", "%t %p"], stdout=sink)
            time.sleep(0.5)
            subprocess.run([node, "simulate", "school-gate", "--config", folder / "node.yaml", "--speed", "max"], check=True, stdout=subprocess.DEVNULL)
            time.sleep(1)
            listener.terminate()
            listener.wait()
    finally:
        broker.terminate()
        broker.wait()
    for line in (folder / "received").read_text().splitlines():
        topic, payload = line.split(" ", 1)
        yield topic, json.loads(payload)


def seconds(rfc3339):
    import datetime
    return datetime.datetime.fromisoformat(rfc3339.replace("Z", "+00:00")).timestamp()


def main():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="reallabor-formats-"))
    native, values, packs = [], {}, 0
    for topic, payload in published(sys.argv[1], folder):
        if topic == "check/senml":
            packs += 1
            document = SenMLDocument.from_json(payload)
            for measurement in document.measurements:
                whole = measurement.to_absolute(document.base)
                assert NAME.match(whole.name), whole.name
                # 2**28 and above are absolute (RFC 8428, 4.5.3).
                assert whole.time >= 2**28, whole
                values[whole.name, round(whole.time, 3)] = (whole.value, whole.unit)
        elif topic.startswith("check/native/") and payload["kind"] != "status":
            native.append(payload)
    compared = 0

    def expect(name, time, value, unit):
        nonlocal compared
        found = values.get((f"format-check/{name}", round(time, 3)))
        assert found is not None, f"{name} at {time} is missing"
        assert abs(found[0] - value) <= 1e-9 * max(1, abs(value)) and found[1] == unit, (name, found, value, unit)
        compared += 1

    for record in native:
        end = seconds(record["end"]) if record.get("end") else None
        if record["kind"] == "traffic":
            expect(f"{record['channel']}/observed", end, record["observed_seconds"], "s")
            if record["count"] is not None:
                expect(f"{record['channel']}/count", end, record["count"], "count")
                expect(f"{record['channel']}/total", end, record["total"], "count")
            if record["confidence"] is not None:
                expect(f"{record['channel']}/confidence", end, record["confidence"], "/")
        elif record["kind"] == "climate":
            for quantity in record["quantities"]:
                if quantity["n"]:
                    name = f"{record['sensor']}/{quantity['quantity']}"
                    expect(name, end, quantity["mean"], quantity["unit"])
                    expect(f"{name}/min", end, quantity["min"], quantity["unit"])
        elif record["kind"] == "node":
            expect("node/backlog", end, record["backlog"], "count")
    assert packs and compared > 50, (packs, compared)
    shutil.rmtree(folder)
    print(f"senml: {packs} packs, {len(values)} values; {compared} compared with the native records, all equal")


main()
