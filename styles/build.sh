#!/bin/sh
# Builds chalicelib/static/ anew from USWDS and our own rules.
# Only for who raises the version of USWDS: everybody else uses what is committed.
# npm ci leaves node_modules/ here; it is ignored by git and never packed into the Lambda.
set -eu
cd "$(dirname "$0")"
static=../chalicelib/static

[ -d node_modules ] || npm ci --ignore-scripts --no-audit --no-fund
uswds=node_modules/@uswds/uswds

# One flat folder: the folders in url() go, and so do the italic faces, which no page uses.
node_modules/.bin/sass --no-source-map --style=compressed --quiet-deps \
  --load-path="$uswds/packages" min.scss "$static/app.css"
sed -i -E -e 's/@font-face\{[^}]*font-style:italic[^}]*\}//g' \
           -e 's#url\("?\./([A-Za-z0-9-]+/)*([A-Za-z0-9._-]+)"?\)#url(\2)#g' "$static/app.css"

for font in Regular Bold; do
  cp "$uswds/dist/fonts/public-sans/PublicSans-$font.woff2" "$static/"
done
# Each picture that the stylesheet names, and no other.
for picture in $(grep -oE 'url\([A-Za-z0-9._-]+\.svg\)' "$static/app.css" | sed -E 's/url\((.*)\)/\1/' | sort -u); do
  for folder in usa-icons usa-icons-bg .; do
    [ ! -f "$uswds/dist/img/$folder/$picture" ] || cp "$uswds/dist/img/$folder/$picture" "$static/"
  done
done
# What was made here and may not be edited there; app.js and favicon.svg are written by hand.
(cd "$static" && sha256sum -- app.css *.woff2 $(ls *.svg | grep -v favicon) > SHA256SUMS)
# The lock names versions and hashes; which registry served them is each machine's own business.
sed -i '/"resolved":/d' package-lock.json
