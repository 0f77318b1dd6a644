#!/bin/bash
# Brings the shares together: all.json holds every trial, kernels/ the library of the winners.
set -euo pipefail

results=${RESULTS:?name the folder of the shares}
oriented1d=node_modules/.bin/oriented1d
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
db=$folder/trials.db

$oriented1d library import "$results"/share-*.json --db "$db"
$oriented1d library export "$results/all.json" --db "$db"
$oriented1d library publish --out "$results/kernels" --db "$db"
