#!/usr/bin/env python3
"""delivery.py EXERCISER NODE [RECORDS]: how fast a backlog drains, with bare libmosquitto before and after each drain, same window
and payload; how late fresh intervals are while the node itself replays a backlog, and what memory that takes; and what the node,
a mosquitto bridge and mqtt-io from PyPI keep through the same outages and kill. All on this machine, in one run.

Figures depend on the machine, so nothing here passes or fails, but for a record of the node that is lost or out of order."""
import atexit
import datetime
import json
import os
import pathlib
import platform
import re
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
WINDOW = 20
CHANNELS = 12
ROUNDS = 3

NODE = """node: bench
board: raspberry-pi-4
interval: 1s
channels:
  - {name: gate, detector: contact, input: J8-11, debounce: {kind: stable, time: 8ms}}
  - {name: path, detector: contact, input: J8-13, debounce: {kind: stable, time: 8ms}}
sensors:
  - {name: box-air, part: bme280, bus: i2c-1, period: 1s}
  - {name: street-air, part: sht40, bus: i2c-1, period: 1s}
journal: {path: journal.sqlite, budget: 4GB}
mqtt: {host: 127.0.0.1, port: PORT, topic: bench, backfill-rate: unlimited}
"""

# Its intervals are whole seconds.
MQTT_IO_READINGS = 10
MQTT_IO = """mqtt: {host: 127.0.0.1, port: PORT, topic_prefix: peer}
sensor_modules: [{name: counter, module: bench_counter}]
sensor_inputs:
""" + "".join(f"  - {{name: reading-{number}, module: counter, interval: 1, digits: 0}}\n" for number in range(MQTT_IO_READINGS))

# Each reading has a number of its own and is noted before it is given away, so that what does not arrive is known.
MQTT_IO_MODULE = """from threading import Lock

from . import GenericSensor

REQUIREMENTS = ()
CONFIG_SCHEMA = {}


class Sensor(GenericSensor):
    def setup_module(self):
        self.lock = Lock()

    def get_value(self, sens_conf):
        with self.lock, open(NOTED, "a+") as noted:
            noted.seek(0)
            number = len(noted.readlines()) + 1
            noted.write(f"{number}\\n")
        return number
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port):
    for _ in range(500):
        try:
            return socket.create_connection(("127.0.0.1", port), 0.2).close()
        except OSError:
            time.sleep(0.02)
    sys.exit("the broker did not start")


class Broker:
    """A mosquitto as Debian has it, but for queues without a limit and the settings in `extra`."""

    def __init__(self, folder, name, extra=""):
        self.port = free_port()
        self.settings = folder / f"{name}.conf"
        self.settings.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nuser root\n{extra}")
        self.start()

    def start(self):
        program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        self.process = subprocess.Popen([program, "-c", self.settings], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(self.port)

    def end(self, hard=False):
        end(self.process, hard)


def end(process, hard=False):
    process.kill() if hard else process.terminate()
    process.wait()


def receiver(port, file, topics, form):
    """mosquitto_sub with a session that outlasts its broker's absence."""
    filters = [word for topic in topics for word in ("-t", topic)]
    process = subprocess.Popen(
        ["mosquitto_sub", "-h", "127.0.0.1", "-p", str(port), "-V", "5", "-i", file.name, "-c", "-x", "3600", "-q", "1", *filters, "-F", form],
        stdout=open(file, "wb"), stderr=subprocess.DEVNULL)
    time.sleep(0.5)
    return process


def somebody_subscribes(port):
    """A receiver of everything that keeps nothing, as a real one would take its share of the machine. Without any, the broker
    throws messages away and says so; with one that is away, it drops them faster than it could deliver them."""
    process = subprocess.Popen(
        ["mosquitto_sub", "-h", "127.0.0.1", "-p", str(port), "-V", "5", "-q", "0", "-t", "#", "-F", "%U"], stdout=subprocess.DEVNULL)
    atexit.register(process.kill)
    time.sleep(0.5)


def figures(text):
    return dict(pair.split("=") for pair in text.split() if "=" in pair)


def fill(exerciser, journal, records):
    subprocess.run([exerciser, "fill", journal, str(-(-records // CHANNELS))], check=True, stdout=subprocess.DEVNULL)


def send(exerciser, journal, port, *options):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [exerciser, "send", journal, "127.0.0.1", str(port), f"window={WINDOW}", *options], capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    found = figures(done.stdout)
    # Its transport process is counted, since it waits for that.
    found["cpu_us"] = 1e6 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / max(1, int(found["acknowledged"]))
    return found


def audit(node, file, last):
    done = subprocess.run([node, "audit", file, "--expect", f"1-{last}", "--format", "json"], capture_output=True, text=True)
    return json.loads(done.stdout)


def ordered(folder, exerciser, node, port, records):
    """Both lanes of a smaller journal into a receiver: their order, and how long a message is."""
    fill(exerciser, folder / "ordered", records)
    listening = receiver(port, folder / "ordered.jsonl", ["bench/traffic/#"], "%p")
    sent = send(exerciser, folder / "ordered", port, "rate=1", "seconds=3")
    for _ in range(60):
        time.sleep(0.5)
        lines = (folder / "ordered.jsonl").read_bytes().splitlines()
        if len(lines) >= int(sent["committed"]):
            break
    end(listening)
    found = audit(node, folder / "ordered.jsonl", sent["committed"])
    verdict = found["journals"][0]
    isGood = found["complete"] and verdict["reordered"] == 0
    row = (f"{sent['committed']} records on two lanes, as audited",
           f"{'complete' if found['complete'] else 'NOT COMPLETE'}, {verdict['reordered']} out of order in their lane, "
           f"{verdict['late']} of the backlog, {verdict['duplicated']} duplicated")
    return isGood, sum(map(len, lines)) // len(lines), row


def drain(folder, exerciser, node, records, rows):
    broker = Broker(folder, "drain")
    isGood, size, order = ordered(folder, exerciser, node, broker.port, records // 10)
    subprocess.run(["cc", "-O2", "-o", folder / "bare", HERE / "bare_publisher.c", "-lmosquitto"], check=True)

    def bare():
        return float(subprocess.run(
            [folder / "bare", str(broker.port), str(records // 4), str(WINDOW), str(size)], capture_output=True, text=True, check=True).stdout)

    somebody_subscribes(broker.port)
    fill(exerciser, folder / "full", records)
    peers = [bare()]
    # As in the node, with a process of its own for the transport, and with the library inside, in turns.
    ways = {"process": ([], [], [], []), "inside": ([], [], [], [])}
    for _ in range(ROUNDS):
        for way, (rates, ratios, memory, cpu) in ways.items():
            for name in "full", "full.mark":
                shutil.copy(folder / name, folder / name.replace("full", "journal"))
            found = send(exerciser, folder / "journal", broker.port, f"transport={way}")
            rates.append(int(found["acknowledged"]) / float(found["seconds"]))
            peers.append(bare())
            ratios.append(rates[-1] / statistics.mean(peers[-2:]))
            memory.append(int(found["rss_peak_kb"]))
            cpu.append(found["cpu_us"])
            for left in folder.glob("journal*"):
                left.unlink()
    broker.end()

    def each(numbers, form):
        return f"{statistics.median(numbers):{form}} ({', '.join(f'{number:{form}}' for number in numbers)})"

    rates, ratios, memory, cpu = ways["process"]
    rows.append((f"drain of {found['acknowledged']} records, QoS 1, window {WINDOW}, {size} bytes each: records/s, median of {ROUNDS}",
                 each(rates, ".0f")))
    rows.append(("bare libmosquitto before, between and after, same window and payload: messages/s", each(peers, ".0f")))
    rows.append(("drain in shares of the bare ones around it", each(ratios, ".2f")))
    rows.append(("  the same with libmosquitto inside", each(ways["inside"][1], ".2f")))
    rows.append(("processor time per record, journal, publisher and transport process, µs", each(cpu, ".1f")))
    rows.append(("  the same with libmosquitto inside", each(ways["inside"][3], ".1f")))
    rows.append(("memory of journal and publisher alone, most resident (VmHWM)", f"{max(memory) / 1000:.1f} MB"))
    rows.append(order)
    return isGood


def start_node(folder, node, port, journal):
    (folder / "node.yaml").write_text(NODE.replace("PORT", str(port)))
    return subprocess.Popen(
        [node, "simulate", "school-gate", "--config", folder / "node.yaml", "--journal", journal, "--privileged", "--for", "3000"],
        env=os.environ | {"REALLABOR_BOARDS": str(HERE.parents[1] / "Boards")}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def peak(pid, name):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(rf"{name}:\s+(\d+)", status)[1])


def live(folder, node, records, rows):
    """The whole program with intervals of a second, and a million records behind it that know no pace: the worst case."""
    broker = Broker(folder, "live")
    somebody_subscribes(broker.port)
    fresh = receiver(broker.port, folder / "fresh", ["bench/traffic/gate", "bench/traffic/path", "bench/climate/+", "bench/node"], "%U %p")
    # A twelfth of the backlog, and the last of it.
    old = receiver(broker.port, folder / "old", [f"bench/traffic/channel-{CHANNELS - 1}"], "%U")
    shutil.copy(folder / "full", folder / "live.sqlite")
    shutil.copy(folder / "full.mark", folder / "live.sqlite.mark")
    process = start_node(folder, node, broker.port, folder / "live.sqlite")
    expected, seen, stalled = -(-records // CHANNELS), 0, 0
    while seen < expected and stalled < 60:
        time.sleep(1)
        before, seen = seen, (folder / "old").read_bytes().count(b"\n")
        stalled = stalled + 1 if seen == before else 0
    resident, locked = peak(process.pid, "VmHWM"), peak(process.pid, "VmLck")
    end(process)
    for listening in fresh, old:
        end(listening)
    broker.end()

    times = [float(line) for line in (folder / "old").read_bytes().split()]
    # The receiver's clock and the node's are the same one, and the simulated node's UTC is the system's.
    late = []
    for line in (folder / "fresh").read_bytes().splitlines():
        when, payload = line.split(b" ", 1)
        record = json.loads(payload)
        if record["historical"] or record["end"] is None or not times[0] < float(when) <= times[-1]:
            continue
        ended = datetime.datetime.fromisoformat(record["end"].replace("Z", "+00:00")).timestamp()
        late.append(float(when) - ended)
    late.sort()
    rows.append((f"the node itself: {len(times) * CHANNELS} records replayed without a pace, records/s", f"{len(times) * CHANNELS / (times[-1] - times[0]):.0f}"))
    rows.append((f"  {len(late)} fresh records meanwhile, from the end of their interval to the receiver, s: p50, p99, most",
                 f"{late[len(late) // 2]:.3f}, {late[len(late) * 99 // 100]:.3f}, {late[-1]:.3f}"))
    rows.append((f"  memory of the whole program, most resident (VmHWM; {locked / 1000:.1f} MB in locked mappings)", f"{resident / 1000:.1f} MB"))
    return len(times) >= expected


class Bridge:
    """A mosquitto that keeps and forwards, and a program that gives it ten numbered messages a second with QoS 1."""
    name = "mosquitto bridge, persistence on"

    def __init__(self, folder, port):
        self.broker = Broker(
            folder, "bridge",
            f"persistence true\npersistence_location {folder}/\nconnection far\naddress 127.0.0.1:{port}\n"
            "topic # out 1\ncleansession false\nrestart_timeout 1\n")
        self.sent = 0
        self.begin()

    def begin(self):
        self.isRunning = True
        self.thread = threading.Thread(target=self.give)
        self.thread.start()

    def give(self):
        with subprocess.Popen(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(self.broker.port), "-q", "1", "-t", "bridge/reading", "-l"],
                              stdin=subprocess.PIPE, text=True) as publisher:
            while self.isRunning:
                self.sent += 1
                publisher.stdin.write(f"{self.sent}\n")
                publisher.stdin.flush()
                time.sleep(0.1)

    def kill(self):
        # All of it was acknowledged: a second without a new one.
        self.isRunning = False
        self.thread.join()
        time.sleep(1)
        self.broker.end(hard=True)

    def again(self):
        self.broker.start()
        self.begin()

    def stop(self):
        self.isRunning = False
        self.thread.join()
        time.sleep(1)

    def account(self, lines):
        arrived = len({line.split()[1] for line in lines if line.startswith(b"bridge/")})
        return self.sent, arrived, self.sent - arrived

    def close(self):
        self.broker.end()


class MqttIO:
    """Ten sensors with a numbered reading each second."""
    name = "mqtt-io from PyPI"

    def __init__(self, folder, port):
        environment = folder / "venv"
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        if subprocess.call([sys.executable, "-m", "venv", environment], **quiet) or subprocess.call(
                [environment / "bin/pip", "install", "-q", "mqtt-io"], **quiet):
            raise RuntimeError("could not be installed from PyPI on this machine, so nothing is known of it")
        self.noted = folder / "noted"
        self.noted.touch()
        modules = next(environment.glob("lib/python*/site-packages/mqtt_io/modules/sensor"))
        (modules / "bench_counter.py").write_text(MQTT_IO_MODULE.replace("NOTED", repr(str(self.noted))))
        settings = folder / "mqtt-io.yml"
        settings.write_text(MQTT_IO.replace("PORT", str(port)))
        self.command = [environment / "bin/python", "-m", "mqtt_io", settings]
        self.log_file = folder / "mqtt-io.log"
        self.log = open(self.log_file, "ab")
        self.again()

    def again(self):
        self.process = subprocess.Popen(self.command, stdout=self.log, stderr=self.log)

    def kill(self):
        end(self.process, hard=True)

    def stop(self):
        end(self.process)

    def account(self, lines):
        made = self.noted.read_text().count("\n")
        if made == 0:
            raise RuntimeError(f"did not run here: {self.log_file.read_text()[-300:].strip()}")
        arrived = len({line.split()[1] for line in lines if line.startswith(b"peer/sensor/")})
        return made, arrived, made - arrived

    def close(self):
        pass


class Node:
    """The program with a simulated street, in intervals of a second."""
    name = "the node"

    def __init__(self, folder, port, node):
        self.arguments = (folder, node, port, folder / "kept.sqlite")
        self.folder, self.node = folder, node
        self.again()

    def again(self):
        self.process = start_node(*self.arguments)

    def kill(self):
        end(self.process, hard=True)

    def stop(self):
        end(self.process)

    def account(self, lines):
        (self.folder / "kept.jsonl").write_bytes(b"".join(line.split(b" ", 1)[1] + b"\n" for line in lines if line.startswith(b"bench/")))
        statistics = subprocess.run(
            [self.node, "journal", "stats", self.folder / "kept.sqlite", "--format", "json"], capture_output=True, text=True, check=True)
        last = json.loads(statistics.stdout)["last_sequence"]
        journal = audit(self.node, self.folder / "kept.jsonl", last)["journals"][0]
        return last, journal["records"], sum(gap["last"] - gap["first"] + 1 for gap in journal["missing"])

    def close(self):
        pass


def outages(folder, node, rows):
    """A broker that is away twice; in the second absence whatever stores the messages is killed."""
    far = Broker(folder, "far", f"persistence true\npersistence_location {folder}/\npersistence_file far.db\nmax_inflight_messages 1000\n")
    listening = receiver(far.port, folder / "arrived", ["bench/#", "bridge/#", "peer/#"], "%t %p")
    sources, results = [], {}
    for make in lambda: MqttIO(folder, far.port), lambda: Bridge(folder, far.port), lambda: Node(folder, far.port, node):
        try:
            sources.append(make())
        except RuntimeError as reason:
            results[MqttIO.name] = str(reason)
    try:
        time.sleep(6)
        far.end()
        time.sleep(15)
        far.start()
        time.sleep(20)
        far.end()
        time.sleep(8)
        for source in sources:
            source.kill()
        time.sleep(1)
        far.start()
        for source in sources:
            source.again()
        # The longest of their waits between two tries is a minute.
        time.sleep(70)
        for source in sources:
            source.stop()
        time.sleep(3)
    finally:
        end(listening)
        far.end()
        for source in sources:
            source.close()
    lines = (folder / "arrived").read_bytes().splitlines()
    isGood = True
    for source in sources:
        try:
            made, arrived, lost = source.account(lines)
        except RuntimeError as reason:
            results[source.name] = str(reason)
            continue
        results[source.name] = f"{made} given, {arrived} arrived, {lost} lost"
        isGood = isGood and (source.name != Node.name or lost == 0)
    for name, result in results.items():
        rows.append((f"broker away for 15 s, then for 9 s with a kill of {name}", result))
    return isGood


def main():
    exerciser, node = (os.path.abspath(path) for path in sys.argv[1:3])
    records = int(sys.argv[3]) if len(sys.argv) > 3 else 1_000_000
    folder = pathlib.Path(tempfile.mkdtemp(prefix="reallabor-delivery-"))
    folder.chmod(0o755)
    cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.machine())
    print(f"\nDelivery, {datetime.date.today()}, {os.cpu_count()} × {cpu}, load {os.getloadavg()[0]:.1f}\n\n| what | figure |\n|---|---|", flush=True)
    isGood = True
    try:
        every = [lambda rows: drain(folder, exerciser, node, records, rows), lambda rows: live(folder, node, records, rows),
                 lambda rows: outages(folder, node, rows)]
        # "drain" as the fourth argument leaves the rest out.
        for part in every[:1] if sys.argv[4:] == ["drain"] else every:
            rows = []
            isGood = part(rows) and isGood
            for what, figure in rows:
                print(f"| {what} | {figure} |", flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(0 if isGood else 1)


main()
