#!/bin/bash
# root.sh: a Debian 13 root with Debian's own Swift in .trixie/root at the repository's root. Made once; deleting
# .trixie costs one more download and gives the newest point release.
#
# TRIXIE_MIRROR names another mirror than the one this machine's own packages come from.
set -euo pipefail
repository=$(cd "$(dirname "$0")/../.." && pwd)
cache=$repository/.trixie
here=$repository/Deploy/trixie

if [ "$(id -u)" -ne 0 ]; then
    echo "A Debian root is made and entered by root only. Run it with:  sudo make ${MAKE_TARGET:-check-trixie}" >&2
    exit 77
fi

if [ ! -e "$cache/root/etc/debian_version" ]; then
    "$repository/Deploy/install-packages.sh" debootstrap debian-archive-keyring git
    mirror=${TRIXIE_MIRROR-$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' |
        grep -E '^(https?|file):' | head -n 1 || true)}
    mirror=${mirror:-http://deb.debian.org/debian}
    echo "Making a Debian 13 root in .trixie from $mirror; the log is .trixie/debootstrap.log"
    rm -rf --one-file-system "$cache/root.new"
    mkdir -p "$cache"
    # In a mount namespace of its own, so that what debootstrap mounts goes with it, however it ends.
    unshare --mount --pid --fork --kill-child debootstrap --variant=minbase \
        --keyring=/usr/share/keyrings/debian-archive-keyring.gpg trixie "$cache/root.new" "$mirror" \
        >"$cache/debootstrap.log" 2>&1 || {
        tail -n 5 "$cache/debootstrap.log" >&2
        echo "No Debian 13 root could be made from $mirror. TRIXIE_MIRROR names another mirror." >&2
        exit 69
    }
    # Losing this root in a power cut costs a minute; syncing each file costs more.
    echo force-unsafe-io >"$cache/root.new/etc/dpkg/dpkg.cfg.d/unsafe-io"
    # Packages are not to start services here.
    printf '#!/bin/sh\nexit 101\n' >"$cache/root.new/usr/sbin/policy-rc.d"
    chmod 755 "$cache/root.new/usr/sbin/policy-rc.d"
    mv "$cache/root.new" "$cache/root"
fi
"$here/enter.sh" Deploy/install-packages.sh swiftlang libstdc++-14-dev make git ca-certificates
