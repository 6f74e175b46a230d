# The broker is away for a while, then the node is killed outright and started again, all while the contact works on.
. /lab/lab.sh
make_gpio
synchronise_clock
start_broker
start_collector
start_node 1
start_train 4 300 42

await_closures 50
stop_broker
echo "# broker stopped" >>$messages
await_closures 130
start_broker
await_messages traffic/reed 5

kill -KILL "$node"
await "the node's end" 100 is_gone "$node"
await_closures 220
start_node 2
finish_train
await_messages traffic/reed 3
await_messages node 2
stop_node
keep_results
