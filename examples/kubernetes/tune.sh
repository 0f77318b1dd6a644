#!/bin/bash
# A pod of the indexed job tunes one share of the problems and leaves share-I.json in $RESULTS.
set -euo pipefail

results=${RESULTS:?name the folder that the pods share}
share=$((JOB_COMPLETION_INDEX + 1))
oriented1d=node_modules/.bin/oriented1d
found=$results/share-$share.json
# On the node's own disk: databases do not like network file systems.
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
db=$folder/trials.db

# A pod that was cut short goes on where it was.
if [ -e "$found" ]; then $oriented1d library import "$found" --db "$db"; fi
# A pod that is to go ends the tuning after the trials in hand.
tuner=
trap 'kill -TERM $tuner' TERM
$oriented1d tune "${PROBLEMS:?}" --target cuda --batch "${BATCH:?}" --budget "${BUDGET:?}" \
  --shard "$share/${SHARES:?}" --db "$db" &
tuner=$!
# The signal interrupts a wait, so that it takes a second one.
status=0
wait "$tuner" || wait "$tuner" || status=$?
$oriented1d library export "$found" --db "$db"
exit "$status"
