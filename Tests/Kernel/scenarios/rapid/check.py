import sys

from ledger import Checks, check_account, read_json, read_messages, records

out = sys.argv[1]
checks = Checks("rapid")
messages = read_messages(f"{out}/messages")
check_account(checks, messages)
# Player and node share one processor: "rapid" is what is left when the node takes its share, and says what that came to.
for name, least in (("even", 4_950), ("rapid", 5_000)):
    train = read_json(f"{out}/train-{name}.json")
    checks.equal(f"{name}, edges played", train["edges"], 20_000)
    rate = round(train["edges"] / train["microseconds"] * 1e6)
    checks.that(f"{name}, edges a second", rate >= least, rate, f"at least {least}")
    channel = records(messages, f"traffic/{name}")
    checks.equal(f"{name}, edges taken from the kernel", sum(m.body["edges"] or 0 for m in channel), 20_000)
    checks.equal(f"{name}, counts of all intervals", sum(m.body["count"] or 0 for m in channel), 10_000)
    checks.equal(f"{name}, edges lost", sum(m.body["lost_edges"] for m in channel), 0)
    checks.equal(f"{name}, overflows", sum(m.body["overflows"] for m in channel), 0)
    checks.none_of(f"{name}, confidence 1", [m.body["confidence"] for m in channel if m.body["confidence"] != 1], len(channel))
checks.finish()
