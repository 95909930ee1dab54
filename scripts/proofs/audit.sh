# shellcheck shell=bash
# The audit log. Read by scripts/acceptance.

# A million rows sealed and verified on both databases, and writers beside a sealer.
bench_audit() {
    scripts/postgres "$PLUE" bench audit --json > "$scratch/audit" || { cat "$scratch/audit"; return 1; }
    python3 -c '
import json, sys

words = []
for line in map(json.loads, open(sys.argv[1])):
    database, name, ours, unit = (line[key] for key in ("database", "name", "ours", "unit"))
    ratio = line.get("ratio")
    words.append(f"{database} {name}: {ours:.4g} {unit}" + (f" (ratio {ratio:.3g})" if ratio else ""))
print("; ".join(words))
' "$scratch/audit"
}

# Each verb on a log of real runs: sealed, proven, found out when a row is changed in the file of the database.
audit_verbs() {
    repository "$scratch/audited" << 'Y'
on: push
jobs: {a: {runs-on: ubuntu-latest, steps: [{run: echo hi}]}}
Y
    for _ in 1 2 3; do "$PLUE" run -C "$scratch/audited" > /dev/null 2>&1; done
    "$PLUE" audit seal > "$scratch/note"
    "$PLUE" audit verify
    "$PLUE" audit prove 1 > "$scratch/proof"
    "$PLUE" audit verify --proof "$scratch/proof" --key "$("$PLUE" audit key)"
    python3 - "$XDG_DATA_HOME/plue/plue.db" << 'P'
import sqlite3, sys

db = sqlite3.connect(sys.argv[1])
db.execute("DROP TRIGGER actions_audit_log_no_update")
db.execute("UPDATE actions_audit_log SET actor = 'mallory' WHERE id = 2")
db.commit()
P
    local code=0
    "$PLUE" audit verify > "$scratch/found" || code=$?
    [ $code = 1 ] || { echo "exit $code, expected 1"; return 1; }
    grep "edited row 2 leaf" "$scratch/found"
}

audit_parts() {
    part verbs audit_verbs
    part bench bench_audit
}
