# shellcheck shell=bash
# The databases: benchmarks, plans, kills at every write, migrations, servers that stop, races. Read by scripts/acceptance.

# The drivers, the making of runs and reads beside a million rows: every figure goes to Benchmarks/Results/bench.jsonl.
storage_bench() {
    local figures="$scratch/figures" code=0
    # On one CPU: with two, one sleeps while the other answers, and waking it is most of the time.
    taskset -c 1 scripts/postgres "$PLUE" bench storage --part driver --json > "$figures" || code=$?
    scripts/postgres "$PLUE" bench storage --part runs --part reads --json >> "$figures" || code=$?
    cat "$figures"
    [ -s "$figures" ] && [ "$code" -le 1 ] || { echo "the benchmark failed: exit $code"; return 1; }
    cp "$figures" Benchmarks/Results/bench.jsonl
    echo "$(grep -c '"met":true' "$figures") goals met, $(grep -c '"met":false' "$figures" || true) missed:" \
        "$(grep '"met":false' "$figures" | sed 's/.*"database":"\([^"]*\)","name":"\([^"]*\)","unit":"\([^"]*\)".*"ratio":\([0-9.]*\).*/\1 \2 (\3) \4/' | tr '\n' ';')"
    return "$code"
}

# The plans of the hot queries beside 100,000 runs and a million jobs; the table goes to Benchmarks/Results/plans.md.
storage_plans() {
    PLUE_PLAN_SCALE=full scripts/postgres swift test --filter QueryPlanTests
    echo "$(grep -c '^| [a-z]*:' Benchmarks/Results/plans.md) hot queries use their indexes on both databases"
}

# seeds FILE: what the races printed, in one line.
seeds() {
    sed -nE 's/^race ([A-Za-z]*)[^ ]* ([A-Za-z]*) PLUE_TEST_SEED=([0-9]*): (.*)$/\1 \2 seed \3: \4/p' "$1" | tr '\n' ';'
}

# One race in its full size on every database.
race() {
    swift build --build-tests > "$scratch/build" 2>&1 || { cat "$scratch/build"; return 1; }
    PLUE_RACE_SCALE=full scripts/postgres swift test --skip-build --filter "$1" > "$scratch/race" 2>&1 ||
        { grep -E '✘|^race' "$scratch/race" | tail -n 40; return 1; }
    grep -q ' postgres PLUE_TEST_SEED' "$scratch/race"
    seeds "$scratch/race"
    echo
}

race_numbers() { race runNumbersHaveNoGapAndNoDuplicate; }
race_releases() { race twoNeedsThatEndAtOnceReleaseTheirDependentOnce; }
race_readers() { race readersSeeNoHalfMadeRun; }
race_logs() { race uploadsOfTheSameLogThatMeetAreByteExact; }
race_groups() { race aGroupNeverHasTwoHolders; }

# Stops the server at once at 20 moments while the test of ServerCrashTests writes to it, and lets that test judge.
# Run by scripts/postgres with MARK, LOG and SEED.
stop_servers() {
    RANDOM=$SEED
    PLUE_CRASH_MARK="$MARK" swift test --skip-build --filter ServerCrashTests > "$LOG" 2>&1 &
    local test=$! code=0 number
    sleep 3
    for number in $(seq 20); do
        sleep "$((RANDOM % 3)).$((RANDOM % 10))"
        kill -0 "$test" 2> /dev/null || { echo "the test ended before stop $number"; return 1; }
        "$PLUE_TEST_SERVER" stop -m immediate
        sleep "0.$((RANDOM % 10))"
        "$PLUE_TEST_SERVER" start
    done
    sleep 2
    touch "$MARK"
    wait "$test" || code=$?
    return "$code"
}

servers() {
    swift build --build-tests > "$scratch/build" 2>&1 || { cat "$scratch/build"; return 1; }
    export MARK="$scratch/mark" LOG="$scratch/crash" SEED="${PLUE_TEST_SEED:-$((RANDOM * 32768 + RANDOM))}"
    export -f stop_servers
    scripts/postgres bash -euo pipefail -c stop_servers || { grep -E '✘|^crash|rror' "$LOG" | tail -n 20; return 1; }
    grep -q '^crash' "$LOG"
    echo "20 immediate stops, seed $SEED: $(grep '^crash' "$LOG")"
}

writes() {
    repository "$scratch/writes" << 'Y'
on: push
jobs:
  a: {runs-on: ubuntu-latest, steps: [{run: echo one}, {run: echo two}]}
  b: {runs-on: ubuntu-latest, needs: a, strategy: {matrix: {n: [1, 2, 3, 4]}}, steps: [{run: echo three}]}
  c: {runs-on: ubuntu-latest, needs: b, steps: [{run: echo four}]}
Y
    local database="$scratch/writes.db" kills=0 number
    # Every second write: the first two hundred do not reach the end of a job.
    for number in $(seq 2 2 400); do
        if killed_at "$number" "$PLUE" run -C "$scratch/writes" --database "sqlite:$database" --json \
            > "$scratch/written" 2> "$scratch/errors"; then
            kills=$((kills + 1))
        fi
        cat "$scratch/written" >> "$scratch/acknowledged"
        "$PLUE" doctor --database "sqlite:$database" > "$scratch/doctor" ||
            { echo "after the kill at write $number:"; cat "$scratch/doctor"; return 1; }
        acknowledged "$database" > /dev/null || { echo "after the kill at write $number"; return 1; }
    done
    # The next command ends what the last ones left.
    "$PLUE" runs -C "$scratch/writes" --database "sqlite:$database" > /dev/null
    "$PLUE" doctor --database "sqlite:$database" > /dev/null
    [ "$kills" = 200 ] || { echo "only $kills kills"; return 1; }
    echo "200 kills at every second of 400 writes of plue run on one database: $(acknowledged "$database")"
}

# acknowledged DATABASE: it is whole, and every record that was printed is stored.
acknowledged() {
    python3 - "$1" "$scratch/acknowledged" << 'P'
import json, sqlite3, sys

db = sqlite3.connect(sys.argv[1])
assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
assert db.execute("PRAGMA foreign_key_check").fetchall() == []
runs, jobs = set(), set()
for line in open(sys.argv[2]):
    record = json.loads(line)
    if record["type"] == "run.started":
        runs.add(record["run"])
    # A call's or a leg's key path ends with the job's own key.
    if record["type"] == "job.finished":
        jobs.add((record["run"], record["job"], json.dumps(record.get("leg")), record["conclusion"]))
stored = {row[0] for row in db.execute("SELECT id FROM actions_workflow_runs")}
assert runs <= stored, f"lost runs {sorted(runs - stored)}"
ended = {
    (run, key, json.dumps(json.loads(leg) if leg else None), conclusion)
    for run, key, leg, conclusion in db.execute(
        "SELECT workflow_run_id, job_key, matrix, conclusion FROM actions_job_executions")
}
assert jobs <= ended, f"lost ends {sorted(jobs - ended)}"
print(f"{len(stored)} runs stored, of {len(runs)} runs and {len(jobs)} ends of jobs acknowledged none lost, integrity ok")
P
}

# migrated URL: what a migrator left can be completed, and is then sound.
migrated() {
    "$PLUE" db migrate --database "$1" > /dev/null &&
        "$PLUE" db status --database "$1" > "$scratch/status" && ! grep -q pending "$scratch/status" &&
        "$PLUE" doctor --database "$1" > /dev/null
}

# eight URL: eight migrators at once; each migration was applied by one of them.
eight() {
    local number pids=() applied
    rm -f "$scratch"/migrator.*
    for number in $(seq 8); do
        "$PLUE" db migrate --database "$1" > "$scratch/migrator.$number" & pids+=($!)
    done
    for number in "${pids[@]}"; do wait "$number" || { echo "a migrator failed"; return 1; }; done
    applied="$(awk '/applied/ {n += $1} END {print n + 0}' "$scratch"/migrator.*)"
    [ "$applied" = "$(ls Migrations/sqlite/*.sql | wc -l)" ] || { echo "$applied migrations applied"; return 1; }
    migrated "$1"
}

migrations_sqlite() {
    local number=0 kills=0 database
    while true; do
        number=$((number + 1))
        database="$scratch/migrate/$number.db"
        killed_at "$number" "$PLUE" db migrate --database "sqlite:$database" > /dev/null || break
        kills=$((kills + 1))
        migrated "sqlite:$database" || { echo "after the kill at write $number"; return 1; }
        python3 - "$database" << 'P' || return 1
import sqlite3, sys

assert sqlite3.connect(sys.argv[1]).execute("PRAGMA integrity_check").fetchall() == [("ok",)]
P
        rm -f "$database"*
    done
    [ "$kills" -gt 20 ] || { echo "only $kills kills"; return 1; }
    for number in $(seq 10); do eight "sqlite:$scratch/eight/$number.db" || return 1; done
    echo "SQLite: killed at each of $kills writes, 10 times 8 at once"
}

# Run by scripts/postgres with SEED and scratch.
migrations_postgres() {
    local host number kills=0 url pid code
    host="$(sed -E 's/.*host=([^ ]*).*/\1/; s,/,%2F,g' <<< "$PLUE_TEST_POSTGRES")"
    RANDOM=$SEED
    for number in $(seq 90); do
        [ "$kills" -lt 30 ] || break
        psql "$PLUE_TEST_POSTGRES" -qc "CREATE DATABASE kill_$number"
        url="postgres://postgres@/kill_$number?host=$host"
        "$PLUE" db migrate --database "$url" > /dev/null & pid=$!
        sleep "0.$(printf %03d $((RANDOM % 200)))"
        kill -KILL "$pid" 2> /dev/null || true
        code=0
        wait "$pid" 2> /dev/null || code=$?
        case "$code" in
            137) kills=$((kills + 1)) ;;
            0) ;;
            *) echo "exit $code"; return 1 ;;
        esac
        migrated "$url" || { echo "after kill $number"; return 1; }
        psql "$PLUE_TEST_POSTGRES" -qc "DROP DATABASE kill_$number WITH (FORCE)"
    done
    [ "$kills" = 30 ] || { echo "only $kills kills"; return 1; }
    for number in $(seq 10); do
        psql "$PLUE_TEST_POSTGRES" -qc "CREATE DATABASE eight_$number"
        eight "postgres://postgres@/eight_$number?host=$host" || return 1
    done
    echo "PostgreSQL: 30 kills at random, seed $SEED, 10 times 8 at once"
}

# The stored database of the first migration, which is a test as well.
migrations_old() {
    swift build --build-tests > "$scratch/build" 2>&1 || { cat "$scratch/build"; return 1; }
    scripts/postgres swift test --skip-build --filter OldDatabaseTests > "$scratch/old" 2>&1 ||
        { grep '✘' "$scratch/old"; return 1; }
    sed -nE 's/.*with ([0-9]*) test cases passed.*/an old database on \1 kinds keeps its rows/p' "$scratch/old" | head -n 1
}

migrations() {
    export SEED="${PLUE_TEST_SEED:-$RANDOM}" scratch
    export -f migrations_postgres eight migrated
    local embedded server old
    embedded="$(migrations_sqlite)" || { echo "$embedded"; return 1; }
    server="$(scripts/postgres bash -euo pipefail -c migrations_postgres)" || { echo "$server"; return 1; }
    old="$(migrations_old)" || { echo "$old"; return 1; }
    echo "$embedded; $server; $old"
}

storage_parts() {
    part bench storage_bench
    part plans storage_plans
    part writes writes
    part migrations migrations
    part servers servers
    races
}

# `--part races` runs them all; each is kept by itself.
races() {
    [ "$only" != races ] || only=""
    part races-numbers race_numbers
    part races-releases race_releases
    part races-readers race_readers
    part races-groups race_groups
    part races-logs race_logs
}
