# The journal is on a disk. First boot: count and publish until the power goes; each message that arrives is said on
# the serial line. Second boot: look what the journal holds, then let the node go on with it.
. /lab/lab.sh
modprobe virtio_blk
modprobe ext4
await "the disk" 50 test -b /dev/vda
mkdir -p /disk
mount -t ext4 /dev/vda /disk || give_up "the disk does not mount"
make_gpio
synchronise_clock
start_broker

if [ "$(cat /lab/boot-number)" = 1 ]; then
  mosquitto_sub -h 127.0.0.1 -V 311 -q 1 -t 'reallabor/#' -F 'ARRIVED %r %t %p' &
  start_node 1
  start_train 4 100000 5
  wait "$train"
  give_up "the power never went"
fi

sqlite3 /disk/journal.sqlite 'pragma integrity_check' >"$out/integrity"
sqlite3 -json /disk/journal.sqlite \
  'select min(sequence) as lowest, max(sequence) as highest, count(*) as kept from record' >"$out/kept.json"
start_collector
start_node 1
await_messages node 3
stop_node
umount /disk
keep_results
