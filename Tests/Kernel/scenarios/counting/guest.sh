# 500 closures of a bouncing contact beside a channel where nobody comes; then the node is stopped as systemd would.
. /lab/lab.sh
make_gpio
synchronise_clock
start_broker
start_collector
start_node 1
start_train 4 500 20260501
finish_train
await_messages traffic/reed 2
await_messages traffic/idle 1
# What it takes, locked, after having counted and published for a while.
cp "/proc/$node/status" "$out/node-status"
stop_node
mosquitto_sub -h 127.0.0.1 -t reallabor/lab-1/status -C 1 -W 20 -F '%r %t %p' >"$out/status"
keep_results
