# shellcheck shell=bash
# plue run: the judge of workflows that run, repeats, interruption, kills, real projects. Read by scripts/acceptance.

nothing_left() {
    local left
    left="$(find "$XDG_CACHE_HOME/plue/work" "$XDG_DATA_HOME/plue/runners" -mindepth 1 2>/dev/null | head -n 3)"
    [ -z "$left" ] || { echo "left behind: $left"; return 1; }
}

judge() {
    python3 "$conformance/runs/judge.py" --jobs 2 --adapter "python3 $conformance/runs/adapter_plue.py"
}

repeats() {
    for i in 1 2 3; do
        python3 "$conformance/runs/judge.py" --jobs 2 --skip-tag slow \
            --adapter "python3 $conformance/runs/adapter_plue.py" | sed 's/ [0-9.]*s / /; s/ [0-9.]*s$//' > "$scratch/judge.$i"
    done
    cmp "$scratch/judge.1" "$scratch/judge.2"
    cmp "$scratch/judge.1" "$scratch/judge.3"
    echo "three times the same: $(tail -n 1 "$scratch/judge.1")"
}

plan_starts_only_git() {
    repository "$scratch/plan" << 'Y'
on: push
jobs:
  a: {runs-on: ubuntu-latest, steps: [{run: touch X}, {run: touch Y}]}
  b: {runs-on: ubuntu-latest, needs: a, if: failure(), steps: [{run: touch Z}]}
Y
    strace -f -e trace=execve -o "$scratch/trace" "$PLUE" plan -C "$scratch/plan"
    local others
    others="$(grep -oE 'execve\("[^"]*"' "$scratch/trace" | grep -vE '/(plue|git)"' | sort -u || true)"
    [ -z "$others" ] || { echo "started: $others"; return 1; }
    [ ! -e "$scratch/plan/X" ]
    echo "plan started $(grep -c 'execve("[^"]*/git"' "$scratch/trace") git processes and nothing else"
}

interrupted() {
    repository "$scratch/interrupt" << 'Y'
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - run: |
          sleep 4711 &
          setsid sleep 4712 &
          touch "$MARK"
          sleep 4713
        env: {MARK: "${{ vars.MARK }}"}
      - if: always()
        run: echo cleanup-ran
      - run: echo not-reached
Y
    local code=0
    "$PLUE" run -C "$scratch/interrupt" --var "MARK=$scratch/mark" > "$scratch/run" 2>&1 & local pid=$!
    until [ -e "$scratch/mark" ]; do sleep 0.05; done
    kill -INT $pid
    wait $pid || code=$?
    [ $code = 2 ] || { echo "exit $code, expected 2"; return 1; }
    "$PLUE" logs -C "$scratch/interrupt" | grep -qx cleanup-ran
    "$PLUE" logs -C "$scratch/interrupt" > "$scratch/log"
    fails grep not-reached "$scratch/log"
    "$PLUE" runs -C "$scratch/interrupt" | grep -q cancelled
    fails pgrep -f 'sleep 471[123]'
    nothing_left
    rm "$scratch/mark"
    repository "$scratch/stubborn" << 'Y'
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps: [{run: "trap '' INT; touch $MARK; sleep 4711", env: {MARK: "${{ vars.MARK }}"}}]
Y
    code=0
    "$PLUE" run -C "$scratch/stubborn" --var "MARK=$scratch/mark" > "$scratch/run" 2>&1 & pid=$!
    until [ -e "$scratch/mark" ]; do sleep 0.05; done
    kill -INT $pid
    sleep 0.5
    kill -INT $pid
    wait $pid || code=$?
    [ $code = 130 ] || { echo "exit $code after the second, expected 130"; return 1; }
    fails pgrep -f 'sleep 471[123]'
    echo "first: exit 2, always() ran, cancelled in the history, no child left; second: exit 130"
}

killed() {
    for which in dead alive; do
        repository "$scratch/$which" << 'Y'
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - run: |
          touch "$MARK"
          until [ -e "$MARK.go" ]; do sleep 0.05; done
        env: {MARK: "${{ vars.MARK }}"}
  b: {runs-on: ubuntu-latest, needs: a, steps: [{run: echo b}]}
Y
        "$PLUE" run -C "$scratch/$which" --var "MARK=$scratch/$which.mark" > "$scratch/$which.run" 2>&1 &
        eval "$which=$!"
    done
    until [ -e "$scratch/dead.mark" ] && [ -e "$scratch/alive.mark" ]; do sleep 0.05; done
    kill -KILL "$dead"
    wait "$dead" || true
    "$PLUE" view -C "$scratch/dead" | grep -q 'runner was lost'
    fails pgrep -f "$XDG_CACHE_HOME.*dead"
    touch "$scratch/alive.mark.go"
    wait "$alive"
    "$PLUE" view -C "$scratch/alive" | grep -q passed
    touch "$scratch/dead.mark.go"
    "$PLUE" rerun --failed -C "$scratch/dead"
    nothing_left
    echo "the killed run is shown as lost, the other one passed, rerun --failed passed"
}

project() {
    local url="https://github.com/$1" tag="$2" event="$3" workflow="$4"
    git clone -q --branch "$tag" "$url" "$scratch/project"
    git -C "$scratch/project" switch -q -c main
    "$PLUE" run "$event" -C "$scratch/project" -W "$workflow" --progress plain
    rm -rf "$scratch/project"
}

projects() {
    project kylef/Spectre 0.10.1 push .github/workflows/main.yaml
    project google/swift-benchmark 0.1.2 push .github/workflows/tests_ubuntu.yaml
    project hummingbird-project/swift-mustache 2.1.1 pull_request .github/workflows/validate.yml
    echo "three real projects passed: Spectre 0.10.1, swift-benchmark 0.1.2, swift-mustache 2.1.1"
}

bench() {
    local bench=../shared/bench/local-run/bench.py
    [ -e "$bench" ] || { echo "skipped: no $bench"; return 0; }
    if command -v act > /dev/null; then
        ACT="$(command -v act)" python3 "$bench" -n 7 "$PLUE run" "$PLUE list" \
            '${ACT} push -P ubuntu-latest=-self-hosted --no-cache-server' '${ACT} -l' | tee "$scratch/bench"
    else
        python3 "$bench" -n 7 "$PLUE run" "$PLUE list" | tee "$scratch/bench"
    fi
    grep -E 'floor|A/B' "$scratch/bench" | tr -s ' ' | tr '\n' ';'
    echo
}

run_parts() {
    part judge judge
    part repeats repeats
    part plan plan_starts_only_git
    part interrupted interrupted
    part killed killed
    part projects projects
    part bench bench
}
