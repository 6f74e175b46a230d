# Two bicycles and two cars pass a radar with two outputs, between noise.
. /lab/lab.sh
make_gpio
synchronise_clock
start_broker
start_collector
start_node 1
# Ahead of everything that computes, so that the edges are where they should be.
chrt -f 1 pulse-train /lab/pulses "$(pull_of 2)" "$(pull_of 3)" >"$out/train.json" || give_up "pulse-train failed"
# A radar's interval is told 15 s after its end, when all of its passages are decided.
await_messages traffic/speed 2
stop_node
keep_results
