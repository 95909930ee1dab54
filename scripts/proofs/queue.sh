# shellcheck shell=bash
# The queue: the simulator, servers that are killed, what it promises. Read by scripts/acceptance.

# ---- queue: the simulator -------------------------------------------------------------------------------------------

# simulated FIRST CHUNKS SIZE COMMAND…: so many seeds from FIRST, a chunk a process. Chunks that passed for the same
# sources are kept beside the build, so that a part that was interrupted goes on where it stopped; with --again, or another
# PLUE_TEST_SEED, it begins anew.
simulated() {
    local first="$1" chunks="$2" size="$3" number kept
    shift 3
    kept=".build/simulated/$sources-$first-$size-$(basename "$1")"
    [ -z "$again" ] || rm -rf "$kept"
    mkdir -p "$kept"
    for number in $(seq 0 $((chunks - 1))); do
        [ ! -s "$kept/$number" ] || continue
        "$@" --seed $((first + number * size)) --seeds "$size" --steps 200 --json > "$scratch/simulated" ||
            { cat "$scratch/simulated"; return 1; }
        cp "$scratch/simulated" "$kept/$number"
    done
    cat "$kept"/* | python3 -c '
import json, sys

total, rates = {}, []
for line in sys.stdin:
    record = json.loads(line)
    rates.append(record["seeds_per_second"])
    for key, value in record.items():
        if isinstance(value, int) and key not in ("v", "seed"):
            total[key] = total.get(key, 0) + value
database, first = record["database"], int(sys.argv[1])
words = ", ".join(f"{value} {key.replace(chr(95), chr(32))}" for key, value in total.items())
print(f"{database}, seeds from {first}: {words}; {sum(rates) / len(rates):.2f} seeds a second; every rule held")
' "$first"
}

# 10,000 seeds of 200 steps and their end, two at a time.
simulate_sqlite() {
    simulated "${PLUE_TEST_SEED:-1}" 40 250 "$PLUE" bench simulate --workers 2 --database sqlite::memory:
}

# Run by scripts/postgres: the server's connection string as the URL that the command takes.
simulate_server() {
    local host
    host="$(sed -E 's/.*host=([^ ]*).*/\1/; s,/,%2F,g' <<< "$PLUE_TEST_POSTGRES")"
    "$PLUE" bench simulate --database "postgres://postgres@/postgres?host=$host" "$@"
}

# 200 seeds, each step of up to six actions at the same time.
simulate_postgres() {
    export -f simulate_server
    simulated "${PLUE_TEST_SEED:-1}" 10 20 scripts/postgres bash -euo pipefail -c 'simulate_server "$@"' simulate_server \
        --workers 2
}

simulate_parts() {
    part simulate-sqlite simulate_sqlite
    part simulate-postgres simulate_postgres
}

# ---- queue: end of the simulator ------------------------------------------------------------------------------------

# Run by scripts/postgres.
kill_servers() {
    local host
    host="$(sed -E 's/.*host=([^ ]*).*/\1/; s,/,%2F,g' <<< "$PLUE_TEST_POSTGRES")"
    python3 Benchmarks/kills.py "$PLUE" "postgres://postgres@/postgres?host=$host" "$@"
}

# Two servers of 25 runners, 10,000 jobs with dependencies, 50 kills.
killed_servers() {
    export -f kill_servers
    scripts/postgres bash -euo pipefail -c 'kill_servers "$@"' kill_servers --jobs 10000 --kills 50
}

# The same with one process on SQLite.
killed_server_sqlite() {
    python3 Benchmarks/kills.py "$PLUE" "sqlite:$scratch/kills.db" --servers 1 --jobs 10000 --kills 50
}

# ---- queue: what it promises, a sentence a part ---------------------------------------------------------------------

# Run by scripts/postgres: the command on a server with the settings that the bare queues were measured with.
tuned_server() {
    local host setting
    host="$(sed -E 's/.*host=([^ ]*).*/\1/' <<< "$PLUE_TEST_POSTGRES")"
    for setting in "jit = off" "shared_buffers = '4GB'" "max_wal_size = '16GB'" "checkpoint_timeout = '30min'" \
        "autovacuum_naptime = '10s'"; do
        psql -h "$host" -U postgres -qc "ALTER SYSTEM SET $setting" postgres
    done
    "$PLUE_TEST_SERVER" restart
    "$@"
}

tuned() {
    export -f tuned_server
    scripts/postgres bash -euo pipefail -c 'tuned_server "$@"' tuned "$@"
}

# bench_queue NAME OPTIONS…: both databases; the files stay beside the build until the next time. The last line is every
# figure but those that must be 0 and are.
bench_queue() {
    local kept=".build/bench/$1" status=0
    shift
    rm -rf "$kept"
    tuned "$PLUE" bench queue --output "$kept" --commit "$commit" "$@" || status=$?
    [ -s "$kept/result.json" ] || return 1
    python3 -c '
import json, sys

result = json.load(open(sys.argv[1]))
words = []
for figure in result["figures"]:
    if figure["unit"] == "faults" and not figure["ours"]:
        continue
    database, name, ours, unit = (figure[key] for key in ("database", "name", "ours", "unit"))
    ratio = figure["ratio"]
    words.append(f"{database} {name}: {ours:.4g} {unit}" + (f" (ratio {ratio:.3g})" if ratio else ""))
print("; ".join(words) + "; faults: %d" % result["faults"])
' "$kept/result.json"
    return $status
}

bench_load() { bench_queue load --part load --rate 50 --duration 60; }
bench_load_flat() { bench_queue load-flat --part load --duration 60; }
bench_idle() { bench_queue idle --part idle; }
bench_fairness() { bench_queue fairness --part fairness; }
bench_late() { bench_queue late --part late; }
bench_snapshot() { bench_queue snapshot --part snapshot --jobs 10000; }
bench_wal() { bench_queue wal --part wal --jobs 10000; }
bench_history() { bench_queue history --part history; }
bench_runs() { bench_queue runs --part runs; }
bench_runs_async() { bench_queue runs-async --part runs --synchronous-commit off; }

# peers PART: plue beside bare queues of the same server, in turn; PLUE_BENCH_ROUNDS of them (5).
peers() {
    local folder=../shared/bench/queue
    [ -e "$folder/qb.c" ] || { echo "skipped: no $folder"; return 0; }
    tuned python3 Benchmarks/peers.py "$PLUE" "$folder" "$1" --rounds "${PLUE_BENCH_ROUNDS:-5}"
}

bench_throughput() { peers throughput; }
bench_held() { peers held; }
bench_wal_peer() { peers wal; }
bench_claims() { bench_queue claims --part claims; }

bench_queue_parts() {
    part bench-throughput bench_throughput
    part bench-held bench_held
    part bench-wal-peer bench_wal_peer
    part bench-claims bench_claims
    part bench-load bench_load
    part bench-load-flat bench_load_flat
    part bench-idle bench_idle
    part bench-fairness bench_fairness
    part bench-late bench_late
    part bench-snapshot bench_snapshot
    part bench-wal bench_wal
    part bench-history bench_history
    part bench-runs bench_runs
    part bench-runs-async bench_runs_async
}

queue_parts() {
    simulate_parts
    bench_queue_parts
    part kills-postgres killed_servers
    part kills-sqlite killed_server_sqlite
}
