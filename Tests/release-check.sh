#!/bin/bash
# release-check.sh [ITEM…]: what is too slow for every change, before a release. All of it takes hours.
#
# Each item's result is kept in .release-check with the commit it was seen at: run again, the script goes on with what has no result for
# the present commit. AGAIN=1 runs items that have one. After each item docs/evidence.md is written anew from all results; --page does only that.
set -uo pipefail
cd "$(dirname "$0")/.."
results=.release-check
page=docs/evidence.md
mkdir -p "$results"

# Name | roughly how many minutes | command | which lines of its output are the figures
items='
tests           |  10 | make test                                   | ^tests:
debian          |  15 | make check-trixie                           | ^check-trixie:
threads         |  10 | make check-threads                          | ^check-threads:|planted race
accuracy        |  40 | make accuracy SEEDS=20                      | ^(contact|doppler|cycle-path|school-gate|main-road|storm)
service         |   3 | make check-service                          | ^(unit|install)
faults-journal  |  20 | make faults-journal KILLS=1000              | kills|lost|cuts
faults-sending  |  60 | make faults-sending                         | lost|^[a-z-]+ +[0-9]
faults-hostile  |   9 | make faults-hostile                         | ^[a-z]+:|libmosquitto
hostile-debian  |  25 | Deploy/trixie/root.sh && Deploy/trixie/enter.sh make faults-hostile | ^[a-z]+:|libmosquitto
rabbitmq        |  15 | Deploy/trixie/root.sh && Deploy/trixie/enter.sh make faults-rabbitmq | ^mqtt |^rabbitmq
kernel          |  40 | make kernel-test                            | ^(FAIL|[0-9]+ passed)
kernel-debian   |  60 | make kernel-test-trixie SCENARIOS="journal wear power-cut service radar counting rapid burst outage climate clock lab" | ^(FAIL|[0-9]+ passed)
arm64           |  20 | make arm64                                  | bytes:|compared|alike
bench           |  25 | make bench                                  | [0-9]
'
# The pattern is all that stands behind the third bar.
line() { grep -E "^$1 +\|" <<<"$items"; }
command_of() { line "$1" | cut -d '|' -f 3 | sed 's/^ *//; s/ *$//'; }
figures_of() { line "$1" | cut -d '|' -f 4- | sed 's/^ *//; s/ *$//'; }
minutes_of() { line "$1" | cut -d '|' -f 2 | tr -d ' '; }
names=$(awk -F '|' 'NF > 2 { gsub(/ /, "", $1); print $1 }' <<<"$items")

commit=$(git rev-parse --short HEAD 2>/dev/null || echo unknown)
[ -z "$(git status --porcelain --untracked-files=no -- . ':!docs/evidence.md' 2>/dev/null)" ] || commit="$commit and changes"
machine="$(nproc) × $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(. /etc/os-release && echo "$PRETTY_NAME"), \
$(${SWIFT:-swift} --version 2>/dev/null | grep -oE 'Swift version [0-9.]+' | head -n 1)"

value() { sed -n "s/^$2: //p" "$results/$1" 2>/dev/null | head -n 1; }

write_page() {
    local name
    {
        echo '# What was seen before a release'
        echo
        echo 'Written by `make release-check`, which runs what is too slow for [every change](../CONTRIBUTING.md#three-tiers). Each item says at which commit it was seen;'
        echo 'one that was not run says so.'
        echo
        echo '| item | result | commit | date | minutes | command |'
        echo '|---|---|---|---|---:|---|'
        for name in $names; do
            if [ -e "$results/$name" ]; then
                echo "| $name | $(value "$name" result) | $(value "$name" commit) | $(value "$name" date) | $(value "$name" minutes) | \`$(command_of "$name")\` |"
            else
                echo "| $name | not run | | | about $(minutes_of "$name") | \`$(command_of "$name")\` |"
            fi
        done
        for name in $names; do
            [ -s "$results/$name.figures" ] || continue
            echo
            echo "## $name"
            echo
            echo "$(value "$name" machine); load $(value "$name" load) at the beginning."
            echo
            echo '```'
            cat "$results/$name.figures"
            echo '```'
        done
    } >"$page.new"
    mv "$page.new" "$page"
}

if [ "${1-}" = --page ]; then
    write_page
    exit 0
fi
for name in "$@"; do
    grep -qx -- "$name" <<<"$names" || { echo "release-check: there is no item '$name'; there are: $(tr '\n' ' ' <<<"$names")" >&2; exit 64; }
done
[ $# -gt 0 ] || set -- $names
failed=
for name in "$@"; do
    if [ -z "${AGAIN-}" ] && [ "$(value "$name" commit)" = "$commit" ]; then
        echo "== $name: $(value "$name" result) at this commit already"
    else
        echo "== $(date +%T) $name, about $(minutes_of "$name") min: $(command_of "$name"); output in $results/$name.log"
        load=$(cut -d ' ' -f 1 /proc/loadavg)
        begun=$SECONDS result=passed
        bash -c "$(command_of "$name")" >"$results/$name.log" 2>&1 </dev/null || result="FAILED ($?)"
        grep -E -- "$(figures_of "$name")" "$results/$name.log" | tail -n 60 | cut -c 1-200 >"$results/$name.figures"
        printf 'result: %s\ncommit: %s\ndate: %s\nminutes: %s\nload: %s\nmachine: %s\n' "$result" "$commit" "$(date +%F)" \
            "$(awk -v s=$((SECONDS - begun)) 'BEGIN { printf "%.1f", s / 60 }')" "$load" "$machine" >"$results/$name"
        echo "   $result in $(value "$name" minutes) min"
        write_page
    fi
    [ "$(value "$name" result)" = passed ] || failed+=" $name"
done
write_page
[ -z "$failed" ] || { echo "release-check: failed:$failed" >&2; exit 1; }
