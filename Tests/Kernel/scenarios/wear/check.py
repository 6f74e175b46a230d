import sys

from ledger import Checks, read_text

checks = Checks("wear")
written = dict(tuple(map(int, line.split())) for line in read_text(f"{sys.argv[1]}/wear").splitlines())
for minutes, limit in ((1, 80), (5, 20)):
    megabytes = round(written.get(minutes, 0) / 1e6, 1)
    checks.within(f"MB written to the disk in a day, a commit every {minutes} min (at most {limit})", megabytes, 0.1, limit)
checks.finish()
