import re
import sys

from ledger import Checks, check_account, read_json, read_messages, read_text, records, states

out = sys.argv[1]
checks = Checks("service")


def properties(name):
    return dict(line.split("=", 1) for line in read_text(f"{out}/{name}").splitlines() if "=" in line)


started = properties("started")
checks.equal("started at boot, by systemd", (started.get("ActiveState"), started.get("Type")), ("active", "notify"))
checks.equal("restarts until then", started.get("NRestarts"), "0")
checks.that("status line", "counted on 1 channel" in started.get("StatusText", ""), started.get("StatusText"), "counts")

process = dict(re.findall(r"^(\w+):\s+(.*)$", read_text(f"{out}/node-status"), re.M))
uids = process.get("Uid", "0").split()
checks.that("user ids, a dynamic user's", all(61184 <= int(u) <= 65519 for u in uids), uids, "61184 to 65519")
checks.equal("effective and permitted capabilities", {process.get("CapEff"), process.get("CapPrm")}, {"0" * 16})
checks.equal("no new privileges, seccomp filter", (process.get("NoNewPrivs"), process.get("Seccomp")), ("1", "2"))
locked = int(process.get("VmLck", "0 kB").split()[0])
checks.that("memory is locked (kB)", locked > 0, locked, "more than 0")
threads = [line.split() for line in read_text(f"{out}/threads").splitlines()]
policies = {name: (policy, priority) for name, policy, priority in threads}
checks.equal("counting thread: SCHED_FIFO (1), priority", policies.get("counting"), ("1", "40"))
checks.equal("other threads: SCHED_OTHER", {policy for name, (policy, _) in policies.items() if name != "counting"}, {"0"})
said = " ".join(read_text(f"{out}/chrt").split())
checks.that("chrt -p", "SCHED_FIFO" in said, said, "SCHED_FIFO")
devices = [line.split()[1:] for line in read_text(f"{out}/devices").splitlines()]
checks.equal("devices", devices, [["root", "gpio", "660"], ["root", "i2c", "660"]])
checks.equal("sockets of its own that listen", read_text(f"{out}/listening").split(), [])

checks.equal("control socket: group and mode", read_text(f"{out}/socket").split(), ["reallabor", "660"])
checks.equal("status, asked by a member of the group: exit code", read_text(f"{out}/status-member-code").strip(), "0")
status = read_json(f"{out}/status-member")
checks.equal("status: channels", [channel["name"] for channel in status["channels"]], ["reed"])
checks.equal("status: memory locked, counting in real time", (status["memory_locked"], status["real_time"]), (True, True))
checks.equal("status, asked by a stranger: exit code", read_text(f"{out}/status-stranger-code").strip(), "69")
refused = read_text(f"{out}/status-stranger").strip()
checks.that("status, asked by a stranger: names the group", "group reallabor" in refused, refused, "the group to join")

transport = dict(re.findall(r"^(\w+):\s+(.*)$", read_text(f"{out}/transport-status"), re.M))
checks.that("transport: user, of its own", transport["Uid"].split()[0] not in ("0", uids[0]), transport["Uid"], "neither root nor the node's")
checks.equal("transport: capabilities, no new privileges, seccomp", (transport["CapEff"], transport["NoNewPrivs"], transport["Seccomp"]),
             ("0" * 16, "1", "2"))
limits = {line[:26].strip(): line[26:].split()[0] for line in read_text(f"{out}/transport-limits").splitlines()[1:]}
checks.equal("transport: core, data, address space at most", [limits[f"Max {name}"] for name in ("core file size", "data size", "address space")],
             ["0", str(48 << 20), str(256 << 20)])
links = re.findall(r"-> (\S+)", read_text(f"{out}/transport-fds"))
strange = [link for link in links if not link.startswith(("socket:", "/dev/null", "pipe:", "anon_inode:"))]
checks.equal("transport: open files besides sockets", strange, [])
checks.equal("transport: what its user can open of chip, bus, journal, control socket, password file and host name",
             read_text(f"{out}/transport-opened").split(), ["/etc/hostname"])
checks.that("transport: a service of its own", "reallabor-transport@" in read_text(f"{out}/transport-cgroup"),
            read_text(f"{out}/transport-cgroup").strip(), "reallabor-transport@…")
checks.equal("transport: socket's user, group and mode", read_text(f"{out}/transport-socket").split(), ["root", "reallabor-link", "660"])
checks.equal("node: core", properties("node-restrictions").get("LimitCORE"), "0")
checks.that("credentials: the transport's alone", "reallabor-node.service" not in read_text(f"{out}/credentials").split(),
            read_text(f"{out}/credentials").split(), "none of reallabor-node.service")
networks = read_text(f"{out}/networks").split()
checks.that("node: no network; the transport has the machine's", networks[0] != networks[1] == networks[2], networks, "another than the other two")
main, same, restarts = read_text(f"{out}/transport-killed").split()
checks.equal("transport killed five times: the node goes on", (main, restarts), (same, "0"))
units = read_text(f"{out}/transport-units").splitlines()
checks.equal("transport killed five times: units left, the socket", (len(units) - 1, units[-1]), (1, "active"))
said = [line for line in read_text(f"{out}/node.log").splitlines() if "was killed by SIGABRT" in line]
checks.that("transport killed five times: said", len(said) >= 1 and "Update libmosquitto1" in said[0], said[:1], "killed by SIGABRT, and what to do")

messages = read_messages(f"{out}/messages")
check_account(checks, messages)
reed = records(messages, "traffic/reed")
played = [read_json(f"{out}/train-{number}.json")["closures"] for number in (1, 2)]
checks.that("closures played", min(played) >= 60, played, "at least 60 each")
checks.equal("reed, counts of all intervals", sum(m.body["count"] or 0 for m in reed), sum(played))
checks.equal("reed, total", reed[-1].body["total"] if reed else None, sum(played))
checks.equal("reed, edges lost", sum(m.body["lost_edges"] for m in reed), 0)
checks.equal("pulses record on the live node: exit code", read_text(f"{out}/record-code").strip(), "0")
checks.equal("what was recorded, replayed: count", read_json(f"{out}/replay.json")["count"], played[1])
air = records(messages, "climate/air")
means = [q["mean"] for m in air for q in m.body["quantities"] if q["quantity"] == "temperature" and q["mean"] is not None]
checks.that("temperature read over /dev/i2c-0", bool(means) and set(map(round, means)) == {25}, len(means), "always 25 Cel")

log = read_text(f"{out}/node.log")
hung = properties("unit-hung")
checks.equal("hung: started anew, once", hung.get("NRestarts"), "1")
checks.that("hung: by the watchdog", "Watchdog timeout" in log, log.count("Watchdog timeout"), 1)
stopped = properties("unit-stopped")
checks.equal(
    "stopped: result and exit status", (stopped.get("ActiveState"), stopped.get("Result"), stopped.get("ExecMainStatus")),
    ("inactive", "success", "0"))
checks.equal("stopped: last interval of reed is partial", reed[-1].body["partial"] if reed else None, True)
kept = read_messages(f"{out}/status")
checks.equal("stopped: retained status", [(m.retained, m.body["state"]) for m in kept], [(True, "stopped")])
# Lost five times with the transport's process, once with the node.
checks.equal("status in the order it was said", states(messages), ["online", "lost"] * 6 + ["online", "stopped"])
checks.equal("integrity of the journal", read_text(f"{out}/integrity").strip(), "ok")
checks.finish()
