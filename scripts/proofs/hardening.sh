# shellcheck shell=bash
# What a job cannot do to the machine and to other jobs. Read by scripts/acceptance.

# measured COMMAND…: runs it; its exit code and the most memory that it held, MiB, as the last line.
measured() {
    python3 -c '
import os, subprocess, sys

process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, use = os.wait4(process.pid, 0)
print(os.waitstatus_to_exitcode(status), use.ru_maxrss >> 10)
' "$@"
}

# Output without end for a minute, with another job beside it.
flood() {
    repository "$scratch/flood" << 'Y'
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    outputs: {o: "${{ steps.s.outputs.o }}"}
    steps: [{id: s, run: "timeout 60 yes || true; echo o=1 >> $GITHUB_OUTPUT"}, {run: echo next}]
  b: {runs-on: ubuntu-latest, needs: a, steps: [{run: "echo o is ${{ needs.a.outputs.o }}"}]}
  c: {runs-on: ubuntu-latest, steps: [{run: "for n in $(seq 50); do echo line $n; sleep 1; done"}]}
Y
    local answer code peak
    answer="$(measured "$PLUE" run -C "$scratch/flood" --concurrent-jobs 2 --progress quiet | tail -n 1)"
    read -r code peak <<< "$answer"
    [ "$code" = 0 ] || { echo "exit $code"; return 1; }
    [ "$peak" -le 256 ] || { echo "$peak MiB"; return 1; }
    "$PLUE" logs -C "$scratch/flood" --job a > "$scratch/log"
    grep -q 'the rest of it is left out' "$scratch/log"
    tail -n 1 "$scratch/log" | grep -q next
    "$PLUE" logs -C "$scratch/flood" --job b | grep -q 'o is 1'
    [ "$("$PLUE" logs -C "$scratch/flood" --job c | grep -c '^line')" = 50 ]
    echo "yes for 60 s: $(stat -c %s "$scratch/log") bytes of log with its notice, $peak MiB at most," \
        "the step's output counts, the job beside it wrote its 50 lines"
}

# A line of 1 GiB.
line() {
    repository "$scratch/line" << 'Y'
on: push
jobs: {a: {runs-on: ubuntu-latest, steps: [{run: "head -c 1G /dev/zero | tr '\\0' x; echo; echo on"}]}}
Y
    local code peak
    read -r code peak <<< "$(measured "$PLUE" run -C "$scratch/line" --progress quiet | tail -n 1)"
    [ "$code" = 0 ] && [ "$peak" -le 256 ] || { echo "exit $code, $peak MiB"; return 1; }
    echo "a line of 1 GiB: $peak MiB at most, $("$PLUE" logs -C "$scratch/line" | wc -c) bytes of log"
}

# Forks without end, each child at once again, for 20 s if nobody stops it; another job in the same process, and
# another plue beside it.
bomb() {
    repository "$scratch/bomb" << 'Y'
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - run: |
          end=$((EPOCHSECONDS + 20))
          bomb() { [ "$EPOCHSECONDS" -lt $end ] || exit 0; bomb | bomb & sleep 20.4711; }
          bomb 2> /dev/null
  b: {runs-on: ubuntu-latest, steps: [{run: "for n in $(seq 60); do /bin/echo line $n; sleep 0.1; done"}]}
Y
    repository "$scratch/beside" << 'Y'
on: push
jobs: {a: {runs-on: ubuntu-latest, steps: [{run: "for n in $(seq 60); do /bin/echo line $n; sleep 0.1; done"}]}}
Y
    "$PLUE" run -C "$scratch/beside" > "$scratch/beside.run" 2>&1 & local pid=$! code=0 began=$EPOCHREALTIME
    "$PLUE" run -C "$scratch/bomb" --concurrent-jobs 2 --json > "$scratch/bomb.run" || code=$?
    [ "$code" = 1 ] || { echo "exit $code"; return 1; }
    wait "$pid"
    fails pgrep -f "sleep 20.4711|$XDG_CACHE_HOME"
    python3 - "$scratch/bomb.run" << 'P'
import json, sys

records = [json.loads(line) for line in open(sys.argv[1])]
ends = {r["job"]: r for r in records if r["type"] == "job.finished"}
assert ends["a"]["conclusion"] == "failure" and ends["b"]["conclusion"] == "success", ends
texts = [r["text"] for r in records if r["type"] == "log" and r["job"] == "b"]
assert sum(text.startswith("line") for text in texts) == 60, texts
print(next(r["message"] for r in records if r["type"] == "annotation"), "No survivor; the job beside it and another plue passed.")
P
}

# The same where each child computes, in a server: what counts processes gets little time itself there.
bomb_server() {
    local database="sqlite:$scratch/bombed/plue.db" server code=0
    repository "$scratch/computing" << 'Y'
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - run: |
          cat > bomb << 'END'
          if [ $1 -gt 0 ]; then bash bomb $(($1 - 1)) 20.4712 & bash bomb $(($1 - 1)) 20.4712 & fi
          while [ $SECONDS -lt 20 ]; do :; done
          END
          bash bomb 14 20.4712 > /dev/null 2>&1
  b: {runs-on: ubuntu-latest, steps: [{run: "for n in $(seq 60); do /bin/echo line $n; sleep 0.1; done"}]}
Y
    "$PLUE" run -C "$scratch/computing" --database "$database" --detach
    "$PLUE" runner start --database "$database" --concurrent-jobs 2 2> "$scratch/server" & server=$!
    timeout 300 "$PLUE" watch -C "$scratch/computing" --database "$database" > "$scratch/watched" || code=$?
    kill -TERM $server
    wait $server
    [ "$code" = 1 ] || { echo "exit $code"; cat "$scratch/watched" "$scratch/server"; return 1; }
    fails pgrep -f "20.4712|$XDG_CACHE_HOME"
    [ "$("$PLUE" logs -C "$scratch/computing" --database "$database" --job b | grep -c '^line')" = 60 ]
    grep -o 'had [0-9].*max-processes)' "$scratch/server" | head -n 1
}

# What is left of a hundred secrets in the memory of a server whose job has ended: a core dump, as root takes one.
memory() {
    command -v gcore > /dev/null || { echo "gcore is missing: apt-get install gdb"; return 1; }
    swift build --build-tests > "$scratch/build" 2>&1 || { cat "$scratch/build"; return 1; }
    PLUE_GCORE=1 swift test --skip-build --filter plueTests.MemoryTests > "$scratch/memory" 2>&1 ||
        { grep -E '✘|^MEMORY' "$scratch/memory"; return 1; }
    grep '^MEMORY' "$scratch/memory"
}

hardening_parts() {
    part flood flood
    part line line
    part bomb bomb
    part bomb-server bomb_server
    part memory memory
}
