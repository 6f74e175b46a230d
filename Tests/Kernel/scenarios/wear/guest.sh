# What a reference box writes to its card in a day: 12 traffic and 6 climate records a minute, on ext4, its journal
# and SQLite's shared index included, with the minutes between commits passing.
. /lab/lab.sh
modprobe virtio_blk
modprobe ext4
await "the disk" 50 test -b /dev/vda
mkdir -p /disk
mount -t ext4 /dev/vda /disk || give_up "the disk does not mount"
for minutes in 1 5; do
  said=$(JournalExerciser wear /disk/journal.db $minutes $((minutes * 60)) /sys/block/vda/stat) ||
    give_up "the journal took no records: $said"
  echo "$minutes ${said#WRITTEN }" >>"$out/wear"
  rm /disk/*
done
umount /disk
