#!/bin/bash
# boot.sh KERNEL INITRAMFS SHARE [qemu options…]: boots a guest that runs SHARE/guest.sh; what it prints goes to
# standard output. Exit code: the script's own; 124 when TIME_LIMIT (s) was over, 125 without a verdict.
#
#   LAB_ACCEL=tcg   (default) emulation in virtual time: one instruction is 4 ns, waiting takes no time at all, and a
#                   run is the same on every machine
#   LAB_ACCEL=kvm   the host's processor in real time
#   REAL_TIME=1     emulation in real time, for guests that wait for the host
set -uo pipefail
kernel=$1 initramfs=$2 share=$3
shift 3
case ${LAB_ACCEL:-tcg} in
  kvm) machine=(-accel kvm -cpu host) ;;
  tcg)
    machine=(-accel tcg,thread=single -cpu max)
    [ -n "${REAL_TIME-}" ] || machine+=(-icount shift=2,sleep=off)
    ;;
  *) echo "boot.sh: LAB_ACCEL is tcg or kvm, not '$LAB_ACCEL'" >&2; exit 64 ;;
esac
# One processor: with two, gpio-sim merges pending edges before they are numbered.
timeout --foreground -k 5 "${TIME_LIMIT:-900}" qemu-system-x86_64 "${machine[@]}" -smp 1 -m 512 \
  -nodefaults -display none -serial stdio -no-reboot -device isa-debug-exit,iobase=0xf4,iosize=4 \
  -rtc "base=${CLOCK_AT_BOOT:-2026-05-01T11:59:48},clock=vm" \
  -virtfs "local,path=$share,mount_tag=lab,security_model=none" \
  -kernel "$kernel" -initrd "$initramfs" -append "console=ttyS0 quiet panic=-1" "$@" </dev/null | stdbuf -oL tr -d '\r'
code=${PIPESTATUS[0]}
case $code in
  124 | 137) echo "boot.sh: the guest was not done within ${TIME_LIMIT:-900} s"; exit 124 ;;
esac
((code & 1)) && exit $((code >> 1))
echo "boot.sh: the guest ended without a verdict (qemu: $code)"
exit 125
