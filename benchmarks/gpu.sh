#!/usr/bin/env bash
# What minutes on one GPU can settle: checks, timings, then the trainings of a study (docs/gpu/README.md). Called again,
# it goes on where it was cut off.
#
#     benchmarks/gpu.sh [--minutes 8] [--study config/evidence.yaml] [--output gpu-results]
#
# It needs Python with torch, numpy, pandas, pyarrow, Pillow and PyYAML, and no network. Wheels in .wheels/ (pydantic and
# what it needs, say) are installed beside them, for this script alone.
set -euo pipefail
project=$(cd "$(dirname "$0")/.." && pwd)
python=${PYTHON:-python3}
site=$project/.wheels/site
if compgen -G "$project/.wheels/*.whl" > /dev/null && [ ! -d "$site" ]; then
    "$python" -m pip install --quiet --no-index --no-deps --no-compile --target "$site" "$project"/.wheels/*.whl
fi
export PYTHONPATH="$project/src:$project/benchmarks:$site${PYTHONPATH:+:$PYTHONPATH}" PYTHONUNBUFFERED=1
exec "$python" "$project/benchmarks/gpu.py" "$@"
