"""Servers that are killed while they work: nothing may be lost, done twice or out of order.

usage: kills.py PLUE DATABASE [--jobs N] [--kills N] [--servers N] [--runners N] [--seed N]

Runs of a hundred jobs in four stages, each needing the whole stage before, are queued with `plue run --detach`. Server
processes (`plue runner start`) execute them; one after the other is ended with SIGKILL at a random moment and started
again. When all is done, the database itself is asked. The last line tells the figures; the exit status is 1 if any rule
is broken.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

WIDTH, STAGES = 25, 4


def workflow():
    legs = ", ".join(str(n) for n in range(WIDTH))
    text = "on: push\njobs:\n"
    for stage in range(STAGES):
        needs = f"    needs: s{stage - 1}\n" if stage else ""
        text += (
            f"  s{stage}:\n    runs-on: self-hosted\n{needs}    strategy: {{matrix: {{n: [{legs}]}}, fail-fast: false}}\n"
            "    steps: [{run: 'true'}]\n"
        )
    return text


class Database:
    """The one that the servers work on, asked by its own client."""

    def __init__(self, url):
        self.url = url

    def value(self, sql):
        if self.url.startswith("postgres"):
            words = ["psql", self.url, "-XAtq", "-c", sql]
        else:
            words = ["sqlite3", "-cmd", ".timeout 60000", self.url.removeprefix("sqlite:"), sql]
        answer = subprocess.run(words, check=True, capture_output=True, text=True)
        return int(answer.stdout.strip() or 0)

    RULES = {
        "lost": "SELECT count(*) FROM actions_job_executions WHERE conclusion IS NULL",
        "failed": "SELECT count(*) FROM actions_job_executions WHERE conclusion IS NOT NULL AND conclusion <> 'success'",
        # Each claim but the last was lost, and the last one ended the job.
        "doubled": "SELECT count(*) FROM actions_job_executions WHERE claims <> lost_claims + 1",
        "out of order": """SELECT count(*) FROM actions_execution_needs n
            JOIN actions_job_executions d ON d.id = n.execution_id
            JOIN actions_job_executions e ON e.id = n.needs_execution_id
            WHERE d.started_at < e.completed_at""",
        "open runs": "SELECT count(*) FROM actions_live_runs",
        "leases left": "SELECT count(*) FROM actions_leases",
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("plue")
    parser.add_argument("database")
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--servers", type=int, default=2)
    parser.add_argument("--runners", type=int, default=25)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    options = parser.parse_args()
    plue = os.path.abspath(options.plue)
    chance = random.Random(options.seed)
    print(f"seed {options.seed}", flush=True)
    folder = tempfile.mkdtemp(prefix="plue-kills-")
    environment = dict(os.environ, PLUE_DATABASE=options.database)
    for name in ["DATA", "CACHE", "CONFIG"]:
        environment[f"XDG_{name}_HOME"] = os.path.join(folder, name.lower())
    tree = os.path.join(folder, "tree")
    os.makedirs(os.path.join(tree, ".github/workflows"))
    with open(os.path.join(tree, ".github/workflows/w.yml"), "w") as file:
        file.write(workflow())
    git = ["git", "-C", tree, "-c", "user.name=t", "-c", "user.email=t@example.invalid", "-c", "commit.gpgsign=false"]
    for words in [["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "init"]]:
        subprocess.run(git + words, check=True)

    def start(number):
        log = open(os.path.join(folder, f"server-{number}.log"), "a")
        words = [plue, "runner", "start", "--name", f"server-{number}", "--runners", str(options.runners)]
        return subprocess.Popen(words, env=environment, cwd=tree, stdout=log, stderr=log, start_new_session=True)

    total = options.jobs // (WIDTH * STAGES) * WIDTH * STAGES
    began = time.monotonic()
    for _ in range(total // (WIDTH * STAGES)):
        subprocess.run([plue, "run", "--detach"], env=environment, cwd=tree, check=True, capture_output=True)
    print(f"{total} jobs queued in {time.monotonic() - began:.1f} s", flush=True)
    database = Database(options.database)
    servers = [start(number) for number in range(options.servers)]
    began = time.monotonic()
    kills = busy = 0
    deadline = began + 3_600
    try:
        while time.monotonic() < deadline:
            is_open = database.value(Database.RULES["open runs"]) > 0
            if not is_open:
                break
            if kills < options.kills:
                time.sleep(chance.uniform(0.5, 3))
                number = kills % options.servers
                busy += database.value(Database.RULES["leases left"]) > 0
                os.killpg(servers[number].pid, signal.SIGKILL)
                servers[number].wait()
                servers[number] = start(number)
                kills += 1
            else:
                time.sleep(0.5)
        seconds = time.monotonic() - began
    finally:
        for server in servers:
            server.send_signal(signal.SIGINT)
        for server in servers:
            try:
                server.wait(30)
            except subprocess.TimeoutExpired:
                server.kill()
    broken = {name: count for name, sql in Database.RULES.items() if (count := database.value(sql))}
    doctor = subprocess.run([plue, "doctor"], env=environment, cwd=tree, capture_output=True, text=True)
    if doctor.returncode:
        broken["doctor"] = doctor.stdout + doctor.stderr
    done = database.value("SELECT count(*) FROM actions_job_executions WHERE conclusion = 'success'")
    lost = database.value("SELECT sum(lost_claims) FROM actions_job_executions")
    if done != total:
        broken["done"] = f"{done} of {total}"
    if kills < options.kills:
        broken["kills"] = f"all was done after {kills}: queue more jobs"
    if broken:
        print(f"kept: {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    print(
        f"{kills} kills -9 ({busy} while jobs ran) of {options.servers} servers with {options.runners} runners each: {done} of {total}"
        f" jobs done in {seconds:.0f} s, {lost} claims lost and made good; " + (f"BROKEN: {broken}" if broken else "nothing broken")
    )
    sys.exit(1 if broken else 0)


main()
