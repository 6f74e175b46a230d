#!/bin/bash
# arm64.sh LIBRARY…: release binaries for Debian 13 and Raspberry Pi OS 13, amd64 and arm64, from one source and one
# compiler. The arm64 one is run under qemu, and must do what the amd64 one does, to the byte. LIBRARY… are the -dev
# packages the program is linked with.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
binaries=$here/../../.trixie/release

if [ "${1-}" != --inside ]; then
    [ "$(dpkg --print-architecture)" = amd64 ] || {
        echo "make arm64 cross-builds on amd64; on an arm64 Debian 13 'make release' gives the same binary" >&2
        exit 69
    }
    MAKE_TARGET=arm64 "$here/root.sh"
    "$here/enter.sh" Deploy/trixie/arm64.sh --inside "$@"
    for architecture in amd64 arm64; do
        install -D -m 755 "$here/../../.trixie/root/var/tmp/release/$architecture/reallabor-node" \
            "$binaries/$architecture/reallabor-node"
        echo "$(stat -c %s "$binaries/$architecture/reallabor-node") bytes: .trixie/release/$architecture/reallabor-node"
    done
    exit
fi
shift
cd "$here/../.."
sdk=/opt/trixie-arm64
sysroot=$sdk/trixie-arm64.artifactbundle/aarch64-unknown-linux-gnu/sysroot
Deploy/install-packages.sh "$@" pkg-config qemu-user sqlite3
Deploy/trixie/sdk-arm64.sh "$sdk" "$@"
options=(-c release --static-swift-stdlib --product reallabor-node)
swift build "${options[@]}"
swift build "${options[@]}" --swift-sdks-path "$sdk" --swift-sdk trixie-arm64 --scratch-path .build/arm64
install -D -m 755 .build/release/reallabor-node /var/tmp/release/amd64/reallabor-node
install -D -m 755 .build/arm64/release/reallabor-node /var/tmp/release/arm64/reallabor-node
Deploy/trixie/compare.sh /var/tmp/release/amd64/reallabor-node \
    qemu-aarch64 -L "$sysroot" /var/tmp/release/arm64/reallabor-node
