#!/bin/sh
# install-packages.sh NAME... | -f FILE
#
# Installs the Debian packages that are missing, and says so before it does. Without root it prints the one line to
# run and ends with 69. FILE has one package a line; a second word limits the line to one Debian release.
set -eu

if [ "${1-}" = -f ]; then
    [ -r "${2-}" ] || { echo "cannot read the package list '${2-}'" >&2; exit 66; }
    release=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
    set -- $(awk -v release="$release" '!/^#/ && NF && (NF < 2 || $2 == release) { print $1 }' "$2")
fi

missing=
for package in "$@"; do
    state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || state=
    [ "$state" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

line="apt-get install --no-install-recommends -y$missing"
if [ "$(id -u)" -ne 0 ]; then
    echo "These Debian packages are missing:$missing" >&2
    echo "Install them with:  sudo $line" >&2
    exit 69
fi
echo "Installing the missing Debian packages:$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
$line
