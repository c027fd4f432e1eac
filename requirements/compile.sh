#!/usr/bin/env bash
# Re-makes the lock files (hashes, no host). all.lock is solved first; the others are subsets of it.
set -euo pipefail
cd "$(dirname "$0")/.."
compile() { uv pip compile -q --python-version 3.11 --universal --generate-hashes --no-emit-index-url --no-header --no-annotate "$@" pyproject.toml; }
compile --all-extras --group dev --group bench -o requirements/all.lock
compile -c requirements/all.lock --extra airflow --extra opensearch --extra elasticsearch -o requirements/run.lock
compile -c requirements/all.lock --extra airflow --extra opensearch --extra elasticsearch --extra postgres --group dev -o requirements/test.lock
