"""Boots a guest that fills a journal and takes its power, JOURNAL_CUTS (20) times on the same disk; then the same with bare
SQLite at synchronous=NORMAL, which must lose rows, or the cuts show nothing.

nbdkit keeps what the guest writes in memory of its own until the guest flushes, as a drive with a volatile cache does.
Killing it together with qemu takes the guest's page cache and the drive's cache.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time

boot, kernel, initramfs, run = sys.argv[1:]
cuts = int(os.environ.get("JOURNAL_CUTS", "20"))
seed = int(os.environ.get("JOURNAL_SEED", "20"))
dice = random.Random(seed)
share = f"{run}/guest"
console = open(f"{run}/console.log", "a")


def write(name, text):
    with open(f"{share}/{name}", "w") as file:
        file.write(f"{text}\n")


def new_disk(name):
    disk = f"{run}/{name}"
    with open(disk, "wb") as file:
        file.truncate(96 << 20)
    subprocess.run(["mkfs.ext4", "-q", "-F", disk], check=True)
    return disk


def machine(drive):
    pid = f"{run}/qemu.pid"
    return subprocess.Popen(
        ["bash", boot, kernel, initramfs, share, "-pidfile", pid, "-device", "virtio-blk-pci,drive=disk",
         "-drive", f"{drive},format=raw,if=none,id=disk"], stdout=subprocess.PIPE, text=True, errors="replace")


def lines_of(guest):
    for line in guest.stdout:
        console.write(line)
        console.flush()
        yield line.strip()


def powered(disk, watch):
    """Runs the guest until `watch`, which is given each line, returns True; then the power goes. Returns what it said."""
    socket = f"{run}/disk.socket"
    if os.path.exists(socket):
        os.unlink(socket)
    server = subprocess.Popen(
        ["nbdkit", "--foreground", "--unix", socket, "--filter=cache", "file", disk, "cache=writeback"])
    while not os.path.exists(socket):
        time.sleep(0.05)
    guest = machine(f"file=nbd+unix:///?socket={socket}")
    said = []
    is_on = True
    for line in lines_of(guest):
        said.append(line)
        if is_on and watch(line):
            # What is still in the pipe is read below: it was said before.
            is_on = False
            time.sleep(dice.random() * 0.06)
            os.kill(int(open(f"{run}/qemu.pid").read()), signal.SIGKILL)
            server.kill()
    guest.wait()
    server.kill()
    server.wait()
    return said


class Watch:
    """The power goes while the guest is at `phase`, after a random number of commits."""

    def __init__(self, phase):
        self.phase = phase
        self.commits = dice.randrange(8, 25)

    def __call__(self, line):
        self.commits -= line.startswith("COMMITTED")
        return self.commits <= 0 and (self.phase is None or line == f"PHASE {self.phase}")


def last_committed(said, before):
    numbers = [int(line.split()[1]) for line in said if line.startswith("COMMITTED ") and line.split()[1].isdigit()]
    return max(numbers + [before])


results = {"seed": seed, "cuts": [], "control": []}
disk = new_disk("journal.disk")
write("workload", "endure")
write("reported", 0)
committed = 0
for cut in range(cuts + 1):
    # The last boot only looks.
    phase = None if cut == cuts else ["join", "compact", "join", "append"][cut % 4]
    write("look-only", int(cut == cuts))
    said = powered(disk, (lambda line: False) if phase is None else Watch(phase))
    found = next((line for line in said if line.startswith(("FOUND", "WRONG"))), "nothing was said")
    if results["cuts"]:
        results["cuts"][-1]["found"] = found
    committed = last_committed(said, committed)
    write("reported", committed)
    at = next((line.split()[1] for line in reversed(said) if line.startswith(("PHASE", "FOUND"))), "?")
    joined = sum("JOINED" in line for line in said)
    if phase is not None:
        results["cuts"].append({"phase": phase, "at": at, "committed": committed, "joined": joined})

# Commits without a sync: what the last flush left is all there is.
for cut in range(2):
    disk = new_disk("control.disk")
    write("workload", "control")
    write("look-only", 0)
    watch = Watch(None)
    watch.commits = 150
    said = powered(disk, watch)
    committed = last_committed(said, 0)
    write("look-only", 1)
    said = powered(disk, lambda line: False)
    found = next((int(line.split()[1]) for line in said if line.startswith("ROWS")), None)
    results["control"].append({"committed": committed, "found": found})

with open(f"{share}/out/cuts.json", "w") as file:
    json.dump(results, file)
