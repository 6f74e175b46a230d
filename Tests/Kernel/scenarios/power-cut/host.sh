# host.sh BOOT KERNEL INITRAMFS RUN_FOLDER: two boots with a power cut between them.
#
# nbdkit keeps what the guest writes in memory of its own until the guest flushes, as a drive with a volatile cache
# does. Killing it together with qemu takes the guest's page cache and the drive's cache.
set -u
boot=$1 kernel=$2 initramfs=$3 run=$4
disk=$run/disk socket=$run/disk.socket
truncate -s 96M "$disk"
mkfs.ext4 -q -F "$disk" || exit 1

nbdkit --foreground --unix "$socket" --filter=cache file "$disk" cache=writeback 2>"$run/nbdkit.log" &
nbdkit=$!
for _ in $(seq 100); do [ -S "$socket" ] && break; sleep 0.1; done
[ -S "$socket" ] || { cat "$run/nbdkit.log"; exit 1; }

echo 1 >"$run/guest/boot-number"
"$boot" "$kernel" "$initramfs" "$run/guest" -pidfile "$run/qemu.pid" -device virtio-blk-pci,drive=disk \
  -drive "file=nbd+unix:///?socket=$socket,format=raw,if=none,id=disk" >"$run/console.log" 2>&1 &
guest=$!
arrived() { grep -c '^ARRIVED' "$run/console.log"; }
while kill -0 $guest 2>/dev/null && [ "$(arrived)" -lt 60 ]; do sleep 0.1; done
if ! kill -0 $guest 2>/dev/null; then
  kill -KILL $nbdkit
  echo "the first boot ended by itself" >>"$run/console.log"
  exit 1
fi
kill -KILL "$(cat "$run/qemu.pid")" $nbdkit
wait $guest $nbdkit 2>/dev/null
cp "$run/console.log" "$run/guest/out/first-console.log"

echo 2 >"$run/guest/boot-number"
"$boot" "$kernel" "$initramfs" "$run/guest" -device virtio-blk-pci,drive=disk \
  -drive "file=$disk,format=raw,if=none,id=disk" >"$run/console.log" 2>&1
