# A part with registers (BME280) on the register bus; on the emulated one a part with commands (SHT4x), one with frames of
# many words (SPS30), and two with the same address behind a multiplexer (TMP117). The SHT4x is unplugged for some intervals,
# the BME280 refuses a few transfers.
. /lab/lab.sh
make_gpio
make_register_bus 0x76
cat /lab/bme280.image >/sys/kernel/debug/lab_i2c/76/registers
echo Y >/sys/kernel/debug/lab_i2c/76/paired_writes
make_emulated_bus
synchronise_clock
start_broker
start_collector
start_node 1

await_messages climate/air2 3
touch $unplugged/44
await_messages climate/air2 3
rm $unplugged/44
await_messages climate/air2 3
echo 2 >/sys/kernel/debug/lab_i2c/76/nack_next
await_messages climate/air 3
await "particulates after the fan's start-up" 1200 grep -q '"pm2_5","unit":"ug/m3","derived":false,"mean":12.5' $messages
await_messages climate/dust 2
stop_node
reallabor-node sensors scan --bus /dev/i2c-9 >"$out/scan" 2>&1
keep_results
