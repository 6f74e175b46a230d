#!/bin/bash
# check-format.sh [--write]: whether the Swift code is formatted as .swift-format says; --write makes it so.
#
# The formatter comes with a toolchain of 6.0 or newer from swift.org. Debian's has none: there nothing is checked, and that is said.
set -euo pipefail
cd "$(dirname "$0")/.."
swift=${SWIFT:-swift}
mapfile -d '' files < <(find Package.swift Sources Calibration HardwareMocks Tests -name '*.swift' -not -path '*/.build*' -print0 | sort -z)

if ! "$swift" format --version >/dev/null 2>&1; then
    echo "format: not checked, this toolchain has no 'swift format'"
    exit 0
fi
if [ "${1-}" = --write ]; then
    "$swift" format format --in-place --parallel --configuration .swift-format "${files[@]}"
    echo "format: ${#files[@]} files are as .swift-format says"
    exit 0
fi
found=$("$swift" format lint --parallel --configuration .swift-format "${files[@]}" 2>&1) || true
if [ -n "$found" ]; then
    head -n 20 <<<"$found" >&2
    echo "format: $(wc -l <<<"$found") places in $(cut -d: -f1 <<<"$found" | sort -u | wc -l) files; 'make format' mends them" >&2
    exit 1
fi
echo "format: ${#files[@]} files are as .swift-format says"
