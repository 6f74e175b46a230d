import re
import sys

from ledger import Checks, check_account, check_train, read_messages, read_text, records, states

out = sys.argv[1]
checks = Checks("counting")
train = check_train(checks, out, 500)
messages = read_messages(f"{out}/messages")
check_account(checks, messages)

reed = records(messages, "traffic/reed")
idle = records(messages, "traffic/idle")
checks.equal("reed, counts of all intervals", sum(m.body["count"] for m in reed), 500)
checks.equal("reed, total", reed[-1].body["total"] if reed else None, 500)
checks.equal("idle, counts of all intervals", sum(m.body["count"] for m in idle) if idle else None, 0)
checks.equal("idle, total", idle[-1].body["total"] if idle else None, 0)
totals = [m.body["total"] for m in reed]
checks.that("reed, the total never falls", bool(totals) and totals == sorted(totals), f"{len(totals)} records", "ascending")
checks.equal("reed, edges taken from the kernel", sum(m.body["edges"] for m in reed), train["edges"])
checks.equal("reed, edges lost", sum(m.body["lost_edges"] for m in reed), 0)
checks.equal("reed, overflows", sum(m.body["overflows"] for m in reed), 0)
checks.equal("reed, spikes rejected", sum(m.body["rejected_glitches"] for m in reed), train["spikes"])
checks.none_of("reed, confidence 1", [m.body["confidence"] for m in reed if m.body["confidence"] != 1], len(reed))

# The first one begins where the node began, be it ever so close to a boundary.
full = [m for m in reed[1:] if not m.body["partial"]]
aligned = re.compile(r"T\d\d:\d\d:\d[05]Z$")
checks.none_of(
    "full intervals begin and end on whole 5 s of UTC",
    [m.text for m in full if not (aligned.search(m.body["start"] or "") and aligned.search(m.body["end"] or ""))], len(full))
checks.none_of(
    "full intervals were watched throughout",
    [m.body["observed_seconds"] for m in full if abs(m.body["observed_seconds"] - 5) > 0.05], len(full))

# Sizes, not times: they do not depend on how fast the guest is.
use = dict(re.findall(r"^(\w+):\s+(\d+) kB$", read_text(f"{out}/node-status"), re.M))
megabytes = {name: int(use.get(name, 0)) / 1024 for name in ("VmRSS", "RssAnon", "VmLck")}
checks.that("memory is locked", megabytes["VmLck"] > 0, f"{megabytes['VmLck']:.1f} MB", "more than 0")
# What is used once stays, since it is locked. 17.6 on Debian 12 and 18.9 on 13 before the code of the start was let go.
checks.within("resident memory (MB)", round(megabytes["VmRSS"], 1), 1, 20)
checks.within("private memory (MB)", round(megabytes["RssAnon"], 1), 0.1, 6)

# The end by SIGTERM.
checks.equal("SIGTERM, exit code", read_text(f"{out}/node-exit").strip(), "0")
checks.equal("SIGTERM, last interval of reed is partial", reed[-1].body["partial"] if reed else None, True)
checks.equal("SIGTERM, last interval of idle is partial", idle[-1].body["partial"] if idle else None, True)
kept = read_messages(f"{out}/status")
checks.equal("SIGTERM, retained status", [(m.retained, m.body["state"]) for m in kept], [(True, "stopped")])
checks.equal("status in the order it was said", states(messages), ["online", "stopped"])
checks.finish()
