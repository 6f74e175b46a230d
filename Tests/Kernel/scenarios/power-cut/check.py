import json
import sys

from ledger import Checks, check_account, read_messages, read_text, records

out = sys.argv[1]
checks = Checks("power-cut")

first = read_messages(f"{out}/first-console.log")
second = read_messages(f"{out}/messages")
last = max((m.sequence for m in records(first)), default=0)
checks.that("records acknowledged before the cut", last >= 50, last, "at least 50")
checks.equal("integrity of the journal after the cut", read_text(f"{out}/integrity").strip(), "ok")
kept = (json.loads(read_text(f"{out}/kept.json") or "[]") or [{}])[0]
highest = kept.get("highest") or 0
checks.that("highest record in the journal after the cut", highest >= last > 0, highest, f"at least {last}")
checks.equal("records in the journal, without a gap", kept.get("kept"), highest - (kept.get("lowest") or 0) + 1)

check_account(checks, first + second)
boots = [{m.body["boot"] for m in records(part)} for part in (first, second)]
checks.equal("boot ids before the cut", len(boots[0]), 1)
fresh = [m for m in records(second) if m.body["boot"] not in boots[0]]
lowest = min((m.sequence for m in fresh), default=0)
checks.that(
    "the second boot's records are numbered after all acknowledged ones", lowest > last, lowest, f"above {last}")
before = records(first, "traffic/reed")
after = [m for m in fresh if m.sub == "traffic/reed"]
if before and after:
    total = before[-1].body["total"]
    checks.that(
        "the total goes on", after[0].body["total"] >= total > 0, after[0].body["total"], f"at least {total}")
else:
    checks.that("the total goes on", False, f"{len(before)} records before, {len(after)} after", "some of each")
notices = [m.body for m in records(second) if m.kind == "notice" and m.body["boot"] not in boots[0]]
checks.equal("notices after the cut", notices, [])
checks.equal("exit code", read_text(f"{out}/node-exit").strip(), "0")
checks.finish()
