#!/bin/bash
# check-demo.sh: what the demo prints, on standard input, is what a newcomer with 80 columns should see.
set -euo pipefail
# What the build says before it is for others.
printed=$(sed -n '/^A broker runs on /,$p')
fail() {
    printf '%s\n' "$printed"
    echo "demo: $*" >&2
    exit 1
}
long=$(printf '%s\n' "$printed" | awk 'length($0) > 80' | head -1)
[ -z "$long" ] || fail "wider than 80 columns: $long"
for part in '  counted  gate ' '  measured  box-air ' 'received  traffic/gate  number ' 'received  climate/street-air  number ' \
    ': exact; ' 'all of them acknowledged by the broker'; do
    printf '%s\n' "$printed" | grep -qF -- "$part" || fail "nothing says '$part'"
done
# An interval too short for a reading is no fault of a sensor's.
printf '%s\n' "$printed" | grep -q ' missing' && fail "a sensor without a fault is said to miss something"
# A record that is shown whole is a wall of text.
printf '%s\n' "$printed" | grep -q '{' && fail "a message is shown as it came"
echo "demo: 80 columns, counts and measurements shown, sent and received"
