# host.sh BOOT KERNEL INITRAMFS RUN_FOLDER: power cut after power cut on one disk, see cuts.py.
exec python3 "$(dirname "$0")/cuts.py" "$@"
