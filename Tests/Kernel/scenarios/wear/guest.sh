# What a reference box writes to its card in a day: 12 traffic and 6 climate records a minute, on ext4, its journal
# and SQLite's shared index included, with the minutes between commits passing.
. /lab/lab.sh
modprobe virtio_blk
modprobe ext4
await "the disk" 50 test -b /dev/vda
mkdir -p /disk
mount -t ext4 /dev/vda /disk || give_up "the disk does not mount"
# Minutes between commits, and destinations.
for run in "1 1" "5 1" "1 2"; do
  set -- $run
  said=$(JournalExerciser wear /disk/journal.db $1 $(($1 * 60)) /sys/block/vda/stat $2) ||
    give_up "the journal took no records: $said"
  echo "$run ${said#WRITTEN }" >>"$out/wear"
  rm /disk/*
done
umount /disk
