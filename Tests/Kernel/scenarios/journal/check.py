import collections
import json
import sys

from ledger import Checks, read_text

checks = Checks("journal")
results = json.loads(read_text(f"{sys.argv[1]}/cuts.json"))
for number, cut in enumerate(results["cuts"], 1):
    found = cut.get("found", "nothing")
    what = f"cut {number} at {cut['phase']}, {cut['committed']} committed, {cut['joined']} appends had joined"
    checks.that(what, found.startswith("FOUND"), found, "FOUND, and all of it")
phases = collections.Counter(cut["phase"] for cut in results["cuts"])
checks.that("phases that were cut", {"join", "compact", "append"} <= set(phases), dict(phases), "each")
checks.that("appends that joined records", sum(cut["joined"] for cut in results["cuts"]) > 0,
            sum(cut["joined"] for cut in results["cuts"]), "some")
lost = [(control["committed"], control["found"]) for control in results["control"]]
checks.that("control: bare SQLite with synchronous=NORMAL loses rows", any(found is not None and found < had for had, found in lost),
            ", ".join(f"{found} of {had} left" for had, found in lost), "fewer than were committed")
checks.finish()
