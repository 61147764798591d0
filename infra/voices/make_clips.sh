#!/bin/sh
# Makes the clips of the spoken CAPTCHA: ten digits, four voices, for each language named here.
# Needs espeak-ng and sox (Debian packages); only for who adds a language. The clips are committed,
# so neither the Lambda nor a fresh machine needs them. No MBROLA voice: their data is restricted.
#   infra/voices/make_clips.sh
set -eu
cd "$(dirname "$0")/../.."
clips=chalicelib/adapters/captcha_media/clips

# lang, then a voice and its words per minute, four times. As the other languages come:
# es es-419, pt pt-br, zh cmn, ht ht, vi vi; espeak-ng has no Khmer.
make_language() {
  lang=$1
  shift
  mkdir -p "$clips/$lang"
  take=0
  while [ $# -gt 0 ]; do
    take=$((take + 1))
    for digit in 0 1 2 3 4 5 6 7 8 9; do
      raw=$(mktemp --suffix=.wav)
      espeak-ng -v "$1" -s "$2" -w "$raw" "$digit"
      # 11 kHz keeps the s of six and seven; silence cut at both ends; no dither: same clip each time.
      sox -D "$raw" -r 11025 -c 1 -b 8 -e unsigned-integer "$clips/$lang/$digit-$take.wav" \
        silence 1 0.01 0.5% reverse silence 1 0.01 0.5% reverse norm -1
      rm "$raw"
    done
    shift 2
  done
}

make_language en  en-us 125  en-us+f2 130  en-us+m3 115  en-gb-x-rp+f4 125
