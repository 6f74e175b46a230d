#!/bin/bash
# install.sh BINARY | --uninstall
#
# Puts the node and what it needs in place, below $DESTDIR (nothing: this machine). Places are Debian's: systemd, udev
# and sysusers look for theirs below /usr. Running it again changes nothing; a node.yaml is never touched.
# Uninstalling leaves what a person wrote and what the node counted.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=${DESTDIR-}
die() { echo "$*" >&2; exit 69; }

# Source, mode, place.
files=(
    "$here/example.yaml 644 /etc/reallabor-node/node.yaml.example"
    "$here/install/reallabor-node.service 644 /usr/lib/systemd/system/reallabor-node.service"
    "$here/install/reallabor-transport.socket 644 /usr/lib/systemd/system/reallabor-transport.socket"
    "$here/install/reallabor-transport@.service 644 /usr/lib/systemd/system/reallabor-transport@.service"
    "$here/install/sysusers.conf 644 /usr/lib/sysusers.d/reallabor-node.conf"
    "$here/install/udev.rules 644 /usr/lib/udev/rules.d/60-reallabor-node.rules"
    "$here/install/modules-load.conf 644 /usr/lib/modules-load.d/reallabor-node.conf"
    "$here/install/node-with-chrony.conf 644 /usr/share/doc/reallabor-node/node-with-chrony.conf"
    "$here/../README.md 644 /usr/share/doc/reallabor-node/README.md"
    "$here/../LICENSE 644 /usr/share/doc/reallabor-node/copyright"
)
for page in "$here"/../docs/*; do files+=("$page 644 /usr/share/doc/reallabor-node/docs/$(basename "$page")"); done
for page in CHANGELOG.md CONTRIBUTING.md SECURITY.md; do files+=("$here/../$page 644 /usr/share/doc/reallabor-node/$page"); done
for board in "$here"/../Boards/*.yaml; do
    # The kernel lab's is nobody's board.
    [ "$(basename "$board")" = lab.yaml ] || files+=("$board 644 /usr/share/reallabor-node/boards/$(basename "$board")")
done

# Lets the running system see what changed; a DESTDIR is somebody else's system.
tell_the_system() {
    [ -z "$root" ] || return 0
    [ -d /run/systemd/system ] || return 0
    systemctl daemon-reload
    udevadm control --reload
    udevadm trigger --subsystem-match=gpio --subsystem-match=i2c-dev
}

uninstall() {
    if [ -z "$root" ] && [ -d /run/systemd/system ]; then 
        systemctl disable --now reallabor-node reallabor-transport.socket 2>/dev/null || true
        systemctl stop 'reallabor-transport@*.service' 2>/dev/null || true
    fi
    for entry in "${files[@]}"; do rm -f "$root${entry##* }"; done
    rm -f "$root/usr/bin/reallabor-node"
    for folder in /usr/share/reallabor-node/boards /usr/share/reallabor-node /usr/share/doc/reallabor-node/docs \
        /usr/share/doc/reallabor-node /etc/reallabor-node; do
        rmdir "$root$folder" 2>/dev/null || true
    done
    tell_the_system
    echo "Removed. Left: /etc/reallabor-node (if you wrote something there), the journal in /var/lib/reallabor-node, and"
    echo "the groups gpio, i2c, reallabor and reallabor-link with the user reallabor-transport."
}

[ -n "$root" ] || [ "$(id -u)" -eq 0 ] || die "Only root can do this here: put sudo in front, or set DESTDIR"
if [ "${1-}" = --uninstall ]; then
    uninstall
    exit
fi

binary=${1-}
[ -x "$binary" ] || die "There is no program '$binary' to install. Build it first, not as root:  make release"
stripped=$(mktemp)
trap 'rm -f "$stripped"' EXIT
"${STRIP:-strip}" -o "$stripped" "$binary"
install -D -m 755 "$stripped" "$root/usr/bin/reallabor-node"
for entry in "${files[@]}"; do
    place=${entry##* } rest=${entry% *}
    install -D -m "${rest##* }" "${rest% *}" "$root$place"
done
if [ -z "$root" ]; then
    systemd-sysusers reallabor-node.conf
    # Absent in a container; on a board it is there, or comes with the next boot.
    modprobe i2c-dev 2>/dev/null || true
fi
tell_the_system
[ -n "$root" ] && exit
cat <<'NEXT'
Installed. Next:
  cp /etc/reallabor-node/node.yaml.example /etc/reallabor-node/node.yaml     and make it yours
  reallabor-node check --config /etc/reallabor-node/node.yaml
  systemctl enable --now reallabor-node
  systemctl status reallabor-node
NEXT
[ -e /etc/reallabor-node/node.yaml ] && echo "A node that runs goes on with the old program until: systemctl restart reallabor-node"
exit 0
