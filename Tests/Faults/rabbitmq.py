#!/usr/bin/env python3
"""rabbitmq.py NODE: the running node against RabbitMQ 4, which speaks MQTT by a plugin and is no kin of mosquitto.

With MQTT 5 and 3.1.1, one channel's topic forbidden, the broker killed in the middle and started again. What was received is audited; ends with 1 when a record is missing that nothing stood against. Debian 12 has RabbitMQ 3.10, Debian 13
has 4.0."""
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

from sending import free_port

BOARDS = pathlib.Path(__file__).resolve().parents[2] / "Boards"
HOME = pathlib.Path("/usr/lib/rabbitmq")
FORBIDDEN = "hof"
NODE = """node: n
board: raspberry-pi-4
interval: 1s
channels:
  - {name: tor, detector: contact, input: J8-11, debounce: {kind: stable, time: 8ms}}
  - {name: weg-ost, detector: contact, input: J8-13, debounce: {kind: stable, time: 8ms}}
  - {name: hof, detector: contact, input: J8-15, debounce: {kind: stable, time: 8ms}}
journal: {path: journal.sqlite, budget: 64MB}
mqtt: {host: 127.0.0.1, port: PORT, topic: city/a, username: node, password-file: password, backfill-rate: 100000, protocol: "VERSION"}
"""


class Failure(Exception):
    pass


def wait(what, condition, seconds):
    end = time.time() + seconds
    while time.time() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.2)
    raise Failure(f"in {seconds} s there was never {what}")


class RabbitMQ:
    def __init__(self, folder):
        self.folder, self.port = folder, free_port()
        (folder / "plugins").write_text("[rabbitmq_mqtt].\n")
        (folder / "rabbitmq.conf").write_text(
            f"listeners.tcp = none\nmqtt.listeners.tcp.1 = 127.0.0.1:{self.port}\nmqtt.allow_anonymous = false\nlog.file.level = warning\n")
        self.environment = os.environ | {
            "HOME": str(folder), "RABBITMQ_NODENAME": f"reallabor{self.port}@localhost", "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"), "RABBITMQ_MNESIA_BASE": str(folder / "data"),
            "RABBITMQ_LOG_BASE": str(folder / "log"), "RABBITMQ_DIST_PORT": str(free_port()),
            # Beside others on a small machine.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 2:2"}
        self.process = None
        self.start()
        self.control("add_user", "node", "right")
        self.control("add_user", "city", "right")
        for user in "node", "city":
            self.control("set_permissions", user, ".*", ".*", ".*")
        # A topic as AMQP has it: dots where MQTT has slashes.
        self.control("set_topic_permissions", "node", "amq.topic", r"^(?!.*traffic\.hof).*$", ".*")

    def start(self):
        self.process = subprocess.Popen(
            [HOME / "bin/rabbitmq-server"], env=self.environment, stdout=open(self.folder / "out", "ab"), stderr=subprocess.STDOUT,
            start_new_session=True)
        wait("RabbitMQ's MQTT port", self.listens, 90)

    def listens(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), 0.2).close()
            return True
        except OSError:
            return False

    def control(self, *words):
        done = subprocess.run([HOME / "bin/rabbitmqctl", *words], env=self.environment, capture_output=True, text=True)
        if done.returncode:
            raise Failure(f"rabbitmqctl {' '.join(words)}: {done.stdout}{done.stderr}")
        return done.stdout

    def end(self, hard=False):
        # Its child is the virtual machine.
        os.killpg(self.process.pid, signal.SIGKILL if hard else signal.SIGTERM)
        self.process.wait()


def receiver(broker, file):
    process = subprocess.Popen(
        ["mosquitto_sub", "-h", "127.0.0.1", "-p", str(broker.port), "-V", "5", "-i", "city", "-u", "city", "-P", "right", "-c", "-x", "3600", "-q", "1",
         "-t", "#", "-F", "%t\t%p"], stdout=open(file, "ab"), stderr=subprocess.DEVNULL)
    time.sleep(2)
    if process.poll() is not None:
        raise Failure("mosquitto_sub ended")
    return process


def run(program, broker, folder, version):
    folder.mkdir()
    (folder / "password").write_text("right\n")
    (folder / "node.yaml").write_text(NODE.replace("PORT", str(broker.port)).replace("VERSION", version))
    (folder / "street.json").write_text(json.dumps({
        "seed": 4, "start": 1788241800, "duration_s": 60, "traffic": [{"channel": "*", "closures_per_hour": 3600, "spikes_per_hour": 60}]}))
    file, log, control = folder / "received", folder / "log", folder / "control.sock"
    file.touch()
    listening = receiver(broker, file)
    node = subprocess.Popen(
        [program, "simulate", folder / "street.json", "--config", folder / "node.yaml", "--journal", folder / "journal.sqlite", "--control", control,
         "--format", "json"], stdout=subprocess.PIPE, stderr=open(log, "wb"), env=os.environ | {"REALLABOR_BOARDS": str(BOARDS)})
    try:
        try:
            wait("a record at the receiver", lambda: b"/traffic/tor" in file.read_bytes(), 40)
        except Failure as failure:
            raise Failure(f"{failure}; the node said:\n{log.read_text()}\nreceived: {file.read_bytes()[:500]}") from None
        time.sleep(5)
        broker.end(hard=True)
        broker.start()
        if listening.poll() is not None:
            listening = receiver(broker, file)
        report = json.loads(node.communicate(timeout=200)[0])
    finally:
        node.kill()
    last = json.loads(subprocess.run(
        [program, "journal", "stats", folder / "journal.sqlite", "--format", "json"], capture_output=True, text=True).stdout)["last_sequence"]
    time.sleep(3)
    listening.terminate()
    lines = [line.split(b"\t", 1) for line in file.read_bytes().splitlines() if b"\t" in line]
    records = [payload for _, payload in lines if b'"sequence"' in payload]
    (folder / "records").write_bytes(b"\n".join(records) + b"\n")
    audited = json.loads(subprocess.run(
        [program, "audit", folder / "records", "--expect", f"1-{last}", "--format", "json"], capture_output=True, text=True).stdout)
    there = {json.loads(payload)["sequence"] for payload in records}
    exported = subprocess.run(
        [program, "journal", "export", folder / "journal.sqlite", "--format", "jsonl"], capture_output=True, text=True).stdout
    forbidden = {record["sequence"] for record in map(json.loads, exported.splitlines()) if record.get("channel") == FORBIDDEN}
    missing = set(range(1, last + 1)) - there - forbidden
    topics = {topic.decode() for topic, _ in lines}
    words = log.read_text()
    lost = sum(abs(channel["counted"] - channel["true"]) for channel in report["channels"])
    print(f"mqtt {version}: {last} records, {len(there)} received, {len(there & forbidden)} of {len(forbidden)} forbidden ones among them, "
          f"{len(missing)} missing, {lost} edges lost; topics: {', '.join(sorted(topics))}")
    if missing or lost or not forbidden:
        raise Failure(f"missing: {sorted(missing)}; the node said:\n{words}")
    if "city/a/traffic/weg-ost" not in topics:
        raise Failure("the topics are not what they were sent as")
    if there & forbidden:
        raise Failure("the broker let forbidden ones through: this proves nothing")
    if version == "5" and "hof" not in words:
        raise Failure(f"nobody was told what is forbidden:\n{words}")
    return words


def main():
    program = os.path.abspath(sys.argv[1])
    if not (HOME / "bin/rabbitmq-server").exists():
        sys.exit("rabbitmq.py: RabbitMQ is not installed: Deploy/install-packages.sh rabbitmq-server")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="reallabor-rabbitmq-"))
    code, broker = 0, None
    try:
        broker = RabbitMQ(folder)
        print("rabbitmq", broker.control("version").strip())
        for version in "5", "3.1.1":
            words = run(program, broker, folder / version, version)
            for line in words.splitlines():
                print("  ", line)
    except Failure as failure:
        print(f"FAILED: {failure}")
        code = 1
    finally:
        if broker and broker.process:
            broker.end(hard=True)
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(code)


main()
