# A BME280 on the register bus, an SHT4x on the emulated one. The SHT4x is unplugged for some intervals, the BME280
# refuses a few transfers.
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
stop_node
keep_results
