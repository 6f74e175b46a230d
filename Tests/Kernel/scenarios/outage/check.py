import sys

from ledger import Checks, check_account, check_train, messages_of, read_messages, read_text, records, states

out = sys.argv[1]
checks = Checks("outage")
train = check_train(checks, out)
messages = read_messages(f"{out}/messages")
check_account(checks, messages)

reed = records(messages, "traffic/reed")
totals = [m.body["total"] for m in reed]
checks.that("the total never falls, over the restart too", bool(totals) and totals == sorted(totals), totals[-1:], "ascending")
checks.equal("counts of all intervals add up to the total", sum(m.body["count"] for m in reed), totals[-1] if totals else None)
# Lost is what came while the node was dead, and before that what was not committed yet: one interval of 2 s, at least
# 85 ms a closure, and the second the node gathers records for. One closure may be under way at either end.
dead = [int(read_text(f"{out}/made-at-{moment}")) for moment in ("kill", "return")]
played_meanwhile = dead[1] - dead[0]
checks.within("closures that came while the node was dead", played_meanwhile, 30, 120)
checks.within(
    f"closures lost of {train['closures']}", train["closures"] - (totals[-1] if totals else 0), played_meanwhile - 1, played_meanwhile + 36)
checks.equal("one boot", len({m.body["boot"] for m in records(messages)}), 1)
parts = read_text(f"{out}/messages").split("# node killed\n")
checks.equal("the guest marked the kill", len(parts), 2)
checks.equal("said by the broker, then by the node", states(messages_of(parts[-1])), ["lost", "online", "stopped"])
log = read_text(f"{out}/node.log")
checks.equal("inputs armed, twice", log.count("inputs armed"), 2)
checks.equal("exit code", read_text(f"{out}/node-exit").strip(), "0")
away = [int(read_text(f"{out}/{name}")) for name in ("arrived-before", "kept-while-away")]
checks.that("the journal went on while the broker was away", away[1] >= away[0] + 4, away[1], f"{away[0]} and at least 4")
checks.finish()
