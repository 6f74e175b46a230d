# One boot on the disk: looks at what the power cut before left, then goes on until the power goes.
. /lab/lab.sh
modprobe virtio_blk
modprobe ext4
await "the disk" 50 test -b /dev/vda
mkdir -p /disk
mount -t ext4 /dev/vda /disk || give_up "the disk does not mount"

case $(cat /lab/workload) in
  endure)
    JournalExerciser examine /disk/journal.db "$(cat /lab/reported)"
    [ "$(cat /lab/look-only)" = 1 ] || JournalExerciser endure /disk/journal.db
    ;;
  control)
    if [ "$(cat /lab/look-only)" = 1 ]; then
      echo "ROWS $(sqlite3 /disk/control.db 'SELECT count(*) FROM row' || echo 0)"
    else
      {
        echo 'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; CREATE TABLE row (number INTEGER PRIMARY KEY, body);'
        number=0
        while [ $number -lt 5000 ]; do
          number=$((number + 1))
          echo "INSERT INTO row VALUES ($number, zeroblob(300)); SELECT 'COMMITTED $number';"
        done
      } | sqlite3 /disk/control.db
      sleep 60
    fi
    ;;
esac
umount /disk
