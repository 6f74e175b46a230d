#!/bin/bash
# check.sh: `make test` on Debian 13, as it runs on a node with Raspberry Pi OS 13: Debian's Swift 6.0, libgpiod 2.x.
# SUITES='Node|StoreForward' builds everything and runs these, SKIP='Radar' without what matches it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
MAKE_TARGET=check-trixie "$here/root.sh"
code=0
"$here/enter.sh" make test SUITES="${SUITES-}" SKIP="${SKIP-}" || code=$?
about=$("$here/enter.sh" sh -c '
    printf "Debian %s, Swift %s, libgpiod %s" "$(cat /etc/debian_version)" \
        "$(swift --version 2>/dev/null | sed -n "s/^Swift version \([0-9.]*\).*/\1/p")" "$(pkg-config --modversion libgpiod)"')
if [ "$code" -ne 0 ]; then
    echo "check-trixie: FAILED on $about ($((SECONDS / 60)) min). Single tests: sudo Deploy/trixie/enter.sh swift test --filter NAME" >&2
    exit 1
fi
echo "check-trixie: every test${SUITES:+ of $SUITES}${SKIP:+ but $SKIP} passed on $about ($((SECONDS / 60)) min)"
