#!/bin/sh
# Take in what changed in corpus/, then serve the page: what `make run` does in a checkout.
# Arguments go to `policyqa serve`: ./start.sh --port 8080
set -eu
CDPATH='' cd -- "$(dirname -- "$0")"
.venv/bin/python -m policyqa index corpus
exec .venv/bin/python -m policyqa serve "$@"
