# The lab by itself, without the node: when this fails, the fault is not the node's.
. /lab/lab.sh
make_gpio
make_register_bus 0x76,0x77
make_emulated_bus

edge-counter "/dev/$(chip_name)" 4 8000 300 >/run/count &
counter=$!
await "the yardstick" 100 grep -q armed /run/count
start_train 4 100 11
finish_train
wait $counter
tail -1 /run/count >"$out/count.json"

debug=/sys/kernel/debug/lab_i2c/76
transfer() { i2ctransfer -y "$@" 2>&1; }
{
  transfer 0 w3@0x76 0x10 0xaa 0xbb >/dev/null
  echo "row $(transfer 0 w1@0x76 0x10 r2)"
  echo Y >$debug/paired_writes
  transfer 0 w4@0x76 0x20 0x01 0x30 0x02 >/dev/null
  echo "pairs $(transfer 0 w1@0x76 0x20 r1) $(transfer 0 w1@0x76 0x30 r1)"
  echo "other $(transfer 0 w1@0x77 0x10 r1)"
  echo 1 >$debug/nack_next
  echo "refused $(transfer 0 w1@0x76 0x10 r1 | grep -o 'No such device or address')"
  echo "again $(transfer 0 w1@0x76 0x10 r1)"
} >"$out/registers"

i2c-probe /dev/i2c-0 0x76 0x10 0 2 >"$out/probe-0"
i2c-probe /dev/i2c-9 0x44 0x89 10 6 >"$out/probe-9"
touch $unplugged/44
i2c-probe /dev/i2c-9 0x44 0x89 10 6 >"$out/probe-9-unplugged"
rm $unplugged/44
i2c-probe /dev/i2c-9 0x44 0x89 10 6 >"$out/probe-9-again"

# Nothing that was acknowledged to a publisher may escape the collector, not even over the broker's end.
start_broker
start_collector
publish() { mosquitto_pub -h 127.0.0.1 -q 1 -t reallabor/lab-1/note -m "{\"n\":$1}"; }
publish 1
stop_broker
start_broker
publish 2
await "both notes" 300 has_lines note $messages 2
keep_results
