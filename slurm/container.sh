#!/bin/sh
# Make the project's environment in a plain Debian: what an image runs once. Usage: container.sh PROJECT
set -eu
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends ca-certificates git make python3 python3-venv > /dev/null
cd "$1"
python3 -m venv .venv
.venv/bin/python -m pip install --quiet --quiet --no-cache-dir --constraint constraints.txt --editable ".[workflow]"
touch .venv/ready
.venv/bin/insm --help >/dev/null
