# shellcheck shell=bash
# The language: benchmarks, real workflows, fuzzing. Read by scripts/acceptance.

# fuzz TARGET: one of FuzzTests for ten minutes.
fuzz() {
    swift build --build-tests > "$scratch/build" 2>&1 || { cat "$scratch/build"; return 1; }
    PLUE_FUZZ_SECONDS="${PLUE_FUZZ_SECONDS:-600}" swift test --skip-build --filter "FuzzTests/$1" > "$scratch/fuzz" 2>&1 ||
        { tail -n 20 "$scratch/fuzz"; return 1; }
    grep '^fuzz ' "$scratch/fuzz"
}

fuzz_workflows() { fuzz workflows; }
fuzz_actions() { fuzz actions; }
fuzz_expressions() { fuzz expressions; }
fuzz_patterns() { fuzz patterns; }
fuzz_schedules() { fuzz schedules; }
fuzz_commands() { fuzz commands; }

# Files, expressions and patterns on one core; then whole processes on 200 files of three jobs, in turns.
language_bench() {
    local figures="$scratch/figures" code=0
    "$PLUE" bench language --json > "$figures" || code=$?
    cat "$figures"
    [ -s "$figures" ] && [ "$code" -le 1 ] || { echo "the benchmark failed: exit $code"; return 1; }
    cp "$figures" Benchmarks/Results/language-bench.jsonl
    python3 Benchmarks/validate.py "$PLUE" > "$scratch/validate" || code=$?
    cat "$scratch/validate"
    echo "$(grep -c '"met":true' "$figures") goals met, $(grep -c '"met":false' "$figures" || true) missed;" \
        "$(tr '\n' ';' < "$scratch/validate")"
    return "$code"
}

real() {
    [ -n "${PLUE_REAL_WORKFLOWS:-}" ] || { echo "PLUE_REAL_WORKFLOWS names no folder"; return 1; }
    swift build --build-tests > "$scratch/build" 2>&1 || { cat "$scratch/build"; return 1; }
    swift test --skip-build --filter RealWorkflowTests > "$scratch/real" 2>&1 || { grep '✘' "$scratch/real"; return 1; }
    grep '^CONFORMANCE real' "$scratch/real"
}

language_parts() {
    part bench language_bench
    part real real
    part fuzz-workflows fuzz_workflows
    part fuzz-actions fuzz_actions
    part fuzz-expressions fuzz_expressions
    part fuzz-patterns fuzz_patterns
    part fuzz-schedules fuzz_schedules
    part fuzz-commands fuzz_commands
}
