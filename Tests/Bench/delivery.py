#!/usr/bin/env python3
"""delivery.py EXERCISER NODE [RECORDS]: how fast a backlog drains, bare libmosquitto beside it with the same window and payload;
and what a mosquitto bridge keeps through an outage and a kill, the node's journal beside it. All on this machine, in one run.

Figures depend on the machine, so nothing here passes or fails, but for a record that is lost."""
import datetime
import json
import os
import pathlib
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
WINDOW = 20
CHANNELS = 12


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def broker(folder, name, extra="", port=None):
    port = port or free_port()
    settings = folder / f"{name}.conf"
    settings.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nuser root\n{extra}")
    process = subprocess.Popen(
        [shutil.which("mosquitto") or "/usr/sbin/mosquitto", "-c", settings], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
            return process, port
        except OSError:
            time.sleep(0.02)
    sys.exit("the broker did not start")


def end(process, hard=False):
    process.kill() if hard else process.terminate()
    process.wait()


def receiver(port, file, topic):
    process = subprocess.Popen(
        ["mosquitto_sub", "-h", "127.0.0.1", "-p", str(port), "-V", "5", "-i", "receiver", "-c", "-x", "3600", "-q", "1", "-t", topic, "-F", "%p"],
        stdout=open(file, "wb"), stderr=subprocess.DEVNULL)
    time.sleep(0.5)
    return process


def figures(text):
    return dict(pair.split("=") for pair in text.split() if "=" in pair)


def send(exerciser, journal, port, *options):
    done = subprocess.run([exerciser, "send", journal, "127.0.0.1", str(port), f"window={WINDOW}", *options], capture_output=True, text=True)
    return figures(done.stdout)


def drain(folder, exerciser, node, records):
    subprocess.run([exerciser, "fill", folder / "journal", str(records // CHANNELS)], check=True, stdout=subprocess.DEVNULL)
    process, port = broker(folder, "drain")
    found = send(exerciser, folder / "journal", port)
    rate = int(found["acknowledged"]) / float(found["seconds"])

    # In order, and how long a message is: fewer records, with a receiver on the same processors.
    subprocess.run([exerciser, "fill", folder / "ordered", str(records // 10 // CHANNELS)], check=True, stdout=subprocess.DEVNULL)
    listening = receiver(port, folder / "ordered.jsonl", "bench/traffic/#")
    ordered = send(exerciser, folder / "ordered", port, "rate=1", "seconds=2")
    time.sleep(2)
    end(listening)
    audit = json.loads(subprocess.run(
        [node, "audit", folder / "ordered.jsonl", "--expect", f"1-{ordered['committed']}", "--format", "json"],
        capture_output=True, text=True).stdout)
    verdict = audit["journals"][0]
    lines = (folder / "ordered.jsonl").read_bytes().splitlines()
    size = sum(map(len, lines)) // len(lines)

    subprocess.run(["cc", "-O2", "-o", folder / "bare", HERE / "bare_publisher.c", "-lmosquitto"], check=True)
    bare = float(subprocess.run(
        [folder / "bare", str(port), str(records), str(WINDOW), str(size)], capture_output=True, text=True, check=True).stdout)
    end(process)
    print(f"| drain of {found['acknowledged']} records, QoS 1, window {WINDOW}, {size} bytes each | {rate:.0f} records/s |")
    print(f"| bare libmosquitto, same window and payload | {bare:.0f} messages/s; the node has {rate / bare:.2f} of it |")
    print(f"| memory at most, resident | {int(found['rss_peak_kb']) / 1000:.1f} MB |")
    print(f"| {ordered['committed']} records on two lanes, as audited | {'complete' if audit['complete'] else 'NOT COMPLETE'}, "
          f"{verdict['reordered']} out of order in their lane, {verdict['late']} of the backlog, {verdict['duplicated']} duplicated |")
    return audit["complete"] and verdict["reordered"] == 0


def outage(folder, exerciser, node):
    """200 messages while the far broker is away, then a kill of what stores them."""
    far_port = free_port()
    bridge = (f"persistence true\npersistence_location {folder}/\nconnection far\naddress 127.0.0.1:{far_port}\n"
              "topic # out 1\ncleansession false\nrestart_timeout 1\n")
    process, port = broker(folder, "bridge", bridge)
    for number in range(200):
        subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(port), "-q", "1", "-t", "bench/traffic/bridge", "-m", str(number)], check=True)
    end(process, hard=True)
    far, _ = broker(folder, "far", port=far_port)
    listening = receiver(far_port, folder / "bridged", "bench/traffic/#")
    process, _ = broker(folder, "bridge", bridge, port=port)
    time.sleep(8)
    end(process)
    end(listening)
    arrived = len(set((folder / "bridged").read_text().split()))
    print(f"| mosquitto bridge, persistence on: 200 acknowledged in an outage, killed | {arrived} arrived, {200 - arrived} lost |")

    end(far)
    subprocess.run([exerciser, "fill", folder / "kept", "17"], check=True, stdout=subprocess.DEVNULL)
    away = subprocess.Popen([exerciser, "send", folder / "kept", "127.0.0.1", str(far_port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(2)
    end(away, hard=True)
    far, _ = broker(folder, "far", port=far_port)
    listening = receiver(far_port, folder / "kept.jsonl", "bench/traffic/#")
    found = send(exerciser, folder / "kept", far_port)
    time.sleep(1)
    end(listening)
    end(far)
    audit = json.loads(subprocess.run(
        [node, "audit", folder / "kept.jsonl", "--expect", f"1-{found['committed']}", "--format", "json"], capture_output=True, text=True).stdout)
    missing = sum(gap["last"] - gap["first"] + 1 for gap in audit["journals"][0]["missing"])
    print(f"| the node's journal: {found['committed']} committed in an outage, killed | {audit['journals'][0]['records']} arrived, {missing} lost |")
    return missing == 0


def main():
    exerciser, node = (os.path.abspath(path) for path in sys.argv[1:3])
    records = int(sys.argv[3]) if len(sys.argv) > 3 else 1_000_000
    folder = pathlib.Path(tempfile.mkdtemp(prefix="reallabor-delivery-"))
    folder.chmod(0o755)
    try:
        cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.machine())
        print(f"\nDelivery, {datetime.date.today()}, {os.cpu_count()} × {cpu}\n\n| what | figure |\n|---|---|")
        good = drain(folder, exerciser, node, records)
        good = outage(folder, exerciser, node) and good
    finally:
        shutil.rmtree(folder)
    sys.exit(0 if good else 1)


main()
