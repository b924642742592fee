#!/bin/sh
# Fetches Debian packages and unpacks them into a folder, as any user, without installing anything.
#
#   fetch.sh FOLDER PACKAGE...
#
# The machine's own apt is only read (its sources and keys). Caches and downloads live in a temporary
# folder beside FOLDER, which appears by one rename: a half-finished download is never taken for a
# finished one. The mirror's lists serve all engines for an hour, if all of its sources were there.
# Prints `fetched` or `cached`; else the reason as the last line, and fails.
set -eu

folder=$1
shift

# A run of the tests (test/engines/run.ts) asks an unreachable mirror once, not once per file.
missing=${LIFTWATT_TEST_RUN:+$LIFTWATT_TEST_RUN/$(basename "$folder").missing}

fail() {
  [ -z "$missing" ] || echo "$1" >"$missing"
  echo "$1"
  exit 1
}

# Here by one rename, so whole, and good for a user who may not write here.
if [ -d "$folder" ]; then
  echo cached
  exit 0
fi

for tool in apt-get dpkg-deb flock timeout; do
  command -v $tool >/dev/null || fail "no $tool on this machine"
done

mkdir -p "$(dirname "$folder")" && touch "$folder.lock" || fail "$(dirname "$folder") cannot be written"
# Parallel test workers, and parallel runs in one checkout, fetch once. The kernel frees the lock when its holder dies.
exec 9>"$folder.lock"
flock 9
if [ -d "$folder" ]; then
  echo cached
  exit 0
fi
if [ -n "$missing" ] && [ -f "$missing" ]; then
  cat "$missing"
  exit 1
fi

rm -rf "$folder".partial-*
work=$(mktemp -d "$folder.partial-XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
mkdir -p "$work/lists/partial" "$work/archives/partial" "$work/debs" "$work/root"

# The hooks are cleared because some machines delete apt's real cache in them (docker-clean does).
cat >"$work/apt.conf" <<CONF
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
Dir::State "$work";
Dir::State::status "/var/lib/dpkg/status";
Dir::Cache "$work";
Dir::Cache::archives "$work/archives";
Debug::NoLocking "1";
APT::Sandbox::User "";
Acquire::Languages "none";
Acquire::Retries "1";
Acquire::http::Timeout "10";
Acquire::https::Timeout "10";
CONF
apt() { LC_ALL=C timeout 300 apt-get -q -c "$work/apt.conf" -o Dir::State::lists="$lists" "$@" 2>&1 8>&- 9>&-; }

# One dead source must not keep us from the others, so the download is the judge, not the update.
shared=$(dirname "$folder")/lists
exec 8>"$shared.lock"
flock 8
if [ -z "$(find "$shared" -maxdepth 0 -mmin -60 2>/dev/null)" ]; then
  lists=$work/lists
  if apt update >"$work/update.log" && ! grep -q '^[EW]: ' "$work/update.log"; then
    rm -rf "$shared"
    mv -T "$lists" "$shared"
    touch "$shared"
    lists=$shared
  fi
else
  lists=$shared
  : >"$work/update.log"
fi
flock -u 8

# What an installation would add on this very machine; should apt not solve it, the bare names.
wanted=$(apt -s --no-install-recommends install "$@" | sed -n 's/^Inst \([^ ]*\).*/\1/p')
cd "$work/debs"
# shellcheck disable=SC2086 # a list of names
if ! apt download ${wanted:-"$@"} >"$work/download.log"; then
  why=$(grep -h '^[EW]: ' "$work/download.log" | head -n 1)
  update=$(grep '^[EW]: ' "$work/update.log" | head -n 1)
  fail "${why:-apt-get download did not end in time}${update:+ ($update)}"
fi

for package in *.deb; do
  dpkg-deb -x "$package" "$work/root" || fail "dpkg-deb could not unpack $package"
done
mv -T "$work/root" "$folder"
echo fetched
