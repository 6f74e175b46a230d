#!/bin/bash
# run.sh: runs the tests that are built: a line per suite, and all that is said of what failed.
#
#   SUITES='Node|StoreForward'   only these, by the name of their folder in Tests
#   SKIP='Radar'                 without those whose name matches
#   TIER=check                   without those that start programs or take long, named by their traits; TIER=system: only those
#   LOG=FILE                     where the whole output goes; .build/tests.log
#
# Ends with 1 when a test failed, when none ran, or when fewer ran than there are; with 64 when there is no such suite.
set -euo pipefail
cd "$(dirname "$0")/.."
swift=${SWIFT:-swift} log=${LOG:-.build/tests.log} tier=${TIER-}
die() { echo "tests: $2" >&2; exit "$1"; }

suites=$(grep -rlE '^ *@Test' --include='*.swift' Tests | sed -n 's,^Tests/\([^/]*\)/.*,\1,p' | sort -u)
filter=()
if [ -n "${SUITES-}" ]; then
    for name in ${SUITES//|/ }; do
        grep -qxE -- "$name" <<<"$suites" || die 64 "there is no suite '$name'; there are: $(tr '\n' ' ' <<<"$suites")"
    done
    filter=(--filter "^(${SUITES})Tests\\.")
fi

# Suites and single tests with a trait that says they are for the system tier.
for_system() {
    local files
    files=$(grep -rlE '\.(startsProcesses|takesLong)' --include='*.swift' Tests | grep -v '^Tests/Support/')
    awk '
        /@Suite\(.*\.(startsProcesses|takesLong)/ { if (match($0, /(struct|class) [A-Za-z0-9_]+/)) print substr($0, RSTART + 7) "/"; next }
        /\.(startsProcesses|takesLong)/ { wanted = 1 }
        wanted && match($0, /func [A-Za-z0-9_]+/) { print substr($0, RSTART + 5, RLENGTH - 5) "\\("; wanted = 0 }
    ' $files | sed -E 's,^ *([A-Za-z0-9_]+).*(/|\\\()$,\1\2,' | sort -u
}
case $tier in
    check) export TESTS_WITHOUT_PROCESSES=1 ;;
    system) filter+=(--filter "[./]($(for_system | paste -sd '|'))") ;;
    '') ;;
    *) die 64 "there is no tier '$tier'; there are check and system" ;;
esac
skip=()
[ -z "${SKIP-}" ] || skip=(--skip "$SKIP")

mkdir -p "$(dirname "$log")"
started=$SECONDS
code=0
"$swift" test --skip-build "${filter[@]}" "${skip[@]}" >"$log" 2>&1 || code=$?

# All suites run at once, so that the time of one would say little.
awk '
    match($0, / Suite .* (passed|failed) after /) {
        name = substr($0, RSTART + 7); failed = name ~ / failed after /
        sub(/ (passed|failed) after .*/, "", name); gsub(/"/, "", name)
        printf "%-6s  %s\n", failed ? "FAILED" : "ok", name
    }' "$log"
awk '
    # What belongs to a failure follows it, indented or with an arrow, until the next event.
    / recorded an issue / || /^error: / || /Fatal error|^\*\*\* / { inside = 1; print; next }
    /^(◇|✔|✘|➜|􀟈|􀢄|􁁛)/ || /^Test Suite / { inside = 0 }
    inside { print }
' "$log" >"$log.failed"
if [ -s "$log.failed" ]; then
    echo "-- what failed; the whole output is $log"
    cat "$log.failed"
fi

said=$(grep -oE 'Test run with [0-9]+ tests? ' "$log" | tail -n 1 | grep -oE '[0-9]+' || true)
total=${said:-0}
count() { grep -E '^[^ ]+ Test ' "$log" | grep -vE '^[^ ]+ Test (run with|case passing) ' | grep -cE "$1" || true; }
passed=$(count ' passed after [0-9.]+ seconds') failed=$(count ' failed after [0-9.]+ seconds with')
# A name may say "skipped" too; what is skipped ends with it, or with its reason.
skipped=$(count '^[^"]*("[^"]*")? skipped')
echo "tests: $passed passed, $failed failed, $skipped left out, of $total in $((SECONDS - started)) s"
if [ "$code" -ne 0 ]; then
    [ -s "$log.failed" ] || tail -n 20 "$log"
    exit 1
fi
[ "$total" -gt 0 ] || die 1 "no test ran"
[ $((passed + skipped)) -eq "$total" ] || die 1 "$total tests were begun, and $((passed + skipped)) are accounted for"
# What check leaves out, the system tier runs: the numbers are held to each other.
mkdir -p .build
if [ "$tier" = check ] && [ -z "${SUITES-}${SKIP-}" ]; then
    left=$(for_system | wc -l)
    [ "$skipped" -gt 0 ] || [ "$left" -eq 0 ] || die 1 "nothing was left out, though $left suites or tests ask for it"
    echo "$skipped" >.build/tests-left-out
    echo "tests: $skipped start programs or take long: 'make test' runs them too"
elif [ "$tier" = system ] && [ -z "${SUITES-}${SKIP-}" ] && [ -e .build/tests-left-out ]; then
    [ "$total" -eq "$(cat .build/tests-left-out)" ] ||
        die 1 "check left out $(cat .build/tests-left-out) tests, and $total ran here: one of them is run by nobody"
fi
