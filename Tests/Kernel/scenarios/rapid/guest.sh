# 20,000 edges at even 5,000 a second on one line, then 20,000 on another as fast as this machine can make them.
. /lab/lab.sh
make_gpio
synchronise_clock
start_broker
start_collector
start_node 1
edge-train "$(pull_of 4)" 20000 200 >"$out/train-even.json" || give_up "edge-train failed"
edge-train "$(pull_of 5)" 20000 >"$out/train-rapid.json" || give_up "edge-train failed"
await_messages traffic/even 2
await_messages traffic/rapid 1
stop_node
keep_results
