#!/bin/sh
# Each C module has exactly one importing target: that is what keeps C handles and errno in one room. Simulated hardware is
# imported by the simulation alone, and only the executable knows the command line.
set -eu
cd "$(dirname "$0")/.."
faults=0
for folder in Sources/C[A-Z]*; do
    module=$(basename "$folder")
    [ -f "$folder/module.modulemap" ] || continue
    importers=$(grep -rlE "^[[:space:]]*(public |internal |private |package |@[A-Za-z_]+ )*import $module([[:space:]]|$)" \
        --include='*.swift' Sources Calibration HardwareMocks | awk -F/ '{ print ($1 == "Sources") ? $1 "/" $2 : $1 }' | sort -u)
    count=$(printf '%s\n' "$importers" | grep -c . || true)
    if [ "$count" -ne 1 ]; then
        echo "$module has $count importers, and is to have one:" $importers >&2
        faults=$((faults + 1))
    fi
done
if grep -rnE '^[[:space:]]*(public |internal |private |package |@[A-Za-z_]+ )*import Foundation([[:space:]]|$)' --include='*.swift' \
    Sources Calibration HardwareMocks >&2; then
    echo "full Foundation must not ship: it makes the program 58 MB" >&2
    faults=$((faults + 1))
fi
# only MODULE ROOM: nothing that ships imports MODULE but Sources/ROOM.
only() {
    if grep -rnE "^[[:space:]]*(public |internal |private |package |@[A-Za-z_]+ )*import $1([[:space:]]|\$)" --include='*.swift' \
        Sources Calibration HardwareMocks | grep -v "^Sources/$2/" >&2; then
        echo "$1 is for Sources/$2 alone" >&2
        faults=$((faults + 1))
    fi
}
only HardwareMocks NodeSimulation
only ArgumentParser reallabor-node
# What speaks with brokers runs in a process of its own: nothing that counts is to call it.
only MQTTTransport TransportService
for room in NodeRuntime NodeSimulation Delivery TransportProcess; do
    if grep -rnE '^[[:space:]]*(public |internal |private |package |@[A-Za-z_]+ )*import (TransportService|CMosquitto)' --include='*.swift' \
        "Sources/$room" >&2; then
        echo "$room is part of the counting process, which never runs the MQTT library" >&2
        faults=$((faults + 1))
    fi
done
[ "$faults" -eq 0 ] || exit 1
echo "imports: each C module has one importer, Foundation has none, HardwareMocks, ArgumentParser and MQTTTransport have theirs"
