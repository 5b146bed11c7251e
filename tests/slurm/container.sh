#!/bin/bash
# What the container's definition runs, in a clean Debian: debootstrap, then slurm/container.sh in it, then a plan.
# Needs root on a Debian. Usage: container.sh [FOLDER], which keeps that Debian; MIRROR=URL names Debian's mirror.
set -euo pipefail
PROJECT=$(cd "$(dirname "$0")/../.." && pwd)
MIRROR=${MIRROR:-http://deb.debian.org/debian}
SUITE=$(sed -n 's/^From: debian:\(.*\)-slim$/\1/p' "$PROJECT/slurm/insm.def")
[ "$(id -u)" = 0 ] || { echo "container.sh: must be root" >&2; exit 1; }
command -v debootstrap > /dev/null || {
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends debootstrap > /dev/null
}
ROOT=${1:-$(mktemp -d)}
bound=()
cleanup() {
    local place
    for place in "${bound[@]}"; do umount "$place" || true; done
    [ $# -gt 0 ] || rm -rf --one-file-system "$ROOT"
}
trap 'cleanup ${1:+keep}' EXIT

[ -e "$ROOT/etc/debian_version" ] || debootstrap --variant=minbase "$SUITE" "$ROOT" "$MIRROR" > "$ROOT.log" || { tail "$ROOT.log"; exit 1; }
# The host's way to packages: what its pip reads. Folders are bound, unwritable; files are copied.
pip() { "$PROJECT/.venv/bin/python" -m pip "$@"; }
cp /etc/resolv.conf "$ROOT/etc/"
for place in $(pip config debug | sed -n 's/^ *\(.*\), exists: True$/\1/p') $(pip config list | grep -o "/[^ ']*" | sed 's|/simple$||' | sort -u); do
    if [ -d "$place" ]; then
        mkdir -p "$ROOT$place"
        mount --bind "$place" "$ROOT$place"
        bound+=("$ROOT$place")
        mount -o remount,bind,ro "$ROOT$place"
    elif [ -f "$place" ]; then
        mkdir -p "$ROOT$(dirname "$place")"
        cp "$place" "$ROOT$place"
    fi
done
mount -t proc proc "$ROOT/proc"
bound+=("$ROOT/proc")
certificates=$(pip config list | sed -n "s/^[^=]*[.]cert='\(.*\)'$/\1/p" | head -n 1)
if [ -f "$certificates" ]; then # the system's own are made anew when ca-certificates is installed
    cp "$certificates" "$ROOT/opt/certificates.crt"
fi
copy() { tar -C "$PROJECT" -c -T - | tar -C "$ROOT/opt/$1" -x; }
mkdir -p "$ROOT/opt/insm" "$ROOT/opt/clone"
sed -n '/^%files/,/^$/s/^ \+\([^ ]*\) .*/\1/p' "$PROJECT/slurm/insm.def" | copy insm
git -C "$PROJECT" ls-files -z --cached --others --exclude-standard | (cd "$PROJECT"; xargs -0 ls -d 2> /dev/null || true) | copy clone
inside() { chroot "$ROOT" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root ${certificates:+PIP_CERT=/opt/certificates.crt} "$@"; }
inside sh /opt/insm/slurm/container.sh /opt/insm /opt/environment
mount --bind "$ROOT/opt/clone" "$ROOT/opt/insm" # as `apptainer exec --bind` does
bound+=("$ROOT/opt/insm")
inside PATH=/opt/environment/bin:/usr/bin:/bin sh -c 'cd /opt/insm && snakemake --dry-run --quiet rules --config study=config/smoke.yaml' | tail -n 3
echo "container.sh: the image's script made an environment that plans the smoke study, in Debian $(cat "$ROOT/etc/debian_version")"
