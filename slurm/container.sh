#!/bin/sh
# Make the project's environment in a plain Debian: what an image runs once. Usage: container.sh PROJECT ENVIRONMENT
# The environment reads the project's sources where they are, so another clone can be bound there.
set -eu
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends ca-certificates git make python3 python3-venv > /dev/null
cd "$1"
python3 -m venv "$2"
"$2"/bin/python -m pip install --quiet --quiet --no-cache-dir --constraint constraints.txt --editable ".[workflow]"
"$2"/bin/insm --help >/dev/null
