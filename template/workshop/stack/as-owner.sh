#!/bin/sh
# Runs a command as the owner of the folder that is mounted here, so that you own what it writes. It
# needs root for this first moment. setpriv drops all that root may do, even if the owner is root,
# as in a rootless engine.
set -eu
grep -q '^CapEff:.*[1-9a-f]' /proc/self/status || exec "$@" # it may do nothing more than you
exec setpriv --reuid "$(stat -c %u /workshop)" --regid "$(stat -c %g /workshop)" --clear-groups \
  --inh-caps=-all --bounding-set=-all -- "$@"
