#!/usr/bin/env python3
"""hostile.py NODE [--short] [SCENARIO...]: brokers that mean ill, against the running node.

The node counts a simulated street in real time and publishes through its transport process. Whatever the broker sends, not one edge may be
lost and the counting process may not end; once a good broker stands at the same place, everything arrives, as `reallabor-node audit` sees
it. Ends with 1 when anything of that fails. --short is for CI; SEED= repeats one."""
import ctypes
import ctypes.util
import datetime
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

from sending import PATTERN, Broker, free_port

BOARDS = pathlib.Path(__file__).resolve().parents[2] / "Boards"
CONNACK = bytes.fromhex("2003000000")
# Property 0x7e is none (MQTT 5 2.2.2): libmosquitto 2.0.11 to 2.0.17 abort.
ABORTING = bytes.fromhex("20040000017e")


def varint(number):
    out = bytearray()
    while True:
        number, low = number >> 7, number & 0x7F
        out.append(low | (0x80 if number else 0))
        if not number:
            return bytes(out)


def packet(kind, body, length=None):
    return bytes([kind]) + varint(len(body) if length is None else length) + body


class Malice:
    """Packets of a broker, each right but for a little, drawn from a seed."""
    IDS = [1, 2, 3, 8, 9, 11, 17, 18, 19, 21, 22, 23, 24, 25, 26, 28, 31, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42]

    def __init__(self, seed):
        self.dice = random.Random(seed)

    def bytes(self, most=12):
        return self.dice.randbytes(self.dice.randint(0, most))

    def property(self):
        name = self.dice.choice(self.IDS) if self.dice.random() < 0.8 else self.dice.randint(0, 255)
        text = lambda: (lambda value: len(value).to_bytes(2, "big") + value)(self.bytes())
        return bytes([name]) + self.dice.choice(
            [lambda: self.dice.randbytes(1), lambda: self.dice.randbytes(2), lambda: self.dice.randbytes(4), text, lambda: text() + text(),
             lambda: varint(self.dice.randint(0, 1 << 28)), lambda: b"\xff\xff", lambda: b""])()

    def properties(self):
        body = b"".join(self.property() for _ in range(self.dice.choice([0, 0, 1, 1, 2, 5])))
        length = len(body) if self.dice.random() < 0.8 else self.dice.choice([0, len(body) + 1, max(0, len(body) - 1), 127, 1 << 20, 268435455])
        return varint(length) + body

    def spoilt(self, data):
        """Now and then a bit, a byte or the end is another."""
        data = bytearray(data)
        while data and self.dice.random() < 0.25:
            place = self.dice.randrange(len(data))
            match self.dice.randrange(4):
                case 0: data[place] ^= 1 << self.dice.randrange(8)
                case 1: data[place] = self.dice.randrange(256)
                case 2: del data[place:]
                case 3: data[place:place] = self.dice.randbytes(self.dice.randint(1, 4))
        return bytes(data)

    def connack(self):
        if self.dice.random() < 0.5:
            return packet(0x20, bytes([0, 0]) + varint(0))
        return self.spoilt(packet(0x20, bytes([self.dice.choice([0, 0, 1, 255]), self.dice.choice([0, 0, 0, 0x80, 0x9F, 255])]) + self.properties()))

    def answer(self, identifier):
        """To a message, or out of the blue."""
        number = identifier if self.dice.random() < 0.8 else self.dice.randbytes(2)
        reason = bytes([self.dice.choice([0, 0, 0x10, 0x80, 0x87, 0x97, 255])])
        topic = self.bytes(20)
        kinds = [
            lambda: packet(0x40, number + reason + self.properties()), lambda: packet(0x40, number), lambda: packet(0x50, number + reason + self.properties()),
            lambda: packet(0x62, number + reason + self.properties()), lambda: packet(0x70, number + reason + self.properties()),
            lambda: packet(0x90, number + self.properties() + reason), lambda: packet(0xB0, number + self.properties() + reason),
            lambda: packet(self.dice.choice([0x30, 0x32, 0x34, 0x3D]), len(topic).to_bytes(2, "big") + topic + number + self.properties() + self.bytes(40)),
            lambda: packet(0xE0, reason + self.properties()), lambda: packet(0xF0, reason + self.properties()), lambda: packet(0xD0, b""),
            lambda: packet(self.dice.randrange(256), self.bytes(60)), lambda: packet(0x30, self.bytes(30), length=268435455),
        ]
        return self.spoilt(self.dice.choice(kinds)())


def receive_packet(connection):
    """Kind and body of a packet the node sends; None at the end."""
    def exactly(count):
        data = b""
        while len(data) < count:
            piece = connection.recv(count - len(data))
            if not piece:
                raise ConnectionError
            data += piece
        return data
    try:
        kind, length, shift = exactly(1)[0], 0, 0
        while True:
            byte = exactly(1)[0]
            length |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                return kind, exactly(length)
    except (OSError, ConnectionError):
        return None


class Hostile:
    """Listens where the broker is to be. `serve` gets each connection after its CONNECT."""

    def __init__(self, port, serve):
        self.serve, self.connections = serve, 0
        self.listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            number, self.connections = self.connections, self.connections + 1
            threading.Thread(target=self.take, args=(connection, number), daemon=True).start()

    def take(self, connection, number):
        connection.settimeout(5)
        try:
            if receive_packet(connection):
                self.serve(connection, number)
        except OSError:
            pass
        finally:
            connection.close()

    def end(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


class Node:
    """The program on a simulated street, with what is to be known of its processes."""

    def __init__(self, program, seconds, dice, destinations=1, environment=None, options=(), keys=""):
        self.program = program
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="reallabor-hostile-"))
        os.chmod(self.folder, 0o755)
        self.ports = [free_port() for _ in range(destinations)]
        places = "".join(
            f"\n  - {{name: to-{number}, host: 127.0.0.1, port: {port}, topic: to/{number}, backfill-rate: 100000{keys}}}"
            for number, port in enumerate(self.ports))
        (self.folder / "node.yaml").write_text(
            "node: n\nboard: raspberry-pi-4\ninterval: 1s\nchannels:\n"
            "  - {name: gate, detector: contact, input: J8-11, debounce: {kind: stable, time: 8ms}}\n"
            "  - {name: path, detector: contact, input: J8-13, debounce: {kind: stable, time: 8ms}}\n"
            f"journal: {{path: journal.sqlite, budget: 64MB}}\ndestinations:{places}\n")
        self.scenario = self.folder / "street.json"
        self.scenario.write_text(json.dumps({
            "seed": dice.randrange(1 << 30), "start": 1788241800, "duration_s": seconds,
            "traffic": [{"channel": "*", "closures_per_hour": 7200, "spikes_per_hour": 600}]}))
        self.log = self.folder / "log"
        self.control = self.folder / "control.sock"
        self.process = subprocess.Popen(
            [program, "simulate", self.scenario, "--config", self.folder / "node.yaml", "--journal", self.folder / "journal.sqlite",
             "--control", self.control, "--format", "json", *options],
            stdout=subprocess.PIPE, stderr=open(self.log, "wb"), env=os.environ | {"REALLABOR_BOARDS": str(BOARDS)} | (environment or {}))
        self.wait("the control socket", lambda: self.status(), 30)

    def status(self):
        done = subprocess.run([self.program, "status", "--json", "--control", self.control], capture_output=True, text=True)
        return json.loads(done.stdout) if done.returncode == 0 else None

    def destination(self, number=0):
        status = self.status()
        return status["destinations"][number] if status else {}

    def children(self):
        """Process ids of the transport processes."""
        found = []
        for task in pathlib.Path(f"/proc/{self.process.pid}/task").iterdir():
            try:
                found += [int(text) for text in (task / "children").read_text().split()]
            except OSError:
                pass
        return found

    def pss(self):
        """Of all its processes together, MB."""
        total = 0
        for pid in [self.process.pid, *self.children()]:
            try:
                total += int(re.search(r"^Pss:\s+(\d+)", pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)[1])
            except (OSError, TypeError):
                pass
        return total / 1024

    @staticmethod
    def wait(what, condition, seconds, pause=0.1):
        begin = time.time()
        while time.time() - begin < seconds:
            found = condition()
            if found:
                return time.time() - begin
            time.sleep(pause)
        raise Failure(f"in {seconds} s there was never {what}")

    def end(self):
        """The simulation's own report, once its street is through."""
        output, _ = self.process.communicate(timeout=900)
        if self.process.returncode < 0:
            raise Failure(f"the node was killed by signal {-self.process.returncode}")
        return json.loads(output)

    def lines(self):
        return [line for line in self.log.read_text().splitlines() if line]


class Failure(Exception):
    pass


class Good:
    """A real broker at the port of a hostile one, and somebody who takes everything in."""

    def __init__(self, node, number=0, confirms=False):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="reallabor-hostile-"))
        os.chmod(self.folder, 0o755)
        self.broker = Broker(self.folder, port=node.ports[number])
        self.file = self.folder / "received.jsonl"
        self.topic = f"to/{number}/#"
        self.receiver = None
        self.begin = time.time()
        Node.wait("a good broker", self.listen, 10)
        if confirms:
            threading.Thread(target=self.confirm, args=(f"to/{number}/receipt",), daemon=True).start()

    def listen(self):
        self.receiver = subprocess.Popen(
            ["mosquitto_sub", "-h", "127.0.0.1", "-p", str(self.broker.port), "-V", "5", "-i", "receiver", "-c", "-x", "3600", "-q", "1", "-t",
             self.topic, "-F", "%p"], stdout=open(self.file, "ab"), stderr=subprocess.DEVNULL)
        time.sleep(0.3)
        return self.receiver.poll() is None

    def confirm(self, topic):
        """What is in the file, until the broker is gone."""
        while self.broker.process:
            numbers = sorted({(found[1].decode(), int(found[2])) for found in PATTERN.finditer(self.file.read_bytes())})
            ranges = []
            for _, number in numbers:
                if ranges and ranges[-1][1] + 1 == number:
                    ranges[-1][1] = number
                else:
                    ranges.append([number, number])
            if numbers:
                subprocess.run(
                    ["mosquitto_pub", "-h", "127.0.0.1", "-p", str(self.broker.port), "-q", "1", "-t", topic, "-m",
                     json.dumps({"epoch": numbers[0][0], "stored": ranges})], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(0.5)

    def audit(self, node, last):
        lines = [line for line in self.file.read_bytes().splitlines() if b'"sequence"' in line]
        (self.folder / "records.jsonl").write_bytes(b"\n".join(lines) + b"\n")
        done = subprocess.run(
            [node.program, "audit", self.folder / "records.jsonl", "--expect", f"1-{last}", "--format", "json"], capture_output=True, text=True)
        verdict = json.loads(done.stdout) if done.stdout else {}
        return None if verdict.get("complete") else [journal["missing"] for journal in verdict.get("journals", [])]

    def end(self):
        if self.receiver:
            self.receiver.kill()
            self.receiver.wait()
        self.broker.end()
        shutil.rmtree(self.folder, ignore_errors=True)


def conclude(node, good, row, limit=30):
    """A good broker takes over: when delivery is back, that all arrives, and that nothing was lost of what passed."""
    row["back after, s"] = round(node.wait("a connection to a good broker", lambda: node.destination().get("connected"), limit), 1)
    row["PSS, MB"] = round(node.pss(), 1)
    report = node.end()
    counted = [(channel["counted"], channel["true"]) for channel in report["channels"]]
    row["edges lost"] = sum(abs(counted - true) for counted, true in counted)
    row["counted"] = sum(true for _, true in counted)
    last = json.loads(subprocess.run(
        [node.program, "journal", "stats", node.folder / "journal.sqlite", "--format", "json"], capture_output=True, text=True).stdout)["last_sequence"]
    for _ in range(20):
        missing = good.audit(node, last)
        if missing is None:
            break
        time.sleep(0.5)
    else:
        raise Failure(f"records are missing of 1 to {last}: {missing}; {report}; the node's last words: {node.lines()[-3:]}")
    row["records"] = last
    if row["edges lost"]:
        raise Failure(f"counted and true: {counted}")
    lines = node.lines()
    row["lines of log"] = len(lines)
    twice = [one for one, next in zip(lines, lines[1:]) if one == next]
    if twice:
        raise Failure(f"said twice: {twice[0]}")
    return row


def said(node, pattern, seconds=30):
    """In status and log."""
    node.wait(f"'{pattern}' in status", lambda: re.search(pattern, node.destination().get("last_error") or ""), seconds)
    if not any(re.search(pattern, line) for line in node.lines()):
        raise Failure(f"'{pattern}' is not in the log")


def is_fragile():
    """Whether this machine's libmosquitto ends over an unknown property."""
    library = ctypes.CDLL(ctypes.util.find_library("mosquitto") or "libmosquitto.so.1")
    numbers = [ctypes.c_int() for _ in range(3)]
    library.mosquitto_lib_version(*map(ctypes.byref, numbers))
    version = tuple(number.value for number in numbers)
    return version < (2, 0, 18), ".".join(map(str, version))


def abort(program, short, dice):
    """The six bytes, to each connection."""
    node = Node(program, 30 if short else 50, dice)

    def serve(connection, _):
        connection.sendall(ABORTING)
        time.sleep(0.3)
    hostile = Hostile(node.ports[0], serve)
    said(node, "SIGABRT.*Update libmosquitto1" if is_fragile()[0] else "does not speak MQTT")
    time.sleep(6)
    row = {"connections": hostile.connections}
    hostile.end()
    good = Good(node)
    try:
        conclude(node, good, row)
    finally:
        good.end()
    abouts = [line for line in node.lines() if "SIGABRT" in line or "does not speak" in line]
    if len(abouts) != 1:
        raise Failure(f"said {len(abouts)} times")
    return row


def fuzz(program, short, dice):
    """Thousands of connections, each with packets that are wrong in a way of their own, by seed. Several destinations, so that it does not
    take all day."""
    count, places, seed = (300 if short else 3000), 8, dice.randrange(1 << 40)
    # A hostile broker also answers for what it has not taken, so the receiver's word counts.
    node = Node(program, 75 if short else 660, dice, destinations=places, options=["--longest-wait", "0.02"], keys=", confirm: receiver")


    def serve(connection, number):
        malice = Malice(seed * 100_003 + number)
        connection.settimeout(0.1)
        connection.sendall(malice.connack())
        for _ in range(malice.dice.randint(1, 6)):
            found = receive_packet(connection)
            identifier = b"\0\1"
            if found and found[0] & 0xF0 == 0x30 and len(found[1]) > 2:
                place = 2 + int.from_bytes(found[1][:2], "big")
                identifier = found[1][place:place + 2]
            connection.sendall(malice.answer(identifier))
        time.sleep(0.02)
    hostiles = [Hostile(port, serve) for port in node.ports]
    pids = set()
    begin = time.time()
    while sum(hostile.connections for hostile in hostiles) < count:
        if time.time() - begin > (50 if short else 600):
            raise Failure(f"only {sum(hostile.connections for hostile in hostiles)} connections")
        if node.process.poll() is not None:
            raise Failure(f"the node ended with {node.process.returncode}")
        pids.update(node.children())
        time.sleep(0.02)
    row = {"connections": sum(hostile.connections for hostile in hostiles), "transport processes seen": len(pids)}
    for hostile in hostiles:
        hostile.end()
    # All of them, or the report would miss what the others did not take.
    goods = [Good(node, number, confirms=True) for number in range(places)]
    try:
        row["all back after, s"] = round(node.wait(
            "connections of all", lambda: all(place.get("connected") for place in (node.status() or {}).get("destinations", [{}])), 30), 1)
        conclude(node, goods[0], row)
    finally:
        for good in goods:
            good.end()
    return row


def swell(program, short, dice):
    """A packet of 256 MB is announced and sent on and on."""
    node = Node(program, 30 if short else 45, dice)

    def serve(connection, _):
        connection.sendall(CONNACK)
        time.sleep(0.2)
        connection.sendall(packet(0x30, b"", length=268435455))
        piece = bytes(1 << 16)
        try:
            while True:
                connection.sendall(piece)
        except OSError:
            pass
    hostile = Hostile(node.ports[0], serve)
    peak, begin = 0, time.time()
    while time.time() - begin < 10:
        peak = max(peak, node.pss())
        time.sleep(0.02)
    said(node, "floods the node|Out of memory|transport process")
    row = {"connections": hostile.connections, "PSS meanwhile at most, MB": round(peak, 1)}
    hostile.end()
    if peak > 72:
        raise Failure(f"{peak} MB")
    good = Good(node)
    try:
        conclude(node, good, row)
    finally:
        good.end()
    return row


def still(program, short, dice):
    """The transport process stands still (SIGSTOP) while connected."""
    node = Node(program, 40 if short else 60, dice)
    good = Good(node)
    try:
        node.wait("a connection", lambda: node.destination().get("connected"), 30)
        before = node.children()
        for pid in before:
            os.kill(pid, signal.SIGSTOP)
        row = {"noticed after, s": round(node.wait("a notice of it", lambda: "said nothing" in node.log.read_text(), 30), 1)}
        conclude(node, good, row)
        if any(pathlib.Path(f"/proc/{pid}").exists() for pid in before):
            raise Failure("the process that stood still is still there")
        return row
    finally:
        good.end()


SPIN = """#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>
int mosquitto_loop_read(void *m, int n) {
    static int (*real)(void *, int);
    if (access(getenv("SPIN"), F_OK) == 0) for (;;) __asm__ volatile("");
    if (!real) real = dlsym(RTLD_NEXT, "mosquitto_loop_read");
    return real(m, n);
}
"""


def loop(program, short, dice):
    """The library turns in an endless loop: made to by a preloaded library, since nobody knows of a packet that does it."""
    if not shutil.which("gcc"):
        return {"connections": "not run: no gcc"}
    folder = pathlib.Path(tempfile.mkdtemp(prefix="reallabor-hostile-"))
    (folder / "spin.c").write_text(SPIN)
    subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", folder / "spin.so", folder / "spin.c", "-ldl"], check=True)
    flag = folder / "spins"
    environment = {"LD_PRELOAD": str(folder / "spin.so"), "SPIN": str(flag)}
    node = Node(program, 40 if short else 60, dice, environment=environment)
    good = Good(node)
    try:
        node.wait("a connection", lambda: node.destination().get("connected"), 30)
        flag.touch()
        row = {"noticed after, s": round(node.wait(
            "a notice of it", lambda: re.search("said nothing|without an end", node.log.read_text()), 30), 1)}
        flag.unlink()
        conclude(node, good, row)
        # With nobody left to end it, it ends itself.
        orphan = Node(program, 60, dice, environment=environment)
        other = Good(orphan)
        try:
            orphan.wait("a connection", lambda: orphan.destination().get("connected"), 30)
            pids = orphan.children()
            flag.touch()
            time.sleep(2)
            orphan.process.kill()
            orphan.process.wait()
            row["orphan gone after, s"] = round(Node.wait("the end of the orphan", lambda: not any(is_running(pid) for pid in pids), 150), 1)
        finally:
            other.end()
            shutil.rmtree(orphan.folder, ignore_errors=True)
        return row
    finally:
        good.end()
        shutil.rmtree(folder, ignore_errors=True)


def is_running(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def memory(program, short, dice):
    """What the processes take together, with one to five destinations that are there."""
    row = {}
    for count in 1, 2, 5:
        node = Node(program, 15, dice, destinations=count)
        goods = [Good(node, number) for number in range(count)]
        try:
            for number in range(count):
                node.wait("a connection", lambda: node.destination(number).get("connected"), 30)
            time.sleep(5)
            row[f"PSS with {count}, MB"] = round(node.pss(), 1)
            node.end()
        finally:
            for good in goods:
                good.end()
            shutil.rmtree(node.folder, ignore_errors=True)
    further = (row["PSS with 5, MB"] - row["PSS with 1, MB"]) / 4
    row["each further, MB"] = round(further, 1)
    if row["PSS with 1, MB"] > 24 or further > 4:
        raise Failure(f"more than 24 MB, or than 4 MB for each further one: {row}")
    return row


# What is measured together with others would share its pages with them.
SCENARIOS, ALONE = [abort, fuzz, still, loop, swell], [memory]


def main():
    arguments = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    short = "--short" in sys.argv
    program = os.path.abspath(arguments[0])
    seed = int(os.environ.get("SEED", time.time()))
    print(f"{datetime.date.today()}, {'short' if short else 'full'}, seed {seed}, libmosquitto {is_fragile()[1]}", flush=True)
    failed = []

    def run(scenario):
        begin = time.time()
        try:
            row = scenario(program, short, random.Random(f"{seed} {scenario.__name__}"))
            text = ", ".join(f"{key}: {value}" for key, value in row.items())
        except (Failure, subprocess.TimeoutExpired, OSError, ValueError) as reason:
            failed.append(scenario)
            text = f"FAILED: {reason}"
        print(f"{scenario.__name__}: {text}; {time.time() - begin:.0f} s", flush=True)

    chosen = lambda scenarios: [scenario for scenario in scenarios if not arguments[1:] or scenario.__name__ in arguments[1:]]
    # They wait most of the time.
    threads = [threading.Thread(target=run, args=(scenario,)) for scenario in chosen(SCENARIOS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for scenario in chosen(ALONE):
        run(scenario)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
