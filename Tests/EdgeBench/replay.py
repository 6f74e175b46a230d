#!/usr/bin/env python3
"""replay.py NODE BENCH [EDGES]: how fast, and in how much memory, 'pulses replay' counts a day of 5 kHz edges on a contact.

The trace comes through a named pipe while it is made, so it needs no disk. Figures depend on the machine; nothing passes or fails."""
import datetime
import os
import pathlib
import subprocess
import sys
import tempfile
import time

RATE = 5_000
NODE = """node: bench
board: raspberry-pi-4
interval: 60s
channels:
  - {name: fast, detector: contact, input: J8-11, debounce: {kind: KIND}}
journal: {path: journal.sqlite, budget: 16MB}
mqtt: {host: 127.0.0.1}
"""


def replay(node, bench, folder, form, edges, options):
    trace = folder / f"day.{form}"
    os.mkfifo(trace)
    with subprocess.Popen(f"exec {bench} trace {form} {edges} {RATE} >{trace}", shell=True) as maker:
        begin = time.monotonic()
        command = [node, "pulses", "replay", "--config", folder / "node.yaml", "--channel", "fast", trace] + options
        output = os.open(folder / "report", os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
        process = os.posix_spawn(node, [str(word) for word in command], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, output, 1)])
        _, status, usage = os.wait4(process, 0)
        elapsed = time.monotonic() - begin
        os.close(output)
        maker.wait()
    trace.unlink()
    if status:
        sys.exit(f"the replay ended with {os.waitstatus_to_exitcode(status)}")
    counted = (folder / "report").read_text().splitlines()[-1]
    if not options and counted.split()[0] != str(edges // 2):
        sys.exit(f"wrong count: {counted}")
    work = usage.ru_utime + usage.ru_stime
    print(f"  {form}{' ' + ' '.join(options) if options else ''}: {edges:,} edges, {edges / RATE / 3600:.1f} h at {RATE} a second: "
          f"{edges / elapsed / 1e6:.1f} million a second by the clock, {edges / work / 1e6:.1f} by the processor's time, "
          f"at most {usage.ru_maxrss / 1024:.1f} MB")


def main():
    node, bench = (pathlib.Path(word).resolve() for word in sys.argv[1:3])
    day = int(sys.argv[3]) if len(sys.argv) > 3 else 24 * 3600 * RATE
    os.environ["REALLABOR_BOARDS"] = str(pathlib.Path(__file__).resolve().parents[2] / "Boards")
    print(f"replay, {datetime.date.today()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "node.yaml").write_text(NODE.replace("KIND", "none"))
        replay(node, bench, folder, "vcd", day, [])
        replay(node, bench, folder, "csv", day // 10, [])
        replay(node, bench, folder, "vcd", day // 10, ["--what-if", "stable=50us,lockout=100us"])


main()
