#!/bin/bash
# sdk-arm64.sh FOLDER PACKAGE…: makes a Swift SDK bundle "trixie-arm64" in FOLDER from Debian's arm64 packages: the C
# library, the runtime of the Swift that is installed here, and the packages given. Runs in the Debian 13 root (amd64):
# compiler and modules must be of one version, and there they come from one archive.
set -euo pipefail
folder=$1
shift
packages=(libc6-dev libgcc-14-dev libstdc++-14-dev libswiftlang "$@")
swift=$(dpkg-query -W -f '${Version}' swiftlang)
triple=aarch64-unknown-linux-gnu
bundle=$folder/trixie-arm64.artifactbundle
sysroot=$bundle/$triple/sysroot

recipe="swiftlang $swift, ${packages[*]}, $(sha256sum <"$0")"
[ "$(cat "$bundle/recipe" 2>/dev/null)" != "$recipe" ] || exit 0
echo "Making a Swift SDK for arm64 from Debian's packages: ${packages[*]}"
rm -rf "$folder"
mkdir -p "$sysroot" "$folder"/apt/{lists,cache}/partial

# An apt of its own that knows no installed package, so that it fetches each with all it needs, and installs none.
cat >"$folder/apt/conf" <<CONF
APT::Architecture "arm64";
APT::Architectures { "arm64"; };
APT::Install-Recommends "false";
APT::Sandbox::User "root";
Dir::State::status "/dev/null";
Dir::State::lists "$folder/apt/lists";
Dir::Cache "$folder/apt/cache";
Dir::Cache::archives "$folder/apt/cache";
Debug::NoLocking "true";
CONF
export APT_CONFIG=$folder/apt/conf DEBIAN_FRONTEND=noninteractive
apt-get update -q
apt-get install -q -y --download-only "${packages[@]}"
# Of the compiler's own package only the modules are wanted, not what the compiler needs.
(cd "$folder/apt/cache" && apt-get download -q "swiftlang=$swift")

unpack() { dpkg-deb --fsys-tarfile "$1" | tar -C "$sysroot" -x --keep-directory-symlink "${@:2}"; }
for package in "$folder"/apt/cache/*.deb; do
    case $(basename "$package") in
        swiftlang_*) unpack "$package" --wildcards './usr/libexec/swift/lib/swift/*' './usr/libexec/swift/lib/swift_static/*' \
            './usr/libexec/swift/lib/clang/*' ;;
        *) unpack "$package" --exclude='./usr/share' --exclude='./usr/*bin' --exclude='./etc' --exclude='./var' ;;
    esac
done
rm -rf "$folder/apt"
# Macros and the package manager's own modules run at the desk, not on the node.
rm -rf "$sysroot"/usr/libexec/swift/lib/swift/{host,pm}
ln -sfn usr/lib "$sysroot/lib"
for library in swift swift_static; do ln -sfn "../libexec/swift/lib/$library" "$sysroot/usr/lib/$library"; done

cat >"$sysroot/SDKSettings.json" <<JSON
{"DisplayName": "Debian 13 arm64", "Version": "13.0.0", "VersionMap": {}, "CanonicalName": "linux"}
JSON
cat >"$bundle/$triple/toolset.json" <<JSON
{"schemaVersion": "1.0", "swiftCompiler": {"extraCLIOptions": ["-use-ld=lld", "-no-toolchain-stdlib-rpath"]}}
JSON
cat >"$bundle/$triple/swift-sdk.json" <<JSON
{"schemaVersion": "4.0", "targetTriples": {"$triple": {
  "sdkRootPath": "sysroot",
  "swiftResourcesPath": "sysroot/usr/libexec/swift/lib/swift",
  "swiftStaticResourcesPath": "sysroot/usr/libexec/swift/lib/swift_static",
  "toolsetPaths": ["toolset.json"]}}}
JSON
cat >"$bundle/info.json" <<JSON
{"schemaVersion": "1.0", "artifacts": {"trixie-arm64": {"type": "swiftSDK", "version": "13",
  "variants": [{"path": "$triple", "supportedTriples": ["x86_64-unknown-linux-gnu", "x86_64-pc-linux-gnu"]}]}}}
JSON
echo "$recipe" >"$bundle/recipe"
