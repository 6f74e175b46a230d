#!/bin/bash
# compare.sh NODE RUNNER…: runs the commands that need no hardware with NODE as it is, and with RUNNER (another build of
# it, with what it takes to run it), and compares all they say, their exit codes and the journal they write.
set -uo pipefail
cd "$(dirname "$0")/../.."
node=$1
shift
other=("$@")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# Neither finds the source tree by its own place.
export REALLABOR_BOARDS=$PWD/Boards
compared=0 differing=0

# same EXIT_CODE NAME COMMAND…: in the command, @ stands for a folder of the run's own.
same() {
    local expected=$1 name=$2 side
    shift 2
    for side in ours theirs; do
        mkdir -p "$scratch/$name/$side"
        local command=("$node")
        [ $side = ours ] || command=("${other[@]}")
        "${command[@]}" "${@//@/$scratch/$name/$side}" >"$scratch/$name/$side/output" 2>"$scratch/$name/$side/errors"
        local code=$?
        [ "$code" -eq "$expected" ] || echo "exit code $code on side $side" >>"$scratch/$name/$side/output"
        if [ -e "$scratch/$name/$side/journal" ]; then
            # Each journal and each opening has a name of its own, over which its checksum goes, and each start of a machine another name.
            sqlite3 "$scratch/$name/$side/journal" .dump |
                sed -E "s/^(INSERT INTO epoch VALUES\(1,)'[0-9a-f]{16}'/\1'EPOCH'/; s/'simulated-[0-9a-f]+'/'BOOT'/; s/^(INSERT INTO counter VALUES\('(opening|checksum)',0,)-?[0-9]+/\1N/" \
                    >"$scratch/$name/$side/records"
            rm -f "$scratch/$name/$side"/journal*
        fi
    done
    compared=$((compared + 1))
    if diff -r "$scratch/$name/ours" "$scratch/$name/theirs" >"$scratch/$name.diff"; then
        echo "same  $name: $(cat "$scratch/$name"/ours/* | wc -c) bytes"
    else
        differing=$((differing + 1))
        echo "DIFFERS  $name"
        head -n 20 "$scratch/$name.diff" | cut -c1-300
    fi
}

same 0 version --version
same 0 check check --config Deploy/example.yaml
same 66 check-of-nothing check --config /nonexistent/node.yaml
same 0 simulate simulate school-gate --speed max --for 900 --live --journal @/journal
same 0 simulate-night simulate quiet-night --speed max --format json --for 900
same 0 sensor-replay sensor replay --part sht40 HardwareMocks/Recordings/sht40.json
same 0 sensor-replay-json sensor replay --part sht40 --format json HardwareMocks/Recordings/sht40.json
same 0 pulses-replay pulses replay --config Deploy/example.yaml --channel gate HardwareMocks/Recordings/three-closures.csv
same 0 pulses-replay-json pulses replay --config Deploy/example.yaml --channel gate --format json \
    HardwareMocks/Recordings/three-closures.csv
echo "$((compared - differing)) of $compared commands do the same"
[ "$differing" -eq 0 ]
