# host.sh BOOT KERNEL INITRAMFS RUN_FOLDER: boots from the disk beside INITRAMFS; what the guest writes there is not kept.
boot=$1 kernel=$2 initramfs=$3 run=$4
"$boot" "$kernel" "$initramfs" "$run/guest" -device virtio-blk-pci,drive=disk \
  -drive "file=$(dirname "$initramfs")/system.disk,format=raw,if=none,id=disk,snapshot=on" >"$run/console.log" 2>&1
