import re
import sys

from ledger import Checks, check_account, messages_of, read_messages, read_text, records

out = sys.argv[1]
checks = Checks("clock")
checks.equal("the year the machine believed in", read_text(f"{out}/year-at-boot").strip(), "1970")
text = read_text(f"{out}/messages")
checks.equal("the guest marked the setting of the clock", text.count("# clock set\n"), 1)
messages = read_messages(f"{out}/messages")
check_account(checks, messages)

before = messages_of(text.split("# clock set\n")[0])
date = re.compile(r"\d{4}-\d\d-\d\d")
checks.none_of("no date in any message before the clock was set", [m.text for m in before if date.search(m.text)], len(before))
early = [m for m in before if m.kind in ("traffic", "node")]
checks.none_of(
    "before: no UTC, and said so",
    [m.text for m in early
     if m.body["start"] is not None or m.body["end"] is not None or m.body["time_quality"] != "unsynchronised"], len(early))
checks.none_of(
    "before: boot id and monotonic times",
    [m.text for m in early
     if not m.body["boot"] or not 0 < m.body["start_monotonic_ns"] < m.body["end_monotonic_ns"]], len(early))
checks.none_of("never a date of 1970", [m.text for m in messages if "1970-" in m.text], len(messages))

fixes = records(messages, "time")
checks.that("a time record appears", len(fixes) >= 1, len(fixes), "at least 1")
checks.none_of("its UTC is the time that was set", [m.text for m in fixes if "2026-05-01T12:0" not in m.text], len(fixes))
checks.equal("one boot", len({m.body["boot"] for m in records(messages)}), 1)
late = [m for m in records(messages, "traffic/reed") if m.body["time_quality"] == "synchronised"]
checks.that("records with UTC afterwards", len(late) >= 2, len(late), "at least 2")
checks.none_of(
    "theirs begin and end on 2026-05-01",
    [m.text for m in late
     if not (m.body["start"] or "").startswith("2026-05-01T1") or not (m.body["end"] or "").startswith("2026-05-01T12:0")],
    len(late))
checks.equal("closures, over the setting of the clock", sum(m.body["count"] for m in records(messages, "traffic/reed")), 60)
checks.equal("exit code", read_text(f"{out}/node-exit").strip(), "0")
checks.finish()
