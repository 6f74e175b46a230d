#!/bin/bash
# system.sh INITRAMFS BINARY CACHE OUTPUT: a disk with Debian's systemd, into which BINARY is installed as `make install`
# does. What else is on it is what the initial file system holds: busybox, the broker, the lab's programs.
#
# Debian's packages are unpacked, not installed: their users are made by systemd-sysusers at the first boot.
set -euo pipefail
initramfs=$1 binary=$2 cache=$3 output=$4
here=$(cd "$(dirname "$0")" && pwd)
die() { echo "kernel lab: $*" >&2; exit 1; }

release=$(. /etc/os-release && echo "$VERSION_CODENAME")
packages=$cache/systemd-$release
if [ ! -e "$packages/complete" ]; then
  echo "kernel lab: fetching Debian's systemd and its libraries" >&2
  rm -rf "$packages"
  mkdir -p "$packages"
  names=$(apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces \
    --no-enhances systemd systemd-sysv udev mount | grep -E '^(lib|systemd|udev|mount$|zlib1g)' |
    grep -vE 'pam-modules|debian-installer|newt|perl|semanage|elogind' | sort -u)
  (cd "$packages" && apt-get download -q $names) >"$packages/download.log" 2>&1 ||
    die "the packages did not come ($packages/download.log)"
  touch "$packages/complete"
fi

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root"/first "$root"/system/usr/{bin,sbin,lib,lib64} "$root"/system/{etc,var/lib,var/log,run,proc,sys,dev,tmp,lab,root}
for folder in bin sbin lib lib64; do ln -s usr/$folder "$root/system/$folder"; done
for package in "$packages"/*.deb; do
  dpkg-deb --fsys-tarfile "$package" | tar -x --keep-directory-symlink --no-same-owner -C "$root/system"
done
# Modules, programs and their libraries, where systemd's packages have not brought the same.
(cd "$root/first" && cpio -id --quiet --no-absolute-filenames) <"$initramfs"
for folder in bin sbin lib lib64 usr modules; do
  [ -L "$root/first/$folder" ] && continue
  mkdir -p "$root/system/$folder/"
  (cd "$root/first/$folder" && tar -c .) | tar -x --keep-directory-symlink --skip-old-files --no-same-owner \
    -C "$root/system/$folder"
done
"$root/system/usr/bin/busybox" --list | while read -r applet; do
  [ -e "$root/system/usr/bin/$applet" ] || [ -e "$root/system/usr/sbin/$applet" ] ||
    ln -s busybox "$root/system/usr/bin/$applet"
done
[ -e "$root/system/usr/sbin/modprobe" ] || ln -s ../bin/busybox "$root/system/usr/sbin/modprobe"

cd "$root/system"
DESTDIR=$PWD "$here/../../../Deploy/install.sh" "$binary"
install -m 755 "$here/../guest/conclude" usr/bin/conclude
install -m 644 "$here"/../guest/units/*.service etc/systemd/system/
printf 'root:x:0:0::/root:/bin/sh\n' >etc/passwd
printf 'root:x:0:\n' >etc/group
printf 'passwd: files systemd\ngroup: files systemd\nhosts: files\n' >etc/nsswitch.conf
echo '127.0.0.1 localhost' >etc/hosts
echo lab >etc/hostname
: >etc/machine-id
# What a guest for one boot has no use for; the lab's devices come after udev has begun, so nothing is to be caught up on.
for unit in systemd-{hwdb-update,journal-catalog-update,firstboot,networkd,pstore,random-seed,udev-trigger}.service \
  ldconfig.service serial-getty@ttyS0.service kmod-static-nodes.service proc-sys-fs-binfmt_misc.automount systemd-tmpfiles-clean.timer; do
  ln -sf /dev/null "etc/systemd/system/$unit"
done
ln -sf /lib/systemd/system/multi-user.target etc/systemd/system/default.target
mkdir -p etc/systemd/system/{sysinit,multi-user}.target.wants
ln -s ../lab-hardware.service etc/systemd/system/sysinit.target.wants/
ln -s ../lab.service /usr/lib/systemd/system/reallabor-node.service etc/systemd/system/multi-user.target.wants/

rm -f "$output"
truncate -s 400M "$output"
mkfs.ext4 -q -F -E root_owner=0:0 -d "$root/system" "$output"
