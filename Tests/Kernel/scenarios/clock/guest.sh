# A machine that believes it is 1970, until it learns the time.
. /lab/lab.sh
date +%Y >"$out/year-at-boot"
make_gpio
start_broker
start_collector
start_node 1
start_train 4 60 3
await_messages traffic/reed 3
finish_train
echo "# clock set" >>$messages
date -u -s "2026-05-01 12:00:07" >/dev/null
synchronise_clock
await_messages time 1
await_messages traffic/reed 3
stop_node
keep_results
