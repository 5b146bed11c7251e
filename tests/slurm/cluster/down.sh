#!/bin/bash
# Stop what up.sh started, by the pids it recorded. --purge also removes its state, its links in /etc/slurm and the
# packages that it installed: with SLURM's commands but no controller, each start of Snakemake takes ten seconds more.
set -u
STATE=${SLURM_TEST_STATE:-/var/tmp/slurm-test}
alive() { [ -s "$1" ] && grep -qE '^(munged|mariadbd|slurmdbd|slurmctld|slurmd)' "/proc/$(cat "$1")/comm" 2>/dev/null; }
stop() { # pidfiles that may go at the same time: TERM all, wait 10 s, KILL the rest
  local f
  for f; do alive "$f" && kill -TERM "$(cat "$f")"; done
  for _ in $(seq 100); do
    local left=0; for f; do alive "$f" && left=1; done
    [ $left = 0 ] && break; sleep 0.1
  done
  for f; do alive "$f" && { echo "down.sh: KILL $f"; kill -KILL "$(cat "$f")"; }; rm -f "$f"; done
}
if alive "$STATE/run/slurmctld.pid"; then
  timeout 10 scancel --full --me 2>/dev/null
  for _ in $(seq 50); do [ -z "$(timeout 5 squeue -h 2>/dev/null)" ] && break; sleep 0.2; done
fi
stop "$STATE"/run/slurmd.*.pid "$STATE/run/slurmctld.pid"
stop "$STATE/run/slurmdbd.pid"
stop "$STATE/run/mariadb.pid" "$STATE/run/munged.pid"
if [ "${1:-}" = --purge ]; then
  for f in slurm.conf gres.conf slurmdbd.conf; do [ "$(readlink "/etc/slurm/$f")" = "$STATE/etc/$f" ] && rm -f "/etc/slurm/$f"; done
  if [ -s "$STATE/installed" ]; then
    DEBIAN_FRONTEND=noninteractive xargs apt-get purge -y -qq < "$STATE/installed" >/dev/null
  fi
  rmdir /etc/slurm 2>/dev/null
  rm -rf "$STATE"
fi
echo "down.sh: stopped"
