# shellcheck shell=bash
# Masking. Read by scripts/acceptance.

masking_bench() {
    local figures="$scratch/figures" code=0
    "$PLUE" bench masking --json > "$figures" || code=$?
    cat "$figures"
    [ -s "$figures" ] && [ "$code" -le 1 ] || { echo "the benchmark failed: exit $code"; return 1; }
    python3 -c '
import json, sys

lines = [json.loads(line) for line in open(sys.argv[1])]
print("; ".join("%s: %.4g %s" % (line["name"], line["ours"], line["unit"]) for line in lines))
' "$figures"
    return $code
}

# Every alignment, split and way out; a line of 64 MiB and of 1 GiB with the release build.
masking_leaks() {
    swift build --build-tests > "$scratch/build" 2>&1 || { cat "$scratch/build"; return 1; }
    swift test --skip-build --filter 'Mask' > "$scratch/mask" 2>&1 || { grep '✘' "$scratch/mask"; return 1; }
    grep -E '^(MASKING|MEMORY)' "$scratch/mask"
    grep -E '^(MASKING|MEMORY)' "$scratch/mask" | tr '\n' ';'
    echo
}

masking_parts() {
    part bench masking_bench
    part leaks masking_leaks
}
