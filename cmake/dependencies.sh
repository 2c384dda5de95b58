#!/bin/sh
# sh cmake/dependencies.sh: installs what the build needs and is missing, through apt; elsewhere it names what is missing.
set -eu

packages='g++ cmake ninja-build libeigen3-dev libboost-dev zlib1g-dev nlohmann-json3-dev libcli11-dev
  libdnnl-dev ocl-icd-opencl-dev
  libgtest-dev libbenchmark-dev dataset-fashion-mnist'

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  echo "gptnas: this script installs on Debian and its kin only. It needs what these packages hold:"
  echo $packages
  echo "Install them in your system's way, then type: cmake --workflow --preset release"
  exit 1
fi >&2

installed=$(dpkg-query --show --showformat '${Package} ${db:Status-Status}\n' $packages 2>/dev/null) || true
missing=
for package in $packages; do
  case "
$installed
" in
    *"
$package installed
"*) ;;
    *) missing="$missing $package" ;;
  esac
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ]; then
  echo "gptnas: missing packages. Type this, then try again:"
  echo "sudo apt-get install --no-install-recommends$missing"
  exit 1
fi >&2

echo "gptnas: installing$missing"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { apt-get -q update && apt-get -q -y install --no-install-recommends $missing; } >"$log" 2>&1; then
  cat "$log"
  echo "gptnas: apt-get could not install$missing"
  exit 1
fi >&2
