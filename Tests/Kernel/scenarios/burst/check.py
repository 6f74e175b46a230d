import sys

from ledger import Checks, check_account, read_json, read_messages, read_text, records

out = sys.argv[1]
checks = Checks("burst")
capabilities = read_text(f"{out}/capabilities")
is_numbered = "uAPI v2" in capabilities
checks.that("the node states the kernel interface", is_numbered or "uAPI v1" in capabilities, capabilities.splitlines()[-1].strip() if capabilities else None, "uAPI v1 or v2")
kept = 1024 if is_numbered else 16

trains = {name: read_json(f"{out}/train-{name}.json") for name in ("before", "held", "after", "filtered")}
checks.that("edges played while the node was held", trains["held"]["edges"] > 1024, trains["held"]["edges"], "more than 1024")
messages = read_messages(f"{out}/messages")
check_account(checks, messages)
reed = records(messages, "traffic/reed")
filtered = records(messages, "traffic/filtered")


def total(channel, field):
    # Where nothing was observed there is no count, not 0.
    return sum(m.body[field] or 0 for m in channel)


# Before and after nothing is lost; of those in between the kernel keeps as many as its buffer holds.
checks.equal(
    "reed, edges taken from the kernel", total(reed, "edges"), trains["before"]["edges"] + kept + trains["after"]["edges"])
if is_numbered:
    checks.equal("reed, edges lost, by their numbers", total(reed, "lost_edges"), trains["held"]["edges"] - kept)
else:
    checks.that("reed, the full buffer is told", total(reed, "overflows") >= 1, total(reed, "overflows"), "at least 1")
doubted = [m for m in reed if m.body["confidence"] is not None and m.body["confidence"] < 1]
checks.within("reed, intervals of less than full confidence", len(doubted), 1, len(reed) - 1)
counted = total(reed, "count")
sure = trains["before"]["closures"] + trains["after"]["closures"]
checks.within("reed, counted: all before and after, and what was left in between", counted, sure, sure + trains["held"]["closures"])

closures = trains["filtered"]["closures"]
checks.equal("filtered, counts of all intervals", total(filtered, "count"), closures)
checks.equal("filtered, edges lost", total(filtered, "lost_edges"), 0)
if is_numbered:
    checks.equal("filtered, edges that the kernel let through", total(filtered, "edges"), 2 * closures)
    checks.equal("filtered, spikes left to reject", total(filtered, "rejected_glitches"), 0)
else:
    checks.equal("filtered, edges taken from the kernel", total(filtered, "edges"), trains["filtered"]["edges"])
checks.finish()
