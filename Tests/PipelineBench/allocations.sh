#!/bin/sh
# Allocations per edge of the release build, by a malloc put before the C library's; a planted one shows that it sees.
set -eu
here=$(dirname "$0")
bench=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cc -O2 -shared -fPIC -o "$folder/counting-malloc.so" "$here/counting-malloc.c"
LD_PRELOAD="$folder/counting-malloc.so" "$bench" allocations > "$folder/plain" || {
    cat "$folder/plain"
    echo "a radar's tracking allocates more than it may, or keeps it" >&2
    exit 1
}
cat "$folder/plain"
LD_PRELOAD="$folder/counting-malloc.so" "$bench" allocations planted > "$folder/planted" || {
    echo "the allocation counter is blind: it did not see planted ones in a radar's tracking" >&2
    exit 1
}
if grep -v '^tracking of' "$folder/plain" | grep -qv ': 0 allocations'; then
    echo "the counting path allocates" >&2
    exit 1
fi
if grep -q ': 0 allocations' "$folder/planted"; then
    echo "the allocation counter is blind: it did not see planted ones" >&2
    exit 1
fi
echo "planted ones are seen: $(head -1 "$folder/planted")"
