# host.sh BOOT KERNEL INITRAMFS RUN_FOLDER: one boot with a disk of its own, in virtual time: a day passes at once.
set -u
boot=$1 kernel=$2 initramfs=$3 run=$4
truncate -s 512M "$run/disk"
mkfs.ext4 -q -F "$run/disk" || exit 1
"$boot" "$kernel" "$initramfs" "$run/guest" -device virtio-blk-pci,drive=disk \
  -drive "file=$run/disk,format=raw,if=none,id=disk,cache=unsafe" >"$run/console.log" 2>&1
