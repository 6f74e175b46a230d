#!/bin/bash
# enter.sh COMMAND [ARGUMENT…]: runs a command in the Debian 13 root that root.sh makes, in a fresh copy of this source
# tree. What it builds stays in the root, so the next run builds only what has changed; .build is not touched.
#
# The command has mounts and processes of its own. Both end with it, also on Ctrl-C and SIGKILL: nothing is ever
# mounted below .trixie for anyone else, and no broker of a failed test stays behind.
set -euo pipefail
repository=$(cd "$(dirname "$0")/../.." && pwd)
root=$repository/.trixie/root
sources=/src/reallabor-node

if [ "${1-}" != --inside ]; then
    [ $# -gt 0 ] || { echo "usage: enter.sh COMMAND [ARGUMENT…]" >&2; exit 64; }
    [ "$(id -u)" -eq 0 ] || { echo "Only root enters the Debian 13 root: sudo Deploy/trixie/enter.sh $*" >&2; exit 77; }
    [ -e "$root/etc/debian_version" ] || { echo "There is no root in .trixie yet: Deploy/trixie/root.sh makes it" >&2; exit 69; }
    exec 9>"$repository/.trixie/lock"
    flock --nonblock 9 || { echo "Something else is at work in .trixie; wait until it is done" >&2; exit 75; }
    exec unshare --mount --pid --fork --kill-child "$0" --inside "$@"
fi
shift
# The first process of a namespace ignores what it does not handle.
trap 'exit 130' INT
trap 'exit 143' TERM

mkdir -p "$root$sources"
find "$root/tmp" -mindepth 1 -delete
find "$root$sources" -mindepth 1 -maxdepth 1 ! -name .build ! -name .kernel-lab -exec rm -rf {} +
# Times of change are kept: the builds go by them.
tar -C "$repository" -c --exclude-vcs --exclude=.build --exclude='.build[-_]*' --exclude=.kernel-lab --exclude=./.trixie \
    --exclude=Package.resolved . | tar -C "$root$sources" -x

mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount --rbind /dev "$root/dev"
for file in resolv.conf hosts; do
    [ ! -e "/etc/$file" ] || cp -L "/etc/$file" "$root/etc/$file"
done

# Where this machine's git fetches from somewhere else than a URL says, git in the root does too.
rm -f "$root/etc/gitconfig"
while IFS= read -r -d '' entry; do
    key=${entry%%$'\n'*}
    git config --file "$root/etc/gitconfig" --add "$key" "${entry#*$'\n'}"
    base=${key#url.}
    base=${base%.*}
    base=${base#file://}
    if [[ $base == /* && -d $base ]] && ! mountpoint -q "$root$base"; then
        mkdir -p "$root$base"
        mount --bind -o ro "$base" "$root$base"
    fi
done < <(git config --null --get-regexp '^url\..*\.insteadof$' || true)
# Copies and mirrors belong to whoever made them.
git config --file "$root/etc/gitconfig" safe.directory '*'

environment=(HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 TERM="${TERM:-dumb}")
for name in http_proxy https_proxy no_proxy; do
    [ -z "${!name-}" ] || environment+=("$name=${!name}")
done
env -i "${environment[@]}" chroot "$root" sh -c 'cd "$1" && shift && exec "$@"' sh "$sources" "$@" 9>&-
