#!/bin/sh
# journal.sh EXERCISER [KILLS [SEED]]: a journal's writer is killed (SIGKILL) at random moments, again and again on a
# file that is always full: while it appends, joins records, gives pages back and opens. After each kill what was
# reported as committed must be there, and the kept records' counts must add up to the total.
# Exit code 0 when nothing was lost, else 1 with the seed.
set -eu
exec python3 "$(dirname "$0")/journal_kills.py" "$@"
