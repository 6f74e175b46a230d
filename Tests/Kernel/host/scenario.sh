#!/bin/bash
# scenario.sh NAME KERNEL INITRAMFS RUN_FOLDER: boots one scenario's guest and judges what it left.
#
# A scenario is a folder: guest.sh runs in the guest, check.py on the host judges guest/out; node.yaml is the node's
# configuration; machine.env sets variables of boot.sh; prepare.py SHARE makes input; host.sh, if there, does the
# booting itself. Prints lines "ok …" and "FAIL …"; exit code 0 when all is well.
set -uo pipefail
name=$1 kernel=$2 initramfs=$3 run=$4
here=$(cd "$(dirname "$0")" && pwd)
scenario=$here/../scenarios/$name
share=$run/guest
rm -rf "$run"
mkdir -p "$share/out"
cp "$here/../guest/lab.sh" "$scenario/guest.sh" "$share/"
[ -e "$scenario/node.yaml" ] && cp "$scenario/node.yaml" "$share/"
cp -r "$here/../../../Boards" "$share/boards"
export PYTHONPATH=$here PYTHONDONTWRITEBYTECODE=1
if [ -e "$scenario/machine.env" ]; then
  set -a
  . "$scenario/machine.env"
  set +a
fi
[ -e "$scenario/prepare.py" ] && { python3 "$scenario/prepare.py" "$share" || exit 1; }

began=$SECONDS
if [ -e "$scenario/host.sh" ]; then
  bash "$scenario/host.sh" "$here/boot.sh" "$kernel" "$initramfs" "$run"
  verdict=$?
else
  "$here/boot.sh" "$kernel" "$initramfs" "$share" >"$run/console.log" 2>&1
  verdict=$?
fi
failed=0
if [ $verdict -eq 0 ]; then
  echo "ok   $name: the guest ran through: $((SECONDS - began)) s"
else
  echo "FAIL $name: the guest ran through: expected verdict 0, found $verdict; its console ($run/console.log) ends:"
  tail -30 "$run/console.log" 2>/dev/null | cut -c1-300 | sed 's/^/     | /'
  failed=1
fi
# What a guest left that gave up half way is judged too, if it got as far as a first message.
[ $failed -eq 1 ] && [ ! -s "$share/out/messages" ] && exit 1
python3 "$scenario/check.py" "$share/out" 2>"$run/check.err"
judged=$?
if [ -s "$run/check.err" ]; then
  echo "FAIL $name: the check itself: expected no exception, found $(tail -1 "$run/check.err")"
fi
[ $judged -eq 0 ] && [ $failed -eq 0 ]
