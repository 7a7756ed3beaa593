#!/bin/sh
# Verifies this bundle with a POSIX shell, the POSIX utilities and openssl 3, and nothing else.  用法 / usage:
#
#   sh verify.sh [--log-key KEY.pem] [--roots ROOTS.pem]
#
# KEY.pem is the public key of the log, ROOTS.pem the roots of the time-stamping authorities (PEM, one after the other), both from another
# source than this bundle. Without them the ones in the bundle are used, and the last lines say so: then the bundle is shown to be whole
# and of one piece, but not by whom it was made.
#
# Exit status: 0 everything holds; 1 something does not (each line that begins with FAIL says what); 2 it cannot be judged here.
LC_ALL=C
export LC_ALL
unset CDPATH
here=$(pwd)
log_key='' roots=''
while [ $# -gt 1 ]; do
  case $2 in /*) path=$2 ;; *) path=$here/$2 ;; esac
  [ -r "$path" ] || { echo "$2 cannot be read" >&2; exit 2; }
  case $1 in
    --log-key) log_key=$path ;;
    --roots) roots=$path ;;
    *) break ;;
  esac
  shift 2
done
[ $# -eq 0 ] || { echo 'usage: sh verify.sh [--log-key KEY.pem] [--roots ROOTS.pem]' >&2; exit 2; }
cd -- "$(dirname -- "$0")" || exit 2
case $(openssl version 2>/dev/null) in
  'OpenSSL 3.'* | 'OpenSSL 4.'*) ;;
  *) echo 'openssl 3 or later is needed' >&2; exit 2 ;;
esac
work=${TMPDIR:-/tmp}/verify.$$
case $work in /*) ;; *) work=$here/$work ;; esac
(umask 077 && mkdir "$work") || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 2' HUP INT TERM

failures=0
fail() { printf 'FAIL  %s\n' "$*" | tr -d '\001-\011\013-\037\177'; failures=$((failures + 1)); } # names may hold orders to a terminal
fail_each() { while IFS= read -r line; do fail "$1$line"; done; } # reads a file, never a pipe: a pipe's loop counts for itself
judged() { [ $? -eq 0 ] || fail "$1 could not be judged"; fail_each "$2" <"$work/wrong"; } # by the awk before it: if that failed, so do we
end() { printf 'NOT VERIFIED, failures: %s / 核验不通过：%s 处\n' "$failures" "$failures"; exit 1; }
part() { failures_before=$failures; }
held() { [ "$failures" -gt "$failures_before" ] || echo "ok    $*"; }
count() { wc -l <"$1" | tr -d ' '; }
digests() { xargs -n 400 openssl dgst -sha256 -r | sed 's/ \*/ /'; } # of the files named on standard input: "digest name"
verified() { openssl pkeyutl -verify -pubin -inkey "$1" -rawin -in "$2" -sigfile "$3" >/dev/null 2>&1; }

# 1. Files: every one that is listed is there and unchanged, and none is there that is not listed.
part
find . -type f | sed 's,^\./,,' | sort >"$work/found"
find . ! -type f ! -type d >"$work/odd"
fail_each 'neither a file nor a folder: ' <"$work/odd"
[ ! -s "$work/odd" ] || end # a pipe would be waited for, a link followed
sed 's/^\([0-9a-f]*\)  /\1 /' manifest-sha256.txt tagmanifest-sha256.txt 2>/dev/null >"$work/listed"
sed 's/^[0-9a-f]* //' "$work/listed" | sort >"$work/names"
uniq -d "$work/names" >"$work/twice"
fail_each 'listed twice: ' <"$work/twice"
{ cat "$work/names"; echo tagmanifest-sha256.txt; echo tagmanifest-sha256.txt.sig; } | sort -u >"$work/expected"
comm -23 "$work/found" "$work/expected" >"$work/added"
comm -13 "$work/found" "$work/expected" >"$work/removed"
fail_each 'added: ' <"$work/added"
fail_each 'removed: ' <"$work/removed"
comm -12 "$work/found" "$work/names" | digests >"$work/computed"
awk '
  FILENAME == ARGV[1] { computed[$2] = $1; next }
  FILENAME == ARGV[2] { listed[$2] = $1; next }
  ($0 in listed) && computed[$0] != listed[$0]
' "$work/computed" "$work/listed" "$work/found" >"$work/wrong"
judged files 'changed: '
held "files: $(count "$work/found") are there as they were listed, and no others"

# 2. The list of files is signed by the log's key.
part
verified "${log_key:-data/proofs/log-key.pem}" tagmanifest-sha256.txt tagmanifest-sha256.txt.sig || fail 'the list of files is not signed by the key of the log'
held 'signature: the list of files is signed by the key of the log'

# 3. Entries: the leaf of each covers its header, the header its payload and the leaf before it; all are of this case.
part
entries=data/entries
mkdir "$work/leaf"
find "$entries" -name '*.header.json' | sed 's,.*/,,; s/\.header\.json$//' | sort >"$work/named"
sed '/^[0-9]*$/!d' "$work/named" >"$work/numbers"
sed '/^[0-9]*$/d' "$work/named" >"$work/wrong"
judged 'names of entries' 'no entry has such a name: '
time='"[-+.:0-9T]*"' whole='[0-9nul]*' # a header is read in this form alone: canonical JSON, each name once
before="^\([0-9]* [0-9]*\) {\"at\":$time,\"attempt\":$whole,\"case\":\($whole\),\"payload\":\"\([0-9a-f]*\)\"," after=",\"wall\":$time}\$"
while IFS= read -r number; do
  IFS= read -r header <"$entries/$number.header.json" || : # one line without an end; whatever else is in the file makes it longer
  printf '\000%s' "$header" >"$work/leaf/$number"
  [ ! -f "$entries/$number.payload.json" ] || cat "$entries/$number.salt" "$entries/$number.payload.json" >"$work/leaf/$number.payload"
  printf '%s %s %s\n' "$number" "${#header}" "$header"
done <"$work/numbers" >"$work/read"
sed "s/$before\"previous\":null$after/\1 \2 \3 null/; t
  s/$before\"previous\":\"\([0-9a-f]*\)\"$after/\1 \2 \3 \4/; t
  s/ .*//" "$work/read" >"$work/headers"
sed "s,.*,$entries/&.header.json," "$work/numbers" | xargs wc -c | sed 's,[^ ]*/,,; s/\.header\.json$//' >"$work/lengths"
(cd "$work/leaf" && find . -type f | sed 's,^\./,,' | digests) >"$work/leaves"
ours=$(sed -n 's/^Xianli-Case: \([0-9]*\)$/\1/p' bag-info.txt | tr '\n' ' ')
awk -v "ours=$ours" -v last=null '
  FILENAME == ARGV[1] { digest[$2] = $1; next }
  FILENAME == ARGV[2] { long[$2] = $1; next }
  NF != 5 || $2 != long[$1] { print $1 " has no header that can be read"; next }
  $3 " " != ours { print $1 " is of another case" }
  ($1 ".payload") in digest && digest[$1 ".payload"] != $4 { print $1 " has another payload than was logged" }
  $5 != last { print $1 " does not follow the entry before it" }
  { last = digest[$1] }
' "$work/leaves" "$work/lengths" "$work/headers" >"$work/wrong"
judged 'the chain of entries' 'entry '
[ -s "$work/numbers" ] || fail 'there are no entries'
stated=$(sed -n 's/^Xianli-Entries: //p' bag-info.txt)
[ "$stated" = "$(count "$work/numbers")" ] || fail "the case had $stated entries at the checkpoint, $(count "$work/numbers") are here"
open=$(find "$entries" -name '*.payload.json' | wc -l | tr -d ' ')
held "entries: $(count "$work/numbers") in an unbroken chain, $open of them open"

# 4. Checkpoints: signed by the log's key, or by one that it followed; each says the size and root of the tree at its time.
part
checkpoints=data/proofs/checkpoints
mkdir "$work/checkpoint"
find "$checkpoints" -name '*.checkpoint' | sed 's,.*/,,; s/\.checkpoint$//' | sort -n >"$work/sizes"
: >"$work/roots"
[ -s "$work/sizes" ] || fail 'there are no checkpoints'
while IFS= read -r size; do
  note=$checkpoints/$size.checkpoint text=$work/checkpoint/$size.text signature=$work/checkpoint/$size.sig
  [ "$(count "$note")" = 5 ] && [ -z "$(sed -n 4p "$note")" ] || fail "checkpoint $size is not five lines: three, an empty one, a signature"
  sed 3q "$note" >"$text"
  sed -n '5s/.* //p' "$note" | openssl base64 -d -A 2>/dev/null | tail -c 64 >"$signature" # its first four bytes name the key
  key=${log_key:-data/proofs/log-key.pem}
  [ ! -f "$checkpoints/$size.key.pem" ] || key=$checkpoints/$size.key.pem
  verified "$key" "$text" "$signature" || fail "checkpoint $size is not signed by the key of the log"
  [ "$(sed -n 2p "$note")" = "$size" ] || fail "checkpoint $size is of another size"
  echo "$size $(sed -n 3p "$note" | openssl base64 -d -A 2>/dev/null | od -An -v -tx1 | tr -d ' \n')" >>"$work/roots"
done <"$work/sizes"
held "checkpoints: $(count "$work/sizes"), signed"

# 5. Tree: the path of every entry, folded hash by hash, leads to the root of a checkpoint (RFC 6962, 2.1.1).
#    Each round folds one step of all paths: awk says which bytes to hash, each once, openssl hashes them, awk reads the result.
part
paths=data/proofs/inclusion.txt
awk 'FILENAME == ARGV[1] { leaf[$2] = $1; next } { print $1, leaf[$1] }' "$work/leaves" "$work/numbers" >"$work/hash"
awk '
  FILENAME == ARGV[1] { here[$1] = 1; next }
  { paths[$1]++ }
  !($1 in here) { print $1 " is proven but not there" }
  $0 !~ /^[0-9]+ [0-9]+ [0-9]+( [0-9a-f]+)*$/ { print $1 " has a path that cannot be read" }
  END { for (each in here) if (paths[each] != 1) print each " has no path of its own" }
' "$work/numbers" "$paths" >"$work/wrong"
judged 'the paths' 'entry '
round=1
while awk -v "round=$round" 'NF >= round + 3 { more = 1 } END { exit !more }' "$paths"; do
  rm -rf "$work/node"
  mkdir "$work/node"
  awk -v "round=$round" '
    function walk(place, size,    low, high, middle) { # turns[1..steps]: on which side the sibling stands, from the root down
      low = 0; high = size; steps = 0
      while (high - low > 1) {
        for (middle = 1; middle * 2 < high - low; middle *= 2);
        middle += low
        if (place < middle) { turns[++steps] = "right"; high = middle } else { turns[++steps] = "left"; low = middle }
      }
    }
    function nibble(hex, at) { return index("0123456789abcdef", substr(hex, at, 1)) - 1 }
    function octal(hex,    at, out) {
      for (at = 1; at < length(hex); at += 2) out = out sprintf("\\%03o", nibble(hex, at) * 16 + nibble(hex, at + 1))
      return out
    }
    FILENAME == ARGV[1] { hash[$1] = $2; next }
    NF < round + 3 || !($1 in hash) { next }
    { walk($2, $3) }
    steps != NF - 3 || $(round + 3) !~ /^[0-9a-f]+$/ || length($(round + 3)) != 64 || length(hash[$1]) != 64 { next }
    { beside = $(round + 3); both = turns[steps - round + 1] == "right" ? hash[$1] beside : beside hash[$1] }
    !(both in node) { node[both] = ++nodes; printf "printf %c\\001%s%c >%s\n", 39, octal(both), 39, nodes }
    { print "#", $1, node[both] } # for the awk below; no order to the shell
  ' "$work/hash" "$paths" >"$work/script"
  (cd "$work/node" && . "$work/script" && find . -type f | sed 's,^\./,,' | digests) >"$work/folded"
  awk -v "round=$round" '
    FILENAME == ARGV[1] { folded[$2] = $1; next }
    FILENAME == ARGV[2] { if ($1 == "#") node[$2] = $3; next }
    FILENAME == ARGV[3] { steps[$1] = NF - 3; next }
    { print $1, steps[$1] < round ? $2 : folded[node[$1]] }
  ' "$work/folded" "$work/script" "$paths" "$work/hash" >"$work/next"
  mv "$work/next" "$work/hash"
  round=$((round + 1))
done
awk '
  FILENAME == ARGV[1] { root[$1] = $2; next }
  FILENAME == ARGV[2] { size[$1] = $3; place[$1] = $2; next }
  place[$1] >= size[$1] || !(size[$1] in root) { print $1 " is said to be in a tree that has no checkpoint here"; next }
  root[size[$1]] != $2 { print $1 " is not in the tree of checkpoint " size[$1] }
' "$work/roots" "$paths" "$work/hash" >"$work/wrong"
judged 'the tree' 'entry '
held 'tree: every entry is in the tree of a checkpoint'

# 6. Time: every checkpoint was seen by a time-stamping authority. A stamp is judged at its own time: certificates end, what they signed
#    while they were in force does not.
part
stamps=data/proofs/stamps
find "$stamps" -name '*.tsr' | sed 's,.*/,,; s/\.tsr$//' | sort -n >"$work/stamps"
: >"$work/times"
while IFS= read -r stamp; do
  size=${stamp%%.*}
  said=$(openssl ts -reply -in "$stamps/$stamp.tsr" -text 2>/dev/null | sed -n 's/^Time stamp: //p')
  seconds=$(echo "$said" | awk '{ # since 1970; days as Fliegel and Van Flandern count them
    month = (index("JanFebMarAprMayJunJulAugSepOctNovDec", $1) + 2) / 3; split($3, clock, ":"); a = int((14 - month) / 12); y = $4 + 4800 - a
    days = $2 + int((153 * (month + 12 * a - 3) + 2) / 5) + 365 * y + int(y / 4) - int(y / 100) + int(y / 400) - 32045 - 2440588
    printf "%d", days * 86400 + clock[1] * 3600 + clock[2] * 60 + int(clock[3]) }')
  if openssl ts -verify -in "$stamps/$stamp.tsr" -data "$checkpoints/$size.checkpoint" -CAfile "${roots:-$stamps/$stamp.root.pem}" \
    -untrusted "$stamps/$stamp.chain.pem" -attime "$seconds" >/dev/null 2>&1; then
    echo "$size $seconds $said" >>"$work/times"
  else
    fail "stamp $stamp is not an authority's word on checkpoint $size"
  fi
done <"$work/stamps"
awk 'FILENAME == ARGV[1] { stamped[$1] = 1; next } !($1 in stamped) { print $1 " bears no time" }' "$work/times" "$work/sizes" >"$work/wrong"
judged 'the times' 'checkpoint '
held "time: $(count "$work/times") stamps, each valid at its own time"
sort -k 2 -n "$work/times" | awk '{ $1 = $2 = ""; last = $0 } NR == 1 { print "      from" $0 } END { if (NR) print "      to  " last }'

[ -n "$log_key" ] || echo 'note  the key of the log is the one in this bundle: compare it with another source (--log-key)'
[ -n "$roots" ] || echo 'note  the roots of the authorities are those in this bundle: compare them with another source (--roots)'
! grep '^Xianli-Sandbox: yes' bag-info.txt >/dev/null || echo 'note  SANDBOX: this bundle proves nothing to a court / 沙盒数据，无证明力'
[ "$failures" -eq 0 ] || end
echo 'VERIFIED / 核验通过'
