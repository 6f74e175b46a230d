# The installed service in a system that systemd has booted: what it is allowed, a hang, a stop in the middle of traffic.
. /lab/lab.sh
ip link set lo up
unit=reallabor-node.service
property() { systemctl show -p "$1" --value $unit; }
is_active() { [ "$(property ActiveState)" = active ]; }
has_restarted() { [ "$(property NRestarts)" -ge "$1" ] && is_active; }
# Its account, whichever way this ends.
keep_service() {
  journalctl -o cat -u $unit --no-pager >$log
  systemctl show $unit >"$out/unit-$1"
  keep_results
}

is_active || { systemctl status $unit --no-pager; journalctl -b --no-pager | tail -40; give_up "the service is not active"; }
start_broker
start_collector
systemctl show -p ActiveState,SubState,NRestarts,StatusText,Type,WatchdogUSec $unit >"$out/started"
node=$(property MainPID)
cp "/proc/$node/status" "$out/node-status"
for task in /proc/"$node"/task/*; do
  # After the name in parentheses: policy is field 41, real-time priority field 40 of proc_pid_stat(5).
  sed 's/^[0-9]* (\(.*\)) /\1 /; s/ /_/g' "$task/stat" | awk -F_ '{ print $1, $40, $39 }'
done >"$out/threads"
chrt -p "$(basename "$(grep -l '^counting$' /proc/"$node"/task/*/comm | head -1 | xargs dirname)")" >"$out/chrt" 2>&1
stat -c '%n %U %G %a' "/dev/$(chip_name)" /dev/i2c-0 >"$out/devices"
ls -ldL /var/lib/reallabor-node /var/lib/private/reallabor-node /run/reallabor-node >"$out/folders"
# Sockets that listen, by inode, and those of the node.
awk '$4 == "0A" { print $10 }' /proc/net/tcp /proc/net/tcp6 | sort >/run/listening
ls -l "/proc/$node/fd" | sed -n 's/.*socket:\[\([0-9]*\)\]/\1/p' | sort >/run/own
grep -Fxf /run/listening /run/own >"$out/listening"

# What speaks with the broker: a process of its own, which has the password and the network and nothing else.
transport_pid() {
  for folder in /proc/[0-9]*; do
    [ "$(cat "$folder/comm")" = reallabor-mqtt ] && tr '\0' ' ' <"$folder/cmdline" | grep -q ' transport' && basename "$folder"
  done 2>/dev/null | tail -1
}
await "a first interval at the broker" 1200 at_least count_messages traffic/reed 1
transport=$(transport_pid)
cp "/proc/$transport/status" "$out/transport-status"
cp "/proc/$transport/limits" "$out/transport-limits"
ls -l "/proc/$transport/fd" >"$out/transport-fds"
cat "/proc/$transport/cgroup" >"$out/transport-cgroup"
stat -c '%U %G %a' /run/reallabor-transport/transport.sock >"$out/transport-socket"
systemctl show -p LimitCORE $unit >"$out/node-restrictions"
ls /run/credentials >"$out/credentials"
user=$(awk '/^Uid/ { print $2 }' "/proc/$transport/status") group=$(awk '/^Gid/ { print $2 }' "/proc/$transport/status")
# As that user, in that process's file system. The last is one that it may.
inside() { nsenter -t "$1" -m -- /usr/bin/run-as "$2" "$3" sh -c "$4" 2>&1; }
for path in "/dev/$(chip_name)" /dev/i2c-0 /var/lib/private/reallabor-node/journal.sqlite /var/lib/reallabor-node/journal.sqlite \
  /run/reallabor-node/control.sock /etc/reallabor-node/mqtt-password /etc/hostname; do
  inside "$transport" "$user" "$group" "exec 3<$path && echo opened" | grep -q opened && echo "$path"
done >"$out/transport-opened"
for process in "$node" 1 "$transport"; do readlink "/proc/$process/ns/net"; done >"$out/networks"

# Who may ask: the group, and nobody else.
group=$(awk -F: '$1 == "reallabor" { print $3 }' /etc/group)
stat -c '%G %a' /run/reallabor-node/control.sock >"$out/socket"
run-as 4242 "$group" reallabor-node status --json >"$out/status-member" 2>&1
echo "$?" >"$out/status-member-code"
run-as 4242 4242 reallabor-node status >"$out/status-stranger" 2>&1
echo "$?" >"$out/status-stranger-code"

start_train 4 300 20260502
await_closures 60

# What speaks with the broker dies of what a broker may do to it, five times. The contact goes on.
for _ in 1 2 3 4 5; do
  before=$(transport_pid)
  kill -ABRT "$before"
  another() { now=$(transport_pid); [ -n "$now" ] && [ "$now" != "$before" ]; }
  await "another transport process" 1200 another
  await_messages traffic/reed 1
done
echo "$(property MainPID) $node $(property NRestarts)" >"$out/transport-killed"
systemctl list-units --all --no-legend --plain 'reallabor-transport@*' >"$out/transport-units"
systemctl is-active reallabor-transport.socket >>"$out/transport-units"

# A hang. What is not journalled yet is lost with it, so the contact rests meanwhile.
end_train
cp "$out/train.json" "$out/train-1.json"
await_messages traffic/reed 2
kill -STOP "$node"
# Its time is a minute. Asking costs an emulated processor more than waiting.
for _ in 1 2 3 4 5 6; do
  sleep 15
  has_restarted 1 && break
done
has_restarted 1 || { systemctl status $unit --no-pager; give_up "the watchdog does not start the service anew"; }
keep_service hung

# Stopped in the middle of traffic.
rm /run/train
reallabor-node pulses record --channel reed --for 1h -o "$out/live.csv" 2>"$out/record" &
recorder=$!
sleep 3
start_train 4 300 20260503
await_closures 60
end_train
sleep 1
kill -INT $recorder
wait $recorder
echo "$?" >"$out/record-code"
reallabor-node pulses replay --config /etc/reallabor-node/node.yaml --channel reed --format json "$out/live.csv" >"$out/replay.json"
cp "$out/train.json" "$out/train-2.json"
systemctl stop $unit || echo "systemctl stop: $?"
await "the last message" 300 at_least count_messages status 1
mosquitto_sub -h 127.0.0.1 -t reallabor/lab-1/status -C 1 -W 20 -F '%r %t %p' >"$out/status"
sqlite3 /var/lib/private/reallabor-node/journal.sqlite 'pragma integrity_check' >"$out/integrity"
keep_service stopped
