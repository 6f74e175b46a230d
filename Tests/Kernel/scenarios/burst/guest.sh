# The node is held still while more edges come than the kernel keeps for it; before and after, it counts. A second
# channel leaves the filtering to the kernel where it can.
. /lab/lab.sh
make_gpio
synchronise_clock
start_broker
start_collector
reallabor-node check --config /lab/node.yaml >"$out/capabilities"
if grep -q 'uAPI v2' "$out/capabilities"; then
  sed -i '/SIM-5/,/debounce/s/kind: stable/kind: kernel/' /lab/node.yaml
fi
start_node 1

play() {
  start_train "$1" "$2" "$3"
  finish_train
  mv "$out/train.json" "$out/train-$4.json"
}
play 5 50 20260502 filtered
play 4 50 20260503 before
# What was played is read and told before the node is held.
await_messages traffic/reed 1
kill -STOP "$node"
play 4 120 20260504 held
kill -CONT "$node"
await_messages traffic/reed 1
play 4 50 20260505 after
await_messages traffic/reed 2
await_messages traffic/filtered 1
stop_node
keep_results
