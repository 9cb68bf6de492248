#!/usr/bin/env python3
"""rt_run.py PROGRAM PROJECT ENV ACCOUNT: a whole run as its people do it: each does and signs what waits for them, turn by turn, until the rest
waits for what nobody can do now.

PROJECT has a plan in `plan/`. Checks that do not pass are for who called this to judge. Ends with 1 when the run fails."""
import json
import subprocess
import sys

# More turns than any plan has steps behind each other.
TURNS = 80


def main():
    program, project, env, account = sys.argv[1:5]
    plan = json.load(open(f"{project}/plan/plan.json"))

    def call(*args, may=(0,)):
        done = subprocess.run([program, *args], capture_output=True, text=True, check=False)
        if done.returncode not in may:
            sys.exit(f"{args}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    call("run", project, "--env", env, "--account", account, may=(0, 4))
    for item, what in plan["items"].items():
        for by in what.get("signed_by", []):
            call("sign", item, "--project", project, "--by", by, may=(0, 1, 2))
    before = None
    for _ in range(TURNS):
        for by in plan["people"]:
            call("did", "stage/*", project, "--env", env, "--by", by, "--evidence", "a try", may=(0, 2))
        for item, what in plan["items"].items():
            if {"check", "criterion", "objective"} & set(what["content"]) and what.get("owner"):
                call("did", item, project, "--env", env, "--by", what["owner"], may=(0, 2))
        done = call("run", project, "--env", env, may=(0, 4, 5))
        print(done.stderr, end="")
        # It is over, it failed, or it waits for what it waited for already: for a time, or for somebody who is not here.
        if done.returncode != 4 or done.stdout == before:
            break
        before = done.stdout
    print(done.stdout)


main()
