#!/bin/bash
# What several threads touch, under the thread sanitizer: the queues, the counting loop with its taps, the real reader, the
# control socket, journal and publisher by their tests; then a whole node in real time with a broker and clients. A race that is
# planted shows that it sees.
set -euo pipefail
cd "$(dirname "$0")/../.."
build=.build-threads
tests='BoundedQueueTests|ChannelTapTests|CountingLoopTests|CountingFaultTests|GPIOEdgeSourceTests|NodeThreadTests|WakeEventTests'
tests+='|ControlServerTests|JournalConcurrencyTests|BrokerTests|ThreadMailboxTests|ManualClockTests|RunningNodeTests'

folder=$(mktemp -d)
broker= receiver=
end() {
    [ -z "$receiver" ] || kill -KILL "$receiver" 2>/dev/null || true
    [ -z "$broker" ] || kill "$broker" 2>/dev/null || true
    rm -rf "$folder"
}
trap end EXIT

swift build --build-tests --sanitize=thread --scratch-path "$build"
cc -O2 -shared -fPIC -o "$folder/clockjoin.so" Tests/Threads/clockjoin.c
export TSAN_OPTIONS="exitcode=66 suppressions=$PWD/Tests/Threads/suppressions"

code=0
"$build/debug/PlantedRace" >"$folder/planted" 2>&1 || code=$?
if [ "$code" -ne 66 ] || ! grep -q 'ThreadSanitizer: data race' "$folder/planted"; then
    cat "$folder/planted"
    echo "the thread sanitizer is blind: it did not see the planted race (exit code $code)" >&2
    exit 1
fi
echo "the planted race is seen: $(grep -m1 'SUMMARY' "$folder/planted")"

# Under the sanitizer mlockall does nothing, so nothing is locked. An hour in virtual time shows no race: its threads run one at a time.
LD_PRELOAD="$folder/clockjoin.so" swift test --skip-build --sanitize=thread --scratch-path "$build" --filter "$tests" --skip 'MemoryLockTests|anHourOfSchoolTraffic'

port=$((20000 + RANDOM % 10000))
printf 'listener %s 127.0.0.1\nallow_anonymous true\n' "$port" >"$folder/mosquitto.conf"
PATH=$PATH:/usr/sbin mosquitto -c "$folder/mosquitto.conf" >"$folder/broker" 2>&1 &
broker=$!
# What nobody subscribes to the broker throws away, and the node keeps.
for _ in $(seq 100); do (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break; sleep 0.05; done
mosquitto_sub -h 127.0.0.1 -p "$port" -q 1 -t '#' >/dev/null &
receiver=$!
cat >"$folder/node.yaml" <<YAML
node: threads
board: raspberry-pi-4
interval: 2s
channels:
  - {name: gate, detector: contact, input: J8-11, debounce: {kind: stable, time: 8ms}}
  - {name: path, detector: contact, input: J8-13, debounce: {kind: stable, time: 8ms}}
sensors:
  - {name: street-air, part: sht40, bus: i2c-1, period: 1s}
journal: {path: $folder/journal.sqlite, budget: 16MB}
mqtt: {host: 127.0.0.1, port: $port}
YAML
node=$build/debug/reallabor-node
LD_PRELOAD="$folder/clockjoin.so" "$node" simulate school-gate --config "$folder/node.yaml" --live --for 10 \
    --control "$folder/node.sock" >"$folder/node" 2>&1 &
run=$!
for _ in $(seq 200); do
    "$node" status --control "$folder/node.sock" >/dev/null 2>&1 && break
    sleep 0.1
done
"$node" pulses record --control "$folder/node.sock" --channel gate --for 3s -o "$folder/gate.vcd" &
recording=$!
for _ in 1 2 3; do "$node" status --json --control "$folder/node.sock" >/dev/null; done
wait "$recording"
code=0
wait "$run" || code=$?
if [ "$code" -ne 0 ] || grep -q 'WARNING: ThreadSanitizer' "$folder/node"; then
    cat "$folder/node"
    echo "the node in real time: exit code $code" >&2
    exit 1
fi
tail -3 "$folder/node"
echo "check-threads: no race found"
