# shellcheck shell=bash
# Secrets: canaries, and rotations that are killed. Read by scripts/acceptance.

# A repository whose job checks every secret that is stored for it by a digest of them all, and shows them.
secret_repository() {
    repository "$1" << 'Y'
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    outputs: {leak: "${{ steps.s.outputs.leak }}"}
    steps:
      - id: s
        env: {ALL: "${{ toJSON(secrets) }}", SUM: "${{ vars.SUM }}"}
        run: |
          printf '%s' "$ALL" > all.json
          python3 - << 'P'
          import hashlib, json, os
          all = json.load(open("all.json"))
          values = [all[name] for name in sorted(all) if name.startswith("CANARY_")]
          for value in values:
              print("plain", value)
              print(f"::warning title={value}::{value}")
          open(os.environ["GITHUB_STEP_SUMMARY"], "w").write("\n".join(values))
          open(os.environ["GITHUB_OUTPUT"], "a").write("leak=" + values[0] + "\n")
          found = hashlib.sha256("\n".join(values).encode()).hexdigest()
          assert found == os.environ["SUM"], f"{len(values)} values, digest {found}"
          P
      - run: "false"
        continue-on-error: true
      - if: vars.HOLD
        run: sleep 20
Y
}

# canaries FOLDER COUNT DATABASE: stores so many random values; they stand in $scratch/canaries.
canaries() {
    python3 -c '
import hashlib, secrets, sys
count = int(sys.argv[1])
values = ["canary" + secrets.token_hex(12) for _ in range(count)]
print("\n".join(values))
names = sorted((f"CANARY_{number}", value) for number, value in enumerate(values))
sys.stderr.write(hashlib.sha256("\n".join(value for _, value in names).encode()).hexdigest())
' "$2" > "$scratch/canaries" 2> "$scratch/sum"
    local number=0 value
    while read -r value; do
        "$PLUE" secret set "CANARY_$number" -C "$1" --database "$3" <<< "$value"
        number=$((number + 1))
    done < "$scratch/canaries"
    "$PLUE" variable set SUM "$(cat "$scratch/sum")" -C "$1" --database "$3"
}

# none_in PATH…: no canary is in any file there.
none_in() {
    local found
    found="$(grep -rlaF -f "$scratch/canaries" "$@" || true)"
    [ -z "$found" ] || { echo "canaries in: $found"; return 1; }
}

# outputs FOLDER DATABASE: all that a job with the canaries leaves and what tells of it.
secret_outputs() {
    local out="$scratch/out" word pid
    rm -rf "$out"
    mkdir -p "$out"
    "$PLUE" run -C "$1" --database "$2" --json --junit "$out/junit" > "$out/run.json" 2> "$out/run.err" ||
        { cat "$out/run.err"; return 1; }
    "$PLUE" run -C "$1" --database "$2" --progress plain > "$out/plain" 2>&1
    for word in "logs" "view" "view --json" "runs --json" "secret list --json" "why" "stats --json"; do
        # shellcheck disable=SC2086
        "$PLUE" $word -C "$1" --database "$2" > "$out/${word// /-}" 2>&1 || true
    done
    "$PLUE" audit list --json --database "$2" > "$out/audit"
    "$PLUE" audit export --database "$2" > "$out/audit-export"
    "$PLUE" db export "$out/export" --database "$2"
    [ "$(wc -c < "$out/export")" -gt 10000 ]
    # A crash in the middle of the job.
    "$PLUE" run -C "$1" --database "$2" --var HOLD=1 > "$out/crash" 2>&1 & pid=$!
    sleep 2
    kill -ABRT $pid
    wait $pid || true
    none_in "$out"
}

secret_canaries_sqlite() {
    local database="sqlite:$scratch/canary/plue.db"
    secret_repository "$scratch/canary-repo"
    canaries "$scratch/canary-repo" 100 "$database"
    secret_outputs "$scratch/canary-repo" "$database"
    none_in "$scratch/canary" "$XDG_DATA_HOME"
    echo "100 canaries: none in the files of SQLite, its log, exports, JSON, logs and the output of a crash"
}

# Run by scripts/postgres.
secret_canaries_server() {
    local host url pid
    host="$(sed -E 's/.*host=([^ ]*).*/\1/' <<< "$PLUE_TEST_POSTGRES")"
    url="postgres://postgres@/postgres?host=${host//\//%2F}"
    export PLUE_KEY_FILE="$scratch/root.key"
    secret_repository "$scratch/canary-repo"
    canaries "$scratch/canary-repo" 100 "$url"
    secret_outputs "$scratch/canary-repo" "$url"
    pg_dump -h "$host" -U postgres postgres > "$scratch/dump"
    psql -h "$host" -U postgres -qc CHECKPOINT postgres
    none_in "$scratch/dump" "$host"
    # A process that stores a value, held in its transaction, as the core dump shows it.
    psql -h "$host" -U postgres -q postgres -c 'BEGIN; LOCK TABLE actions_secret_versions; SELECT pg_sleep(20)' > /dev/null &
    sleep 1
    head -n 1 "$scratch/canaries" | "$PLUE" secret set CANARY_0 -C "$scratch/canary-repo" --database "$url" & pid=$!
    sleep 2
    gcore -o "$scratch/core" "$pid" > "$scratch/gcore" 2>&1 || { cat "$scratch/gcore"; return 1; }
    wait "$pid"
    none_in "$scratch/core.$pid"
    [ "$(stat -c %s "$scratch/core.$pid")" -gt 1000000 ]
    wait
}

secret_canaries_postgres() {
    command -v gcore > /dev/null || { apt-get install -y -q gdb > "$scratch/apt" 2>&1 || { cat "$scratch/apt"; return 1; }; }
    export scratch
    export -f secret_canaries_server secret_repository repository canaries none_in secret_outputs
    scripts/postgres bash -euo pipefail -c secret_canaries_server
    echo "100 canaries: none in PostgreSQL's files, WAL and dump, exports, JSON, logs, the output of a crash," \
        "nor in the core dump of a process that stores one"
}

# A rotation killed at each of its writes: every value is read, and the next rotation finishes it.
rotation_sqlite() {
    local database="sqlite:$scratch/rotate/plue.db" number kills=0
    secret_repository "$scratch/rotate-repo"
    canaries "$scratch/rotate-repo" 60 "$database"
    for number in $(seq 1 200); do
        killed_at "$number" "$PLUE" key rotate --database "$database" > "$scratch/rotated" || break
        kills=$((kills + 1))
        "$PLUE" run -C "$scratch/rotate-repo" --database "$database" > "$scratch/read" 2>&1 ||
            { echo "after the kill at write $number:"; cat "$scratch/read"; return 1; }
        "$PLUE" key rotate --database "$database" > "$scratch/finished"
        "$PLUE" doctor --database "$database" > "$scratch/doctor" || { cat "$scratch/doctor"; return 1; }
    done
    [ "$kills" -gt 5 ] || { echo "only $kills kills"; return 1; }
    echo "SQLite: a rotation of 60 values killed at each of its $kills writes: no read failed, each was finished"
}

# Run by scripts/postgres with SEED: a server's jobs read while rotations and new root keys are killed.
rotation_server() {
    local host url number pid kills=0 code
    host="$(sed -E 's/.*host=([^ ]*).*/\1/; s,/,%2F,g' <<< "$PLUE_TEST_POSTGRES")"
    url="postgres://postgres@/postgres?host=$host"
    export PLUE_KEY_FILE="$scratch/keys/root.key"
    mkdir -p "$scratch/keys"
    RANDOM=$SEED
    secret_repository "$scratch/rotate-repo"
    canaries "$scratch/rotate-repo" 60 "$url"
    while [ ! -e "$scratch/enough" ]; do
        "$PLUE" run -C "$scratch/rotate-repo" --database "$url" > "$scratch/read" 2>&1 || cp "$scratch/read" "$scratch/failed"
    done & local reader=$!
    for number in $(seq 60); do
        local verb=rotate
        [ $((number % 3)) != 0 ] || verb=rekey
        "$PLUE" key $verb --database "$url" > "$scratch/killed" 2>&1 & pid=$!
        sleep "0.0$(printf %02d $((RANDOM % 80)))"
        kill -KILL "$pid" 2> /dev/null || true
        code=0
        wait "$pid" 2> /dev/null || code=$?
        case "$code" in
            137) kills=$((kills + 1)) ;;
            0) ;;
            *) cat "$scratch/killed"; return 1 ;;
        esac
    done
    "$PLUE" key rotate --database "$url"
    touch "$scratch/enough"
    wait "$reader"
    [ ! -e "$scratch/failed" ] || { cat "$scratch/failed"; return 1; }
    "$PLUE" doctor --database "$url" > "$scratch/doctor" || { cat "$scratch/doctor"; return 1; }
    [ "$kills" -ge 20 ] || { echo "only $kills kills"; return 1; }
    echo "PostgreSQL: $kills kills of rotations and new root keys, seed $SEED, beside a reader: no read failed"
}

rotation_postgres() {
    export scratch SEED="${PLUE_TEST_SEED:-$RANDOM}"
    export -f rotation_server secret_repository repository canaries
    scripts/postgres bash -euo pipefail -c rotation_server
}

secrets_parts() {
    part canaries-sqlite secret_canaries_sqlite
    part canaries-postgres secret_canaries_postgres
    part rotation-sqlite rotation_sqlite
    part rotation-postgres rotation_postgres
}
