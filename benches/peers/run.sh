#!/usr/bin/env bash
# run.sh HARNESS [N ...]      measures Hugo, Zola (if there is a binary) and Beilin on the same records
#
# HARNESS is the folder of the peer harness (gen.py, measure.py, peers/hugo, peers/zola); nothing is
# written into it. For each N (1000 10000): full build, build again without a change, build after an edit
# of one body. Tools take turns in every round, because a shared machine is not equally busy all the time.
# README.md tells what the environment may set: HUGO, ZOLA, BEILIN, SEEDS, SITES, ROUNDS.
set -euo pipefail
[ $# -gt 0 ] || { sed -n 2,8p "$0"; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
harness=$(cd "$1" && pwd)
shift
[ $# -gt 0 ] || set -- 1000 10000
seeds=${SEEDS:-$(dirname "$harness")/seeds}
rounds=${ROUNDS:-3}
shm=/dev/shm
[ -d $shm ] || shm=${TMPDIR:-/tmp}
sites=${SITES:-$shm/beilin-peers}
hugo=${HUGO:-$(command -v hugo || true)}
zola=${ZOLA:-$(command -v zola || true)}
beilin=${BEILIN:-$here/../../target/release/beilin}
[ -x "$beilin" ] || { echo "no $beilin: cargo build --release, or set BEILIN" >&2; exit 2; }
beilin=$(cd "$(dirname "$beilin")" && pwd)/$(basename "$beilin")

tools=
for t in hugo zola; do
  if [ -x "${!t}" ]; then tools+="$t "; else echo "$t: no binary, left out" >&2; fi
done
tools+=beilin

command_of() {
  case $1 in
    hugo) echo "$hugo --quiet --noBuildLock" ;;
    zola) echo "$zola build" ;;
    beilin) echo "$beilin build" ;;
  esac
}
record_of() {
  case $1 in
    beilin) echo content/records/r0000777.md ;;
    *) echo content/r/r0000777.md ;;
  esac
}
site() { # tool N: the site's folder, made once
  local d=$sites/$1-$2
  if [ ! -e "$d/.done" ]; then
    rm -rf "$d"
    mkdir -p "$d"
    case $1 in
      beilin) python3 "$here/adapter.py" "$harness" "$d" --records "$2" --seeds "$seeds" >&2 ;;
      *)
        cp -r "$harness/peers/$1/." "$d/"
        python3 "$harness/gen.py" "$d" --records "$2" --layout "$1" --seeds "$seeds" >&2
        ;;
    esac
    touch "$d/.done"
  fi
  echo "$d"
}
measure() { # tool N what prepare
  local d
  d=$(site "$1" "$2")
  # shellcheck disable=SC2046  # the command is words
  python3 "$harness/measure.py" --runs 1 --tsv "$tsv" --label "$2 $1 $3" --cwd "$d" --out public \
    --log "$sites/$1-$2.log" --prepare "$4" -- $(command_of "$1") >&2 || { cat "$sites/$1-$2.log" >&2; exit 1; }
}

mkdir -p "$sites"
tsv=$sites/figures.tsv
rm -f "$tsv"
for n in "$@"; do
  for ((round = 1; round <= rounds; round++)); do
    for t in $tools; do measure "$t" "$n" full "rm -rf public resources .hugo_build.lock .beilin"; done
    for t in $tools; do measure "$t" "$n" again true; done
    for t in $tools; do measure "$t" "$n" edit "printf '\n%s\n' 又补一句。 >> $(record_of "$t")"; done
  done
done
python3 - "$tsv" <<'PY'
import collections, statistics, sys
runs = collections.defaultdict(list)
for line in open(sys.argv[1], encoding="utf-8"):
    label, _, wall, _, _, user, system, peak, files, size, _, rc = line.rstrip("\n").split("\t")
    n, tool, what = label.split()
    if rc != "0":
        sys.exit(f"{label} failed: see its log")
    runs[int(n), what, tool].append((float(wall), float(user) + float(system), float(peak), int(files), int(size)))
med = {key: [statistics.median(c) for c in zip(*rows)] for key, rows in runs.items()}
print("| records | build | tool | wall s | CPU s | peak MiB | files | MB | CPU ÷ Hugo | peak ÷ Hugo |")
print("|---:|---|---|---:|---:|---:|---:|---:|---:|---:|")
for (n, what, tool), (wall, cpu, peak, files, size) in med.items():
    peer = med.get((n, what, "hugo"))
    ratios = [f"{cpu / peer[1]:.2f}", f"{peak / peer[2]:.2f}"] if peer else ["—", "—"]
    print(f"| {n} | {what} | {tool} | {wall:.2f} | {cpu:.2f} | {peak:.0f} | {files:.0f} | {size / 1e6:.1f} | {ratios[0]} | {ratios[1]} |")
PY
