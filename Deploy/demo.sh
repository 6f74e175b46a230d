#!/bin/bash
# demo.sh BINARY [SECONDS]
#
# A broker of its own on a free loopback port, the node on a simulated street, and what comes back from the broker,
# live. Ends by itself, or with Ctrl-C.
set -euo pipefail
binary=$1
seconds=${2:-40}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/reallabor-demo-XXXXXX")
broker= subscriber=
cleanup() {
    # Nobody wants the shell's report of their end.
    disown -a
    # Not asked: mosquitto_sub disconnects within its signal handler and can lock itself out there.
    for process in $subscriber; do kill -KILL "$process" 2>/dev/null || true; done
    [ -z "$broker" ] || kill "$broker" 2>/dev/null || true
    rm -rf "$scratch"
}
trap cleanup EXIT
# The node ends itself on Ctrl-C and reports; only then is everything cleared away.
trap : INT

PATH=$PATH:/usr/sbin
start_broker() {
    # Nobody promises a free port; a taken one makes mosquitto end, and the next is tried.
    for _ in 1 2 3 4 5 6 7 8; do
        port=$((20000 + RANDOM % 20000))
        printf 'listener %d 127.0.0.1\nallow_anonymous true\n' "$port" >"$scratch/mosquitto.conf"
        mosquitto -c "$scratch/mosquitto.conf" >"$scratch/mosquitto.log" 2>&1 &
        broker=$!
        for _ in $(seq 100); do
            if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
                kill -0 "$broker" 2>/dev/null && return
            fi
            kill -0 "$broker" 2>/dev/null || break
            sleep 0.05
        done
        kill "$broker" 2>/dev/null || true
    done
    echo "no broker could be started; its last words:" >&2
    cat "$scratch/mosquitto.log" >&2
    exit 69
}
start_broker

cat >"$scratch/demo.yaml" <<CONFIGURATION
node: demo
board: raspberry-pi-4
interval: 5s
channels:
  - name: gate
    detector: contact
    input: {pin: J8-11, bias: pull-up, active: low}
    debounce: {kind: stable, time: 8ms}
  - name: path
    detector: contact
    input: J8-13
    debounce: {kind: stable, time: 8ms}
sensors:
  - {name: box-air, part: bme280, bus: i2c-1, period: 1s}
  - {name: street-air, part: sht40, bus: i2c-1, period: 1s}
journal: {path: journal.sqlite, budget: 16MB}
mqtt: {host: 127.0.0.1, port: $port}
CONFIGURATION

cat <<WELCOME
A broker runs on 127.0.0.1:$port. The node counts two contacts and reads two
sensors of a simulated street, sums them up every 5 s, keeps them in its journal
and publishes them. "received" is what the broker hands to a subscriber, below
reallabor/demo.

WELCOME
mkfifo "$scratch/received"
# To everything: what nobody subscribes to mosquitto throws away, and the node would keep it. Counts and climate are shown.
mosquitto_sub -h 127.0.0.1 -p "$port" -q 1 -t 'reallabor/demo/#' -F 'received  %t  %p' >"$scratch/received" &
subscriber=$!
sed -u '/^received  reallabor.demo.\(traffic\|climate\)/!d
            s/"schema".*"sequence":\([0-9]*\),.*"channel":"[^"]*",.*"count":\([^,]*\),"flows.*/number \1, count \2/;
            s/"schema".*"sequence":\([0-9]*\),.*"quantity":"temperature","unit":"Cel",[^}]*"mean":\([^,]*\),.*/number \1, temperature \2/;
            s,reallabor/demo/,,; s/  {/  /; s/^/              /' <"$scratch/received" &
subscriber="$subscriber $!"

"$binary" simulate school-gate --config "$scratch/demo.yaml" --for "$seconds" --live
