#!/bin/bash
# kernel.sh CACHE: Debian's kernel, unpacked, and the lab's modules for it. Prints the folder that holds both.
#
#   FOLDER/vmlinuz        FOLDER/root/lib/modules/VERSION        FOLDER/built/lab_gpio.ko, lab_i2c.ko
#
# The version is the one whose headers are installed. Everything is kept by version and made anew only when the
# module sources change. Debian builds its kernels without gpio-sim, so that comes from Debian's kernel source.
set -euo pipefail
cache=$1
here=$(cd "$(dirname "$0")" && pwd)
die() { echo "kernel lab: $*" >&2; exit 1; }

[ "$(dpkg --print-architecture)" = amd64 ] || die "the lab's kernel and machine are amd64; run it on an amd64 Debian"
headers=$(ls -d /usr/src/linux-headers-*-amd64 2>/dev/null | sort -V | tail -1)
[ -n "$headers" ] || die "no kernel headers in /usr/src: apt-get install linux-headers-amd64"
version=${headers#/usr/src/linux-headers-}
folder=$cache/linux-$version
mkdir -p "$folder"

if [ ! -e "$folder/vmlinuz" ]; then
  echo "kernel lab: fetching linux-image-$version" >&2
  download=$(mktemp -d)
  trap 'rm -rf "$download"' EXIT
  (cd "$download" && apt-get download -q "linux-image-$version") >"$folder/download.log" 2>&1 ||
    die "apt-get download linux-image-$version failed ($folder/download.log). After an update of the package lists
  the headers may be older than the kernel on offer: apt-get install linux-headers-amd64"
  rm -rf "$folder/root"
  dpkg -x "$download"/linux-image-*.deb "$folder/root"
  # Debian 12 packs its modules into /lib, Debian 13 into /usr/lib; tools look in either.
  if [ -d "$folder/root/lib/modules" ]; then
    mkdir -p "$folder/root/usr/lib"
    ln -s ../../lib/modules "$folder/root/usr/lib/modules"
  else
    mkdir -p "$folder/root/lib"
    ln -s ../usr/lib/modules "$folder/root/lib/modules"
  fi
  depmod -b "$folder/root" "$version"
  cp "$folder/root/boot/vmlinuz-$version" "$folder/vmlinuz.new"
  mv "$folder/vmlinuz.new" "$folder/vmlinuz"
fi

recipe=$(cat "$here/kernel.sh" "$here"/../modules/* | sha256sum | cut -d' ' -f1)
if [ "$(cat "$folder/built/recipe" 2>/dev/null)" != "$recipe" ]; then
  source=$(ls /usr/src/linux-source-"$(cut -d. -f1,2 <<<"$version")".tar.xz 2>/dev/null) ||
    die "no source for kernel $version: apt-get install linux-source-$(cut -d. -f1,2 <<<"$version")"
  echo "kernel lab: building the modules for $version" >&2
  rm -rf "$folder/built"
  mkdir -p "$folder/built"
  top=$(basename "$source" .tar.xz)
  tar -xJf "$source" -C "$folder/built" --transform 's,.*/,,' \
    "$top/drivers/gpio/gpio-sim.c" "$top/drivers/gpio/gpiolib.h" "$top/kernel/irq/irq_sim.c"
  cp "$here"/../modules/* "$folder/built/"
  # Modules may not look up interrupt descriptors themselves; generic_handle_irq() does so for them.
  sed -i 's/handle_simple_irq(irq_to_desc(\([a-z_]*\)))/generic_handle_irq(\1)/' "$folder/built/irq_sim.c"
  make -C "$headers" M="$folder/built" modules >"$folder/modules.log" 2>&1 || {
    tail -20 "$folder/modules.log" >&2
    die "the modules did not build; whole output in $folder/modules.log"
  }
  echo "$recipe" >"$folder/built/recipe"
fi
echo "$folder"
