#!/bin/bash
# check-service.sh BINARY: installs into an empty root, twice, and lets systemd judge the unit; then uninstalls.
set -euo pipefail
cd "$(dirname "$0")/.."
binary=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
die() { echo "check-service: $*" >&2; exit 1; }
listing() { (cd "$scratch/root" && find . -type f -printf '%p %m ' -exec sha256sum {} \; | sort); }

mkdir -p "$scratch/root/etc/reallabor-node"
echo 'node: mine' >"$scratch/root/etc/reallabor-node/node.yaml"
DESTDIR=$scratch/root Deploy/install.sh "$binary"
listing >"$scratch/first"
DESTDIR=$scratch/root Deploy/install.sh "$binary"
listing | diff "$scratch/first" - || die "installing twice is not the same as once"
[ "$(cat "$scratch/root/etc/reallabor-node/node.yaml")" = 'node: mine' ] || die "a node.yaml was overwritten"
"$scratch/root/usr/bin/reallabor-node" --version >/dev/null
REALLABOR_BOARDS=$scratch/root/usr/share/reallabor-node/boards "$scratch/root/usr/bin/reallabor-node" \
    check --config "$scratch/root/etc/reallabor-node/node.yaml.example" >/dev/null

# Its program is looked for where the unit says, so that is made the place in the empty root. systemd looks for a unit's relatives
# beside it; the one for each connection stands for all of them by any name.
for unit in reallabor-node.service reallabor-transport.socket reallabor-transport@.service; do
    sed "s,^ExecStart=,&$scratch/root," "$scratch/root/usr/lib/systemd/system/$unit" >"$scratch/$unit"
done
cp "$scratch/reallabor-transport@.service" "$scratch/reallabor-transport@1.service"
said=$(systemd-analyze verify "$scratch"/reallabor-{node.service,transport.socket,transport@1.service} 2>&1) ||
    die "systemd-analyze verify: $said"
[ -z "$said" ] || die "systemd-analyze verify: $said"
for unit in node transport@1; do
    overall=$(systemd-analyze security --offline=true --threshold=15 "$scratch/reallabor-$unit.service" | tail -n 1) ||
        die "reallabor-$unit is more exposed than 1.5: $overall"
    echo "unit reallabor-$unit: verified;${overall#*→}"
done
! grep -iE 'credential' "$scratch/reallabor-node.service" || die "the node's unit has the password"
SYSTEMD_LOG_LEVEL=err systemd-sysusers --dry-run "$scratch/root/usr/lib/sysusers.d/reallabor-node.conf" >/dev/null

DESTDIR=$scratch/root Deploy/install.sh --uninstall >/dev/null
left=$(cd "$scratch/root" && find . -type f)
[ "$left" = ./etc/reallabor-node/node.yaml ] || die "left by uninstalling: $left"
echo "install, install again, uninstall: as it should be"
