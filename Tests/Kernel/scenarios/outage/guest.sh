# The broker is away for a while, then the node is killed outright and started again, all while the contact works on.
. /lab/lab.sh
make_gpio
synchronise_clock
start_broker
start_collector
start_node 1
start_train 4 100000 42

await_closures 50
stop_broker
await_closures 130
reallabor-node journal stats /data/journal.sqlite --format json |
  sed 's/.*"last_sequence":\([0-9]*\).*/\1/' >"$out/kept-while-away"
grep -c ' {' $messages >"$out/arrived-before"
start_broker
await_messages traffic/reed 5

echo "# node killed" >>$messages
closures_made >"$out/made-at-kill"
kill -KILL "$node"
await "the node's end" 100 is_gone "$node"
await_closures $(($(cat "$out/made-at-kill") + 30))
start_node 2
closures_made >"$out/made-at-return"
await_closures $(($(cat "$out/made-at-return") + 30))
end_train
await_messages traffic/reed 3
await_messages node 2
stop_node
keep_results
