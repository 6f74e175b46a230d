import sys

from ledger import Checks, check_account, read_json, read_messages, records

out = sys.argv[1]
checks = Checks("radar")
train = read_json(f"{out}/train.json")
# Later than a quarter of the fastest pulse and the speed would be the player's.
checks.within("edges played late (us), at most", train["latest_us"], 0, 300)
messages = read_messages(f"{out}/messages")
check_account(checks, messages)
speed = records(messages, "traffic/speed")


def total(field):
    # Where nothing was observed there is no count, not 0.
    return sum(m.body[field] or 0 for m in speed)


checks.equal("edges taken from the kernel", total("edges"), train["edges"])
checks.equal("edges lost", total("lost_edges"), 0)
checks.equal("overflows", total("overflows"), 0)
checks.equal("counts of all intervals", total("count"), 4)
checks.equal("total", speed[-1].body["total"] if speed else None, 4)
flows = [flow for m in speed for flow in m.body["flows"] or [] if flow["count"]]
# What prepare.py let pass: direction, class, km/h.
for direction, road_user, expected in (
    ("approaching", "bike", 18.0), ("approaching", "motor", 32.4), ("receding", "bike", 16.56), ("receding", "motor", 39.6)):
    own = [flow for flow in flows if (flow["direction"], flow["class"]) == (direction, road_user)]
    checks.equal(f"{direction}, {road_user}", [flow["count"] for flow in own], [1])
    means = [flow["speed"]["mean_kmh"] for flow in own if flow["speed"]]
    checks.close(f"{direction}, {road_user}, km/h", round(means[0], 2) if means else None, expected, 0.01 * expected)
checks.none_of("the direction is measured", [f for f in flows if f.get("direction_inferred")], len(flows))
checks.equal("uncertain", total("uncertain"), 0)
checks.none_of("confidence 1", [m.body["confidence"] for m in speed if m.body["count"] and m.body["confidence"] != 1], len(speed))
checks.finish()
