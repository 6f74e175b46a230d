#!/bin/bash
# initramfs.sh KERNEL_FOLDER OUTPUT PROGRAM…: the guest's root file system. Programs come with the libraries they
# need and land in /usr/bin. Not compressed: unpacking would cost the emulated processor seconds.
set -euo pipefail
kernel=$1 output=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)
modules="configfs i2c-dev cuse virtio_pci virtio_blk ext4 crc32c_generic 9p 9pnet_virtio"

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root"/{bin,sbin,usr/bin,usr/sbin,usr/lib,lib64,dev,proc,sys,run,tmp,data,lab,system,etc,modules,root,var/lib/mosquitto}
cp /bin/busybox "$root/bin/"
install -m 755 "$here/../guest/init" "$root/init"
install -m 755 "$here/../guest/conclude" "$root/usr/bin/conclude"
echo '127.0.0.1 localhost' >"$root/etc/hosts"
echo 'root:x:0:0::/root:/bin/sh' >"$root/etc/passwd"
echo 'root:x:0:' >"$root/etc/group"
printf 'passwd: files\ngroup: files\nhosts: files\n' >"$root/etc/nsswitch.conf"

base=$kernel/root
version=$(ls "$base/lib/modules")
target=$root/lib/modules/$version
mkdir -p "$target"
ln -s ../../lib/modules "$root/usr/lib/modules"
cp "$base/lib/modules/$version"/modules.{order,builtin,builtin.modinfo} "$target/"
for module in $modules; do
  # A module built into the kernel shows as "builtin" and needs no file.
  modprobe -d "$base" -S "$version" --show-depends "$module" | sed -n 's/^insmod \([^ ]*\).*/\1/p'
done | sort -u | while read -r file; do
  copy=$target/${file#*"/lib/modules/$version/"}
  mkdir -p "$(dirname "$copy")"
  case $file in
    *.xz) xz -dc "$file" >"${copy%.xz}" ;;
    *) cp "$file" "$copy" ;;
  esac
done
depmod -b "$root" "$version"
for module in "$kernel"/built/*.ko; do strip --strip-debug -o "$root/modules/$(basename "$module")" "$module"; done

for program in "$@"; do
  install -m 755 "$program" "$root/usr/bin/"
  # A statically linked program has nothing to list.
  { ldd "$program" 2>/dev/null || true; } | sed -nE 's,^[^/]*(/[^ ]+) \(0x.*,\1,p' | while read -r library; do
    [ -e "$root$library" ] || install -D -m 755 "$library" "$root$library"
  done
done
(cd "$root" && find . -print0 | cpio --null --create --format=newc --owner=0:0 --quiet) >"$output.new"
mv "$output.new" "$output"
