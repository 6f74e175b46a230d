#!/usr/bin/env python3
"""sending.py EXERCISER NODE [--short] [SCENARIO...]: faults of brokers, names, networks and nodes, each under load.

A journal and its publisher (Tests/DeliveryExerciser) send to a real mosquitto; mosquitto_sub receives, and
`reallabor-node audit` says what is missing. Where brokers are killed the receiver confirms: what mosquitto has acknowledged
and not yet saved dies with it. Ends with 1 when anything was lost. --short is for CI. As root, names and networks too."""
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

PATTERN = re.compile(rb'"epoch":"([0-9a-f]{16})","sequence":(\d+)')


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def uncounted(file):
    """By how much the counts that were received differ from the channels' totals. A record that another took the place of
    does not count, should it have arrived all the same."""
    records = {}
    for line in file.read_bytes().splitlines():
        record = json.loads(line)
        if record["kind"] == "traffic":
            records[record["sequence"]] = record
    replaced = set()
    for record in records.values():
        for first, last in record.get("replaces") or []:
            replaced.update(range(first, last + 1))
    sums, totals = {}, {}
    for number, record in records.items():
        channel = record["channel"]
        totals[channel] = max(totals.get(channel, 0), record["total"])
        if number not in replaced:
            sums[channel] = sums.get(channel, 0) + record["count"]
    return sum(abs(totals[channel] - sums.get(channel, 0)) for channel in totals)


class Broker:
    """A mosquitto that keeps what its receiver has not got, when it is asked to end."""

    def __init__(self, folder, host="127.0.0.1", prefix=(), port=None):
        self.host, self.prefix = host, list(prefix)
        self.port = port or free_port()
        self.settings = folder / "mosquitto.conf"
        self.settings.write_text(
            f"listener {self.port} {host}\nallow_anonymous true\npersistence true\npersistence_location {folder}/\n"
            # For the receiver: mosquitto collects small packets, so that a short window waits for its TCP's acknowledgements.
            "max_inflight_messages 1000\nmax_queued_messages 0\nuser root\n")
        self.process = None
        self.start()

    def start(self):
        program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        self.process = subprocess.Popen(
            self.prefix + [program, "-c", str(self.settings)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def end(self, hard=False):
        if self.process is None:
            return
        self.process.send_signal(signal.SIGKILL if hard else signal.SIGTERM)
        self.process.wait()
        self.process = None


class Receiver:
    """mosquitto_sub with a session of its own; confirms what is in its file, if it is to."""

    def __init__(self, folder, broker, confirms):
        self.file = folder / "received.jsonl"
        self.file.touch()
        self.broker = broker
        self.ended = False
        self.process = None
        self.sink = open(self.file, "ab")
        self.arguments = broker.prefix + [
            "mosquitto_sub", "-h", broker.host, "-p", str(broker.port), "-V", "5", "-i", "receiver", "-c", "-x", "86400", "-q", "1",
            "-t", "bench/traffic/#", "-t", "bench/notice", "-F", "%p"]
        self.watch = threading.Thread(target=self.keep_running)
        self.watch.start()
        self.confirmer = threading.Thread(target=self.confirm) if confirms else None
        if self.confirmer:
            self.confirmer.start()

    def keep_running(self):
        # It gives up when its broker is not there at the start.
        while not self.ended:
            self.process = subprocess.Popen(self.arguments, stdout=self.sink, stderr=subprocess.DEVNULL)
            while not self.ended and self.process.poll() is None:
                time.sleep(0.1)
            time.sleep(0.2)
        self.process.kill()
        self.process.wait()

    def confirm(self):
        stored, offset, epoch = set(), 0, None
        through = 0
        while not self.ended:
            with open(self.file, "rb") as file:
                file.seek(offset)
                piece = file.read()
            piece = piece[:piece.rfind(b"\n") + 1]
            offset += len(piece)
            for found in PATTERN.finditer(piece):
                epoch = found[1].decode()
                number = int(found[2])
                if number > through:
                    stored.add(number)
            while through + 1 in stored:
                through += 1
                stored.discard(through)
            if epoch:
                ranges = [[1, through]] if through else []
                for number in sorted(stored):
                    if ranges and ranges[-1][1] + 1 == number:
                        ranges[-1][1] = number
                    else:
                        ranges.append([number, number])
                subprocess.run(
                    self.broker.prefix + ["mosquitto_pub", "-h", self.broker.host, "-p", str(self.broker.port), "-q", "1", "-r", "-t",
                                          "bench/receipt", "-m", json.dumps({"epoch": epoch, "stored": ranges[-200:] if ranges else []})],
                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=30)
            time.sleep(0.5)

    def end(self):
        self.ended = True
        self.watch.join()
        if self.confirmer:
            self.confirmer.join()
        self.sink.close()


class Run:
    """One scenario: folder, broker, receiver, and the node, which may be killed and started."""

    def __init__(self, tools, confirms=False, **broker):
        self.exerciser, self.node = tools
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="reallabor-sending-"))
        os.chmod(self.folder, 0o755)
        self.broker = Broker(self.folder, **broker)
        time.sleep(0.5)
        self.receiver = Receiver(self.folder, self.broker, confirms)
        time.sleep(1)
        self.confirms = confirms
        self.process = None
        self.log = open(self.folder / "log", "ab")

    def fill(self, minutes, budget=4000):
        subprocess.run([self.exerciser, "fill", self.folder / "journal", str(minutes), str(budget)], check=True, stdout=subprocess.DEVNULL)

    def send(self, host=None, prefix=(), **options):
        if self.confirms:
            options["confirm"] = "receiver"
        self.process = subprocess.Popen(
            list(prefix) + [self.exerciser, "send", self.folder / "journal", host or self.broker.host, str(self.broker.port)]
            + [f"{key}={value}" for key, value in options.items()], stdout=subprocess.PIPE, stderr=self.log, text=True)

    def finish(self, patience=300, sums=False):
        """Waits for the node to have sent everything, and asks the audit; with `sums` counts once more what it counts."""
        try:
            output, _ = self.process.communicate(timeout=patience)
            if self.process.returncode != 0:
                print(f"the node ended with {self.process.returncode}", file=sys.stderr)
        except subprocess.TimeoutExpired:
            self.process.kill()
            output = ""
        figures = dict(pair.split("=") for pair in output.split() if "=" in pair)
        committed = int(figures.get("committed", 0))
        audit = {}
        for _ in range(60):
            audit = self.audit(committed)
            if audit and audit["complete"]:
                break
            time.sleep(1)
        self.receiver.end()
        self.broker.end()
        journal = audit["journals"][0] if audit.get("journals") else {}
        lost = sum(gap["last"] - gap["first"] + 1 for kind in ("missing", "dropped", "refused") for gap in journal.get(kind, []))
        if not journal or not committed:
            lost = -1
        contradictions = len(journal.get("contradictions", [])) + (uncounted(self.receiver.file) if sums else 0)
        if lost or contradictions:
            print((self.folder / "log").read_text()[-2000:], json.dumps(audit)[:2000], file=sys.stderr)
        else:
            shutil.rmtree(self.folder)
        return {
            "committed": committed, "delivered": journal.get("records", 0), "replaced": journal.get("replaced", 0),
            "duplicated": journal.get("duplicated", 0), "lost": lost, "contradictions": contradictions}

    def audit(self, committed):
        if not committed:
            return {}
        done = subprocess.run(
            [self.node, "audit", self.receiver.file, "--expect", f"1-{committed}", "--format", "json"], capture_output=True, text=True)
        return json.loads(done.stdout) if done.stdout else {}


def restarts(tools, short):
    """The broker ends and begins again under load, every second time by a kill."""
    count = 20 if short else 200
    run = Run(tools, confirms=True)
    run.send(rate=20, seconds=count * 6 // 5)
    for number in range(count):
        time.sleep(random.uniform(0.2, 1.4))
        run.broker.end(hard=number % 2 == 1)
        time.sleep(random.uniform(0, 0.4))
        run.broker.start()
    return run.finish()


def outage(tools, short):
    """30 days without a broker, simulated at once, in a journal that must join old records to keep within its budget; then
    delivery while new records press on."""
    run = Run(tools)
    budget = 3 if short else 24
    run.fill(1440 * (2 if short else 30), budget)
    run.send(budget=budget, rate=20, seconds=10 if short else 60)
    return run.finish(sums=True)


def kills(tools, short):
    """Node and broker are killed at random."""
    run = Run(tools, confirms=True)
    end = time.time() + (25 if short else 180)
    run.send(rate=10, seconds=3600)
    while time.time() < end:
        time.sleep(random.uniform(0.2, 3))
        if random.random() < 0.5:
            run.process.kill()
            run.process.communicate()
            run.send(rate=10, seconds=3600)
        else:
            run.broker.end(hard=True)
            time.sleep(random.uniform(0, 1))
            run.broker.start()
    run.process.kill()
    run.process.communicate()
    run.send()
    return run.finish()


class Slow:
    """Stands before a broker and lets its answers through late, a few bytes at a time."""

    def __init__(self, port, pause=0.02):
        self.target, self.pause = port, pause
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
                far = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                return
            threading.Thread(target=self.carry, args=(near, far, 65536, 0), daemon=True).start()
            threading.Thread(target=self.carry, args=(far, near, 16, self.pause), daemon=True).start()

    def carry(self, source, sink, size, pause):
        try:
            while piece := source.recv(size):
                sink.sendall(piece)
                time.sleep(pause)
        except OSError:
            pass
        for end in source, sink:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def end(self):
        self.listener.close()


def destinations(tools, short):
    """Three destinations of one node, which is killed at random: one is there, one answers slowly, of one there is nothing."""
    run = Run(tools)
    other = pathlib.Path(tempfile.mkdtemp(prefix="reallabor-sending-"))
    os.chmod(other, 0o755)
    broker = Broker(other)
    time.sleep(0.5)
    slow = Slow(broker.port)
    file = other / "received.jsonl"
    sink = open(file, "ab")
    listening = subprocess.Popen(
        ["mosquitto_sub", "-h", broker.host, "-p", str(broker.port), "-V", "5", "-i", "slow", "-q", "1", "-t", "slow/traffic/#", "-t",
         "slow/notice", "-F", "%p"], stdout=sink, stderr=subprocess.DEVNULL)
    time.sleep(0.5)
    also = f"slow@127.0.0.1:{slow.port},dead@127.0.0.1:{free_port()}"
    run.fill(100)
    end = time.time() + (10 if short else 90)
    run.send(rate=2, seconds=3600, also=also)
    while time.time() < end:
        time.sleep(random.uniform(1, 4))
        run.process.kill()
        run.process.communicate()
        run.send(rate=2, seconds=3600, also=also)
    run.process.kill()
    run.process.communicate()
    slow.pause = 0
    run.send(also=also, wait="slow")
    figures = run.finish()
    done = subprocess.run(
        [run.node, "audit", file, "--expect", f"1-{figures['committed']}", "--format", "json"], capture_output=True, text=True)
    listening.kill()
    listening.wait()
    broker.end()
    slow.end()
    beside = json.loads(done.stdout) if done.stdout else {}
    if not beside.get("complete"):
        print(json.dumps(beside)[:2000], file=sys.stderr)
        figures["lost"] = figures["lost"] or -1
    shutil.rmtree(other, ignore_errors=True)
    return figures


class Names:
    """Names that the node knows, and can be made to know no longer; for the prefix of its command."""

    def __init__(self, address, folder):
        self.known = f"127.0.0.1 localhost\n{address} broker.test\n"
        self.hosts, resolver = folder / "hosts", folder / "resolv.conf"
        resolver.write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
        self.come()
        script = f'mount --bind {self.hosts} /etc/hosts && mount --bind {resolver} /etc/resolv.conf && exec "$@"'
        self.prefix = ["unshare", "-m", "sh", "-c", script, "sh"]

    def come(self):
        self.hosts.write_text(self.known)

    def go(self):
        self.hosts.write_text("127.0.0.1 localhost\n")


class Link:
    """Two network namespaces, the node's and the broker's, with a line between them that can fail."""
    broker = "10.99.0.2"

    def __enter__(self):
        self.a, self.b = f"rn{os.getpid()}a", f"rn{os.getpid()}b"
        self.packets = 0
        a, b = self.a, self.b
        self.run(f"ip netns add {a}; ip netns add {b}; ip link add {a} type veth peer name {b}; "
                 f"ip link set {a} netns {a}; ip link set {b} netns {b}")
        for name, address in ((a, "10.99.0.1"), (b, self.broker)):
            for command in f"address add {address}/24 dev {name}", f"link set {name} up", "link set lo up":
                self.run(f"ip -n {name} {command}")
        self.inside(f"nft 'add table inet faults; add chain inet faults sent {{ type filter hook output priority 0; }}; "
                    f"add chain inet faults arriving {{ type filter hook input priority 0; }}'")
        self.node, self.far = ["ip", "netns", "exec", a], ["ip", "netns", "exec", b]
        return self

    def __exit__(self, *_):
        subprocess.run(f"ip netns del {self.a}; ip netns del {self.b}", shell=True, stderr=subprocess.DEVNULL)

    def run(self, line):
        return subprocess.run(line, shell=True, check=True, capture_output=True, text=True).stdout

    def inside(self, line):
        return self.run(f"ip netns exec {self.a} {line}")

    def drop(self, percent, seconds):
        """So much of what goes out and of what comes in, by the kernel's own dice: their seed is not ours."""
        for chain in "sent", "arriving":
            self.inside(f"nft add rule inet faults {chain} numgen random mod 100 '<' {percent} counter drop")
        time.sleep(seconds)
        self.packets += sum(int(number) for number in re.findall(r"packets (\d+)", self.inside("nft list ruleset")))
        self.inside("nft flush table inet faults")

    def cut_route(self, seconds):
        self.run(f"ip -n {self.a} route add blackhole {self.broker}/32")
        time.sleep(seconds)
        self.run(f"ip -n {self.a} route del blackhole {self.broker}/32")

    def unplug(self, seconds):
        self.run(f"ip -n {self.a} link set {self.a} down")
        time.sleep(seconds)
        self.run(f"ip -n {self.a} link set {self.a} up")


def names(tools, short):
    """The broker's name can't be resolved for a while, three times."""
    run = Run(tools)
    names = Names("127.0.0.1", run.folder)
    run.send(host="broker.test", prefix=names.prefix, rate=20, seconds=15 if short else 45)
    for _ in range(1 if short else 3):
        time.sleep(3)
        names.go()
        run.broker.end()
        run.broker.start()
        time.sleep(6)
        names.come()
    return run.finish()


def network(tools, short):
    """Node and broker in network namespaces of their own: packets dropped by the kernel, the route cut, the link down."""
    with Link() as link:
        run = Run(tools, host=link.broker, prefix=link.far)
        run.send(prefix=link.node, rate=20, seconds=30 if short else 120)
        for _ in range(1 if short else 3):
            time.sleep(2)
            link.drop(random.choice([5, 20, 40]), 6 if short else 12)
            for _ in range(6):
                link.cut_route(random.uniform(0.05, 1))
                time.sleep(random.uniform(0.05, 0.5))
            time.sleep(2)
            link.unplug(7)
        return run.finish() | {"name": f"network, {link.packets} packets dropped"}


def day(tools, short):
    """24 h of a box's records in three minutes, under all of the above at random, after a day and a half without a broker that
    had the journal join old records."""
    with Link() as link:
        run = Run(tools, confirms=True, host=link.broker, prefix=link.far)
        names = Names(link.broker, run.folder)

        def node():
            run.send(host="broker.test", prefix=link.node + names.prefix, rate=8, seconds=3600, budget=1)

        def kill_node():
            run.process.kill()
            run.process.communicate()
            node()

        def kill_broker():
            run.broker.end(hard=True)
            time.sleep(random.uniform(0, 5))
            run.broker.start()

        def restart_broker():
            run.broker.end()
            run.broker.start()

        def stand_still():
            # Half-open: it is there and says nothing.
            run.broker.process.send_signal(signal.SIGSTOP)
            time.sleep(random.uniform(0.5, 7))
            run.broker.process.send_signal(signal.SIGCONT)

        def forget_the_name():
            names.go()
            run.broker.end()
            run.broker.start()
            time.sleep(random.uniform(1, 5))
            names.come()

        faults = [kill_node, kill_broker, restart_broker, stand_still, forget_the_name,
                  lambda: link.drop(random.choice([5, 20, 40]), random.uniform(2, 6)),
                  lambda: link.cut_route(random.uniform(0.1, 4)), lambda: link.unplug(random.uniform(1, 7))]
        run.fill(720 if short else 2160, budget=1)
        node()
        end = time.time() + (20 if short else 180)
        while time.time() < end:
            time.sleep(random.uniform(1, 4))
            random.choice(faults)()
        run.process.kill()
        run.process.communicate()
        run.send(host=link.broker, prefix=link.node, budget=1)
        return run.finish(sums=True) | {"name": f"day, {link.packets} packets dropped"}


SCENARIOS = [restarts, outage, kills, destinations, names, network, day]
FOR_ROOT = [names, network, day]


def main():
    arguments = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    short = "--short" in sys.argv
    tools = [os.path.abspath(path) for path in arguments[:2]]
    seed = int(os.environ.get("SEED", time.time()))
    random.seed(seed)
    print(f"{datetime.date.today()}, {'short' if short else 'full'}, seed {seed}")
    print("| fault | committed | delivered | replaced by coarser | duplicated | lost | seconds |")
    print("|---|---|---|---|---|---|---|")
    failed = False
    for scenario in SCENARIOS:
        if arguments[2:] and scenario.__name__ not in arguments[2:]:
            continue
        if scenario in FOR_ROOT and os.geteuid() != 0:
            print(f"| {scenario.__name__} | not run: it needs root | | | | | |")
            continue
        begin = time.time()
        row = scenario(tools, short)
        failed = failed or row["lost"] != 0 or row["contradictions"] != 0 or row["committed"] == 0
        print(f"| {row.get('name', scenario.__name__)} | {row['committed']} | {row['delivered']} | {row['replaced']} | {row['duplicated']} | {row['lost']} | "
              f"{time.time() - begin:.0f} |", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
