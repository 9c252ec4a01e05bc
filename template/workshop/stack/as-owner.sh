#!/bin/sh
# Runs a command as the owner of the folder that is mounted here, so that you own what it writes. It
# needs root for this first moment. setpriv drops all that root may do, even if the owner is root,
# as in a rootless engine.
set -eu
[ "$(id -u)" -eq 0 ] && [ -z "${WORKSHOP_IS_OWNER:-}" ] || exec "$@"
export WORKSHOP_IS_OWNER=yes # the owner may be root, who then can't do it a second time
exec setpriv --reuid "$(stat -c %u /workshop)" --regid "$(stat -c %g /workshop)" --clear-groups \
  --inh-caps=-all --bounding-set=-all -- "$@"
