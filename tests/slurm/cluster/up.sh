#!/bin/bash
# Start a one-machine SLURM cluster in a container: root, no systemd, no cgroups, loopback only.
# usage: up.sh   (env: SLURM_TEST_STATE, SLURM_TEST_ACCT=dbd|none, SLURM_TEST_SLURMD_TIMEOUT, SLURM_TEST_KILLWAIT)
set -euo pipefail
HERE=$(cd "$(dirname "$0")" && pwd)
STATE=${SLURM_TEST_STATE:-/var/tmp/slurm-test}
ACCT=${SLURM_TEST_ACCT:-dbd}
BASE=${SLURM_TEST_BASE_PORT:-26800}
NODES=(cpu1 gpu1 gpu2)
CTLD_PORT=$BASE DBD_PORT=$((BASE+1)) SQL_PORT=$((BASE+2)) P0=$((BASE+10)) P1=$((BASE+11)) P2=$((BASE+12))
HOST=$(hostname -s)
[ "$(id -u)" = 0 ] || { echo "up.sh: must be root" >&2; exit 1; }
say() { printf '[%5.1fs] %s\n' "$(echo "$(date +%s.%N) - $T0" | bc 2>/dev/null || echo 0)" "$*"; }
T0=$(date +%s.%N)

need=()
command -v munged    >/dev/null || need+=(munge)
command -v slurmctld >/dev/null || need+=(slurmctld)
command -v slurmd    >/dev/null || need+=(slurmd)
command -v sbatch    >/dev/null || need+=(slurm-client)
if [ "$ACCT" = dbd ]; then
  command -v slurmdbd >/dev/null || need+=(slurmdbd)
  { command -v mariadbd || command -v mysqld; } >/dev/null || need+=(mariadb-server)
fi
if [ ${#need[@]} -gt 0 ]; then
  export DEBIAN_FRONTEND=noninteractive
  mkdir -p "$STATE"
  packages() { dpkg-query -W -f '${Package}\n' | sort; }
  packages > "$STATE/packages"
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${need[@]}" >/dev/null
  packages | comm -13 "$STATE/packages" - >> "$STATE/installed" # down.sh --purge removes them
fi

alive() { [ -s "$1" ] && grep -qE '^(munged|mariadbd|slurmdbd|slurmctld|slurmd)' "/proc/$(cat "$1")/comm" 2>/dev/null; }
wait_for() { # seconds what cmd...
  local end=$(( SECONDS + $1 )) what=$2; shift 2
  while ! "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || { echo "up.sh: timed out waiting for $what" >&2; for f in "$STATE"/log/*.log; do echo "== $f"; tail -n 20 "$f"; done >&2; exit 1; }
    sleep 0.1
  done
}

umask 022
mkdir -p "$STATE"/{etc,munge,ctld,log,run,dev,spool} "$STATE"/spool/cpu1 "$STATE"/spool/gpu1 "$STATE"/spool/gpu2
chmod 700 "$STATE/ctld"; chmod 755 "$STATE" "$STATE/munge" "$STATE/run" "$STATE/log"
# fake GPU devices: character devices are required by gres.conf File=; clones of /dev/null (c 1 3) do
for i in 0 1; do [ -e "$STATE/dev/nvidia$i" ] || mknod -m 666 "$STATE/dev/nvidia$i" c 1 3; done
# the host's own name must resolve to loopback
getent hosts "$HOST" >/dev/null || echo "127.0.0.1 $HOST" >> /etc/hosts

if [ "$ACCT" = dbd ]; then
  A=accounting_storage/slurmdbd
  AL="AccountingStorageHost=127.0.0.1\nAccountingStoragePass=$STATE/munge/munge.socket\nAccountingStoragePort=$DBD_PORT\nAccountingStorageTRES=gres/gpu"
else
  A=accounting_storage/none; AL="# no accounting"
fi
subst() { sed -e "s|@HOST@|$HOST|g;s|@STATE@|$STATE|g;s|@CTLD_PORT@|$CTLD_PORT|g;s|@SLURMD_PORT@|$P0|g;s|@DBD_PORT@|$DBD_PORT|g;s|@SQL_PORT@|$SQL_PORT|g;s|@P0@|$P0|g;s|@P1@|$P1|g;s|@P2@|$P2|g;s|@ACCT@|$A|g;s|@ACCT_LINES@|$AL|g;s|@KILLWAIT@|${SLURM_TEST_KILLWAIT:-30}|g;s|@SLURMD_TIMEOUT@|${SLURM_TEST_SLURMD_TIMEOUT:-20}|g" "$1"; }
subst "$HERE/slurm.conf.in" > "$STATE/etc/slurm.conf"
subst "$HERE/gres.conf.in"  > "$STATE/etc/gres.conf"
# Clients must find the configuration WITHOUT $SLURM_CONF: snakemake-executor-plugin-slurm-jobstep >= 0.6
# strips SLURM_* (SLURM_CONF too) before its nested srun.  So link it where Debian's build looks.
mkdir -p /etc/slurm
for f in slurm.conf gres.conf slurmdbd.conf; do
  if [ -e "/etc/slurm/$f" ] && [ ! -L "/etc/slurm/$f" ]; then echo "up.sh: /etc/slurm/$f is a real file, not overwriting" >&2; exit 1; fi
  ln -sfn "$STATE/etc/$f" "/etc/slurm/$f"
done
unset SLURM_CONF

# --- munge
if ! alive "$STATE/run/munged.pid"; then
  [ -s "$STATE/munge/munge.key" ] || ( umask 077; head -c 1024 /dev/urandom > "$STATE/munge/munge.key" )
  munged --force --socket="$STATE/munge/munge.socket" --key-file="$STATE/munge/munge.key" \
         --log-file="$STATE/munge/munged.log" --pid-file="$STATE/run/munged.pid" --seed-file="$STATE/munge/munged.seed" --num-threads=2
fi
wait_for 10 munge sh -c "munge -n -S '$STATE/munge/munge.socket' | unmunge -S '$STATE/munge/munge.socket'"
say "munged up"

# --- MariaDB + slurmdbd
if [ "$ACCT" = dbd ]; then
  MY="$STATE/mysql"
  if [ ! -d "$MY/mysql" ]; then
    mkdir -p "$MY"; 
    mariadb-install-db --no-defaults --user=root --datadir="$MY" --auth-root-authentication-method=socket --skip-test-db > "$STATE/log/mariadb-install.log" 2>&1
    say "mariadb datadir made"
  fi
  if ! alive "$STATE/run/mariadb.pid"; then
    setsid mariadbd --no-defaults --user=root --datadir="$MY" --bind-address=127.0.0.1 --port=$SQL_PORT \
       --socket="$STATE/run/mysql.sock" --pid-file="$STATE/run/mariadb.pid" --log-error="$STATE/log/mariadb.log" \
       --innodb-buffer-pool-size=128M --innodb-lock-wait-timeout=900 --innodb-log-file-size=32M --innodb-flush-log-at-trx-commit=0 --skip-name-resolve </dev/null >/dev/null 2>&1 &
  fi
  wait_for 30 mariadb mariadb-admin --no-defaults -u root -S "$STATE/run/mysql.sock" ping
  mariadb --no-defaults -u root -S "$STATE/run/mysql.sock" -e "CREATE DATABASE IF NOT EXISTS slurm_acct_db; CREATE USER IF NOT EXISTS 'slurm'@'127.0.0.1' IDENTIFIED BY 'slurm'; CREATE USER IF NOT EXISTS 'slurm'@'localhost' IDENTIFIED BY 'slurm'; GRANT ALL ON slurm_acct_db.* TO 'slurm'@'127.0.0.1'; GRANT ALL ON slurm_acct_db.* TO 'slurm'@'localhost'; FLUSH PRIVILEGES;"
  say "mariadb up"
  ( umask 077; subst "$HERE/slurmdbd.conf.in" > "$STATE/etc/slurmdbd.conf" )
  alive "$STATE/run/slurmdbd.pid" || slurmdbd
  wait_for 30 slurmdbd sacctmgr -n show cluster
  # register the cluster before slurmctld starts
  sacctmgr -n show cluster study format=cluster | grep -qw study || sacctmgr -i add cluster study >/dev/null
  say "slurmdbd up"
fi

# --- slurmctld, slurmd x3
alive "$STATE/run/slurmctld.pid" || slurmctld
wait_for 30 slurmctld scontrol ping
say "slurmctld up"
for n in "${NODES[@]}"; do
  alive "$STATE/run/slurmd.$n.pid" || slurmd -N "$n"
done
for n in "${NODES[@]}"; do
  # a node left DOWN/DRAIN by an earlier test comes back
  scontrol update nodename="$n" state=resume >/dev/null 2>&1 || true
done
all_idle() { [ "$(sinfo -h -N -o '%N %t' | sort -u | grep -Ec ' (idle|mix|alloc)$')" -ge ${#NODES[@]} ]; }
wait_for 60 "nodes idle" all_idle
if [ "$ACCT" = dbd ]; then
  # one account + the users who will submit, so that slurm_account can be given and validated
  sacctmgr -n show account research format=account | grep -qw research || sacctmgr -i add account research cluster=study >/dev/null
  sacctmgr -n show assoc user=root account=research format=user | grep -qw root || sacctmgr -i add user root account=research defaultaccount=research >/dev/null || true
fi
say "cluster ready: $(sinfo -h -o '%P:%D:%t:%G' | tr '\n' ' ')"
