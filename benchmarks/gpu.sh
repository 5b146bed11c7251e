#!/usr/bin/env bash
# What minutes on one GPU can settle: checks, timings, then the trainings of studies (docs/gpu/README.md). Called again,
# it goes on where it was cut off.
#
#     benchmarks/gpu.sh [--minutes 8] [--study config/gpu.yaml ...] [--output gpu-results] [--peer METHOD=PATH ...]
#
# It needs Python with torch, torchvision, numpy, pandas, pyarrow, Pillow, PyYAML, pydantic, safetensors and
# scikit-image, and no network. Wheels in .wheels/ (pydantic and what it needs, say) are installed beside them, for this
# script alone.
set -euo pipefail
project=$(cd "$(dirname "$0")/.." && pwd)
python=${PYTHON:-python3}
site=$project/.wheels/site
if compgen -G "$project/.wheels/*.whl" > /dev/null && [ ! -d "$site" ]; then
    rm -rf "$site.part" # of an installation that was cut off: only a whole one gets the name
    "$python" -m pip install --quiet --no-index --no-deps --no-compile --target "$site.part" "$project"/.wheels/*.whl
    mv "$site.part" "$site"
fi
export PYTHONPATH="$project/src:$project/benchmarks:$site${PYTHONPATH:+:$PYTHONPATH}" PYTHONUNBUFFERED=1
exec "$python" "$project/benchmarks/gpu.py" "$@"
