#!/bin/sh
# Each C module has exactly one importing target: that is what keeps C handles and errno in one room.
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
[ "$faults" -eq 0 ] || exit 1
echo "imports: each C module has one importer, and Foundation has none"
