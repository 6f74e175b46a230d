# Runs once, early in the boot: the box's parts, and what its owner has written.
. /lab/lab.sh
make_gpio
make_register_bus 0x76
cat /lab/bme280.image >/sys/kernel/debug/lab_i2c/76/registers
echo Y >/sys/kernel/debug/lab_i2c/76/paired_writes
synchronise_clock
mkdir -p /etc/reallabor-node/boards
cp /lab/boards/lab.yaml /etc/reallabor-node/boards/
cp /lab/node.yaml /etc/reallabor-node/node.yaml
echo secret >/etc/reallabor-node/mqtt-password
chmod 600 /etc/reallabor-node/mqtt-password
