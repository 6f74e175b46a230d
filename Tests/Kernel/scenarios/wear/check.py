import sys

from ledger import Checks, read_text

checks = Checks("wear")
written = {tuple(words[:2]): words[2] for words in (list(map(int, line.split())) for line in read_text(f"{sys.argv[1]}/wear").splitlines())}
for minutes, destinations, limit in ((1, 1, 60), (5, 1, 20), (1, 2, 80)):
    megabytes = round(written.get((minutes, destinations), 0) / 1e6, 1)
    checks.within(
        f"MB written to the disk in a day, a commit every {minutes} min, destinations: {destinations} (at most {limit})", megabytes, 0.1, limit)
checks.finish()
