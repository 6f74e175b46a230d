#!/bin/sh
# Allocations per edge of the release build, by a malloc put before the C library's; a planted one shows that it sees.
set -eu
here=$(dirname "$0")
bench=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cc -O2 -shared -fPIC -o "$folder/counting-malloc.so" "$here/counting-malloc.c"
LD_PRELOAD="$folder/counting-malloc.so" "$bench" allocations | tee "$folder/plain"
LD_PRELOAD="$folder/counting-malloc.so" "$bench" allocations planted > "$folder/planted"
if grep -qv ': 0 allocations' "$folder/plain"; then
    echo "the counting path allocates" >&2
    exit 1
fi
if grep -q ': 0 allocations' "$folder/planted"; then
    echo "the allocation counter is blind: it did not see planted ones" >&2
    exit 1
fi
echo "planted ones are seen: $(head -1 "$folder/planted")"
