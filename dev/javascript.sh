#!/bin/sh
# Checks the JavaScript of the console and the board (`dev/javascript.sh check`, in `make lint`), or formats it
# (`dev/javascript.sh format`). Installs Biome and TypeScript in node_modules if package.json changed.
set -eu
cd "$(dirname "$0")/.."

if ! command -v npm >/dev/null; then
  echo "make: npm is missing, so Biome, tsc, and node --test SKIPPED the console's JavaScript." >&2
  [ -z "${CI:-}" ] # in CI, this is an error
  exit
fi

# No lock file, because it would name the registry of its author. package.json has exact versions.
if [ -z "$(find node_modules/.ready -newer package.json 2>/dev/null)" ]; then
  echo "Installing the tools that check the console's JavaScript (a few seconds)"
  npm install --no-package-lock --no-audit --no-fund --silent
  touch node_modules/.ready
fi

if [ "$1" = format ]; then
  node_modules/.bin/biome check --write --log-level=error
  exit
fi
node_modules/.bin/biome check --error-on-warnings --log-level=error
node_modules/.bin/tsc --project tsconfig.json
said=$(node --test tests/workshop/console/static/*.test.js tests/matchmaker/board/static/*.test.js) || {
  echo "$said"
  exit 1
}
