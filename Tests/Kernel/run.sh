#!/bin/bash
# The kernel lab: reallabor-node on Debian's kernel, with simulated GPIO and I2C, judged from outside.
#
#   NODE_BINARY=…/reallabor-node Tests/Kernel/run.sh [SCENARIO…]
#
# Without arguments all scenarios of Tests/Kernel/scenarios run, LAB_JOBS (2) at a time. LAB_ACCEL=kvm uses the
# host's processor instead of emulation. Needs the packages in packages.txt. What was fetched and built stays in
# .kernel-lab/ at the repository's root, with the traces of the last run in .kernel-lab/runs/.
# Exit code 0 when every check passed, 1 when one failed, 69 when the lab could not be set up.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=$(cd "$here/../.." && pwd)/.kernel-lab
die() { echo "kernel lab: $*" >&2; exit 69; }

all="journal wear power-cut service radar counting rapid burst outage climate clock lab"
scenarios=${*:-$all}
for name in $scenarios; do [ -e "$here/scenarios/$name/guest.sh" ] || die "no scenario '$name'; there are: $all"; done

missing=
for program in qemu-system-x86_64 nbdkit mkfs.ext4 busybox cpio depmod xz gcc make pkg-config i2ctransfer mosquitto \
  mosquitto_sub mosquitto_pub sqlite3 python3 strip chrt swift; do
  PATH=$PATH:/usr/sbin:/sbin command -v "$program" >/dev/null || missing+=" $program"
done
[ -z "$missing" ] || die "not installed:$missing. The Debian packages are listed in Tests/Kernel/packages.txt"
export PATH=$PATH:/usr/sbin:/sbin
programs=(/usr/bin/chrt /usr/sbin/mosquitto /usr/bin/mosquitto_sub /usr/bin/mosquitto_pub /usr/bin/sqlite3 /usr/sbin/i2ctransfer)

if [ "$scenarios" != lab ]; then
  [ -n "${NODE_BINARY-}" ] || die "NODE_BINARY is not set: the path of a release reallabor-node"
  [ -x "$NODE_BINARY" ] || die "NODE_BINARY=$NODE_BINARY is not there: swift build -c release --static-swift-stdlib"
fi

mkdir -p "$cache/programs"
kernel=$("$here/host/kernel.sh" "$cache") || exit 69

for source in "$here"/guest/*.c; do
  gcc -std=gnu11 -O2 -Wall -Wextra -static -o "$cache/programs/$(basename "$source" .c)" "$source" -lm ||
    die "a guest program did not build"
  programs+=("$cache/programs/$(basename "$source" .c)")
done
swift build --package-path "$here/cuse-bus" --scratch-path "$cache/cuse-bus" -c release --static-swift-stdlib \
  --product cuse-bus >"$cache/cuse-bus.log" 2>&1 || {
  tail -30 "$cache/cuse-bus.log" >&2
  die "the CUSE bus did not build; whole output in $cache/cuse-bus.log"
}
programs+=("$cache/cuse-bus/release/cuse-bus")
if [ -n "${NODE_BINARY-}" ]; then
  install -m 755 "$NODE_BINARY" "$cache/programs/reallabor-node"
  programs+=("$cache/programs/reallabor-node")
fi
case " $scenarios " in
  *" journal "* | *" wear "*)
    [ -x "${JOURNAL_EXERCISER-}" ] || die "JOURNAL_EXERCISER is not set: swift build -c release --static-swift-stdlib --product JournalExerciser"
    install -m 755 "$JOURNAL_EXERCISER" "$cache/programs/JournalExerciser"
    programs+=("$cache/programs/JournalExerciser")
    ;;
esac
"$here/host/initramfs.sh" "$kernel" "$cache/initramfs" "${programs[@]}"
case " $scenarios " in
  *" service "*) "$here/host/system.sh" "$cache/initramfs" "$cache/programs/reallabor-node" "$cache" "$cache/system.disk" || exit 69 ;;
esac
echo "kernel lab: $(basename "$kernel"), ${LAB_ACCEL:-tcg}, scenarios: $scenarios"

# Each scenario's lines come out together, when it ends.
for name in $scenarios; do
  while [ "$(jobs -rp | wc -l)" -ge "${LAB_JOBS:-2}" ]; do wait -n || true; done
  {
    code=0
    "$here/host/scenario.sh" "$name" "$kernel/vmlinuz" "$cache/initramfs" "$cache/runs/$name" \
      >"$cache/runs-$name.report" 2>&1 || code=$?
    grep -q '^FAIL' "$cache/runs-$name.report" || [ $code -eq 0 ] ||
      echo "FAIL $name: the scenario: expected exit code 0, found $code" >>"$cache/runs-$name.report"
    cat "$cache/runs-$name.report"
  } &
done
wait
reports=()
for name in $scenarios; do reports+=("$cache/runs-$name.report"); done
passed=$(cat "${reports[@]}" | grep -c '^ok ' || true)
failed=$(cat "${reports[@]}" | grep -c '^FAIL ' || true)
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
