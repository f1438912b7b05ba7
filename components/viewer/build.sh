#!/bin/sh
# Builds components/static/viewer.js and viewer-worker.js out of components/viewer/src, in a folder that is thrown away.
# Needs node >= 20 and npm. The same sources and lock give the same bytes.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT

cp -R "$here/package.json" "$here/package-lock.json" "$here/src" "$room"
cd "$room"
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
bundle() {
    node_modules/.bin/esbuild "$@" --bundle --minify --target=es2022 --charset=utf8 --legal-comments=eof --log-level=warning
}
bundle src/viewer.js --format=esm --outfile=viewer.js
bundle src/worker.js --format=iife --outfile=viewer-worker.js
mv viewer.js viewer-worker.js "$here/../static/"
cp node_modules/three/LICENSE "$here/../static/three-LICENSE.txt"
