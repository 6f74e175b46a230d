import sys

from ledger import Checks, check_account, check_train, read_messages, read_text, records, states

out = sys.argv[1]
checks = Checks("outage")
check_train(checks, out, 300)
messages = read_messages(f"{out}/messages")
check_account(checks, messages)

reed = records(messages, "traffic/reed")
totals = [m.body["total"] for m in reed]
checks.that("the total never falls, over the restart too", bool(totals) and totals == sorted(totals), totals[-1:], "ascending")
checks.equal("counts of all intervals add up to the total", sum(m.body["count"] for m in reed), totals[-1] if totals else None)
# Lost are the open interval of the killed node (2 s) and what came while it was dead; nothing else may be.
checks.within("closures counted of 300", totals[-1] if totals else 0, 200, 299)
checks.equal("one boot", len({m.body["boot"] for m in records(messages)}), 1)
said = states(messages)
checks.that("the broker said the killed node is lost", "lost" in said, said, "'lost' among them")
checks.equal("last status", said[-1:], ["stopped"])
log = read_text(f"{out}/node.log")
checks.equal("inputs armed, twice", log.count("inputs armed"), 2)
checks.equal("exit code", read_text(f"{out}/node-exit").strip(), "0")

# The lab's part: while the broker was away there was something to keep.
arrived = read_text(f"{out}/messages").split("# broker stopped\n")
checks.equal("the guest marked the outage", len(arrived), 2)
checks.finish()
