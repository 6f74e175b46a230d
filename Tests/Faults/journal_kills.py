"""Kills a journal's writer at random moments; see journal.sh."""

import collections
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

exerciser = sys.argv[1]
kills = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.randrange(1 << 32)
dice = random.Random(seed)
# In memory where there is such a place: a killed process loses nothing of what the kernel has.
folder = tempfile.mkdtemp(prefix="journal-kills-", dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None)
path = os.path.join(folder, "journal.db")
phases = collections.Counter()
reported = joins = appends = 0
# A new file now and then: in the end a megabyte is too small for all days, and then days are dropped.
KILLS_PER_FILE = 60
began = time.monotonic()


def give_up(what):
    print(f"FAIL journal: kill {kill} (seed {seed}): {what}; the file is in {folder}")
    sys.exit(1)


for kill in range(1, kills + 1):
    if kill % KILLS_PER_FILE == 0:
        for name in os.listdir(folder):
            os.unlink(os.path.join(folder, name))
        reported = 0
    process = subprocess.Popen([exerciser, "endure", path], stdout=subprocess.PIPE, text=True)
    # A random number of lines, then a random part of a commit's time: some die while opening, most at work.
    lines = dice.randrange(12)
    phase = "open"

    def read(line):
        global reported, joins, appends, phase
        if line.startswith("PHASE "):
            phase = line.split()[1]
        elif line.startswith("COMMITTED ") and line.endswith("\n"):
            reported = int(line.split()[1])
            joins += "JOINED" in line
            appends += 1
        else:
            process.kill()
            give_up(line.strip() or "it ended by itself")

    for _ in range(lines):
        read(process.stdout.readline())
    time.sleep(dice.random() * 0.008)
    process.kill()
    # What it wrote into the pipe before it died counts as well.
    for line in process.stdout:
        if line.endswith("\n"):
            read(line)
    process.wait()
    phases[phase] += 1
    found = subprocess.run([exerciser, "examine", path, str(reported)], stdout=subprocess.PIPE, text=True)
    if found.returncode != 0:
        give_up(found.stdout.strip())
    reported = int(found.stdout.split()[1])

print(f"ok   journal: {kills} kills (" + ", ".join(f"{n} in {p}" for p, n in sorted(phases.items())) + f"), {appends} appends "
      f"reported, {joins} of them joined records; lost 0, seed {seed}, {time.monotonic() - began:.0f} s")
print("     last: " + found.stdout.strip())
shutil.rmtree(folder)
