# What every guest script shares; sourced as ". /lab/lab.sh". Nothing here waits for a time to pass: it asks, a
# bounded number of times, whether what it waits for has happened.

out=/lab/out
log=/run/node.log
messages=/run/messages
export REALLABOR_BOARDS=/lab/boards
mkdir -p "$out"

give_up() {
  echo "guest: gave up: $*"
  for file in "$log" /run/broker.log; do
    [ -e "$file" ] && { echo "guest: last lines of $file:"; tail -25 "$file"; }
  done
  keep_results
  exit 3
}

# await WHAT TRIES COMMAND…: asks every 100 ms.
await() {
  what=$1 tries=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || give_up "waited in vain for $what"
    usleep 100000
  done
}

at_least() { [ "$("$1" "$2")" -ge "$3" ]; }
lines_with() { grep -c -- "$1" "$2" 2>/dev/null; }
has_lines() { [ "$(lines_with "$1" "$2")" -ge "$3" ]; }
is_gone() { ! kill -0 "$1" 2>/dev/null; }

# The lab's GPIO chip: label lab-gpio, eight lines SIM-0 to SIM-7. pull_of LINE names the attribute that moves one.
make_gpio() {
  modprobe configfs
  mount -t configfs configfs /sys/kernel/config
  insmod /modules/lab_gpio.ko || give_up "gpio-sim does not load"
  chip=/sys/kernel/config/gpio-sim/lab
  mkdir -p "$chip/bank0"
  echo 8 >"$chip/bank0/num_lines"
  echo lab-gpio >"$chip/bank0/label"
  for line in 0 1 2 3 4 5 6 7; do
    mkdir "$chip/bank0/line$line"
    echo "SIM-$line" >"$chip/bank0/line$line/name"
  done
  echo 1 >"$chip/live"
}
chip_name() { cat /sys/kernel/config/gpio-sim/lab/bank0/chip_name; }
pull_of() { echo "/sys/devices/platform/$(cat /sys/kernel/config/gpio-sim/lab/dev_name)/$(chip_name)/sim_gpio$1/pull"; }

# /dev/i2c-0 with register files at the addresses given.
make_register_bus() {
  modprobe i2c-dev
  insmod /modules/lab_i2c.ko bus=0 address="$1" || give_up "the register bus does not load"
  await /dev/i2c-0 50 test -c /dev/i2c-0
}

# /dev/i2c-9 with an SHT4x at 0x44, an SPS30 at 0x69 and a multiplexer at 0x70; a file of that name in $unplugged takes one off
# the bus.
unplugged=/run/unplugged
make_emulated_bus() {
  modprobe cuse
  mkdir -p $unplugged
  cuse-bus i2c-9 $unplugged >/run/cuse-bus.log 2>&1 &
  await /dev/i2c-9 100 test -c /dev/i2c-9
}

start_broker() {
  [ -e /run/broker.conf ] || {
    mkdir -p /run/broker
    cat >/run/broker.conf <<END
listener 1883 127.0.0.1
allow_anonymous true
user root
persistence true
persistence_location /run/broker/
max_queued_messages 0
log_timestamp false
log_type error
log_type warning
log_type notice
log_type subscribe
END
  }
  mosquitto -c /run/broker.conf >>/run/broker.log 2>&1 &
  broker=$!
  await "the broker" 100 mosquitto_pub -h 127.0.0.1 -t lab/awake -m 1 -q 1
}
stop_broker() {
  kill "$broker"
  await "the broker's end" 100 is_gone "$broker"
}

# Everything the node publishes, one message a line: "RETAINED TOPIC PAYLOAD". The session outlives a broker that is
# stopped and started (it keeps its state), so nothing acknowledged to the node escapes the collector.
start_collector() {
  mosquitto_sub -h 127.0.0.1 -V 311 -q 1 -c -i collector -t 'reallabor/#' -F '%r %t %p' >>$messages 2>>/run/collector.log &
  collector=$!
  await "the collector's subscription" 100 grep -q '^collector 1 reallabor/#' /run/broker.log
}

synchronise_clock() {
  mkdir -p /run/systemd/timesync
  touch /run/systemd/timesync/synchronized
}

# start_node N: starts it and waits until its inputs are armed for the Nth time in its log.
start_node() {
  reallabor-node run --config /lab/node.yaml >>$log 2>&1 &
  node=$!
  await "armed inputs" 300 armed_or_gone "$1"
  is_gone "$node" && give_up "the node ended instead of arming its inputs"
  return 0
}
armed_or_gone() { has_lines "inputs armed" $log "$1" || is_gone "$node"; }
# Ends it as systemd would; its exit code goes to the results.
stop_node() {
  kill -TERM "$node"
  tries=300
  while kill -0 "$node" 2>/dev/null; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || give_up "the node does not end on SIGTERM"
    usleep 100000
  done
  wait "$node"
  echo $? >"$out/node-exit"
}

count_messages() { lines_with "^[01] reallabor/lab-1/$1 " $messages; }
# await_messages SUBTOPIC N: N more than there are now.
await_messages() {
  wanted=$(($(count_messages "$1") + $2))
  await "$2 more messages on $1" 1200 at_least count_messages "$1" "$wanted"
}

# start_train LINE CLOSURES SEED; await_closures N; closures_made; finish_train (all of them) or end_train (now).
start_train() {
  contact-train "$(pull_of "$1")" "$2" "$3" >/run/train &
  train=$!
}
closures_made() { sed -n 's/^closure //p' /run/train | tail -1; }
await_closures() { await "closure $1" 1200 grep -q "^closure $1\$" /run/train; }
end_train() {
  kill -TERM "$train"
  finish_train
}
finish_train() {
  wait "$train" || give_up "contact-train failed"
  tail -1 /run/train >"$out/train.json"
}

keep_results() {
  for file in $messages $log /run/broker.log /run/collector.log /run/cuse-bus.log /run/train; do
    [ -e "$file" ] && cp "$file" "$out/"
  done
  dmesg | grep -iE 'error|oops|bug:|warn|lab_|gpio-sim' >"$out/kernel.log"
  return 0
}
