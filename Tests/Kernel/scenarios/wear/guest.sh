# What a reference box writes to its card: 12 traffic and 6 climate records a minute, on ext4, its journal included.
. /lab/lab.sh
modprobe virtio_blk
modprobe ext4
await "the disk" 50 test -b /dev/vda
mkdir -p /disk
mount -t ext4 /dev/vda /disk || give_up "the disk does not mount"
# A day before the day that is measured, so that the file has its steady state: full log, deep tree.
JournalExerciser wear /disk/journal.db 1440 5 0 >/dev/null || give_up "the journal took no records"
sync
# The seventh number: sectors of 512 bytes written.
written() { awk '{ print $7 }' /sys/block/vda/stat; }
measure() {
  before=$(written)
  JournalExerciser wear /disk/journal.db 1440 "$1" "$2" >/dev/null || give_up "the journal took no records"
  sync
  echo "$1 $((($(written) - before) * 512))" >>"$out/wear"
}
measure 1 60
measure 5 300
umount /disk
