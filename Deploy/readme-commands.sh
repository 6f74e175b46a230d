#!/bin/bash
# Runs every line of README.md's `sh` blocks in order, as a reader would. Lines with demo, test and kernel-test are
# left out: they have steps of their own.
set -euo pipefail
cd "$(dirname "$0")/.."
ran=0
while IFS= read -r line; do
    case $line in
        'make demo' | 'make test' | 'make kernel-test') continue ;;
    esac
    echo "\$ $line"
    bash -c "$line" </dev/null
    ran=$((ran + 1))
done < <(awk '/^```sh$/ { inside = 1; next } /^```/ { inside = 0 } inside && NF' README.md)
[ "$ran" -gt 0 ] || { echo "no command found in README.md" >&2; exit 1; }
echo "$ran commands of README.md ran"
