#!/usr/bin/env python3
"""rt_to_desk.py ADDRESS TOKEN DESK: compares a live Request Tracker, read over its own REST 2, with the embedded desk into which the example
`rt-to-zendesk` was run from it. Not a line of the program is used. Says each difference, and ends with 1 when there is one."""
import hashlib
import base64
import json
import sqlite3
import sys
import urllib.parse
import urllib.request

STATUSES = {
    "new": "new", "requested": "new", "open": "open", "in transit": "open", "inspecting": "open", "waiting-on-customer": "pending",
    "label sent": "pending", "stalled": "hold", "on-hold": "hold", "waiting-on-vendor": "hold", "resolved": "solved", "solved": "solved",
    "rejected": "closed", "closed": "closed", "refunded": "closed", "replaced": "closed", "refused": "closed",
}
SAID = ("Create", "Correspond", "Comment")


def main():
    address, token, desk = sys.argv[1:4]
    desk = sqlite3.connect(f"file:{desk}?mode=ro", uri=True)
    wrong = []

    def get(path, **query):
        url = f"{address}/REST/2.0/{path}" + ("?" + urllib.parse.urlencode(query) if query else "")
        request = urllib.request.Request(url, headers={"Authorization": f"token {token}"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def pages(path, **query):
        page = 1
        while True:
            got = get(path, per_page=100, page=page, **query)
            yield from got["items"]
            if page >= got["pages"]:
                return
            page += 1

    def same(what, one, other):
        if one != other:
            wrong.append(f"{what}: {one!r} in Request Tracker, {other!r} in the desk")

    users = {str(row[0]): row[1] for row in desk.execute("SELECT id, email FROM user")}
    tickets = {row[1]: row for row in desk.execute(
        "SELECT id, external_id, subject, status, created_at, solved_at, requester, \"custom.region\" FROM ticket")}
    wanted, said, private = set(), 0, 0
    for found in pages("tickets", query="id > 0", fields="Subject,Status,Created,Resolved,Requestor,CustomFields"):
        # A ticket that was merged away answers as the one into which it was.
        if found["Status"] in ("deleted", "spam") or str(found["id"]) in wanted:
            continue
        key = str(found["id"])
        wanted.add(key)
        there = tickets.get(key)
        if there is None:
            wrong.append(f"ticket {key} is not in the desk")
            continue
        at = f"ticket {key}"
        same(f"{at}, subject", (found.get("Subject") or "(no subject)")[:150], there[2])
        same(f"{at}, status", STATUSES[found["Status"]], there[3])
        same(f"{at}, created", found["Created"], there[4])
        resolved = found.get("Resolved")
        same(f"{at}, resolved", None if not resolved or resolved.startswith("1970") else resolved, there[5])
        # Request Tracker has no first one among them: by name, as the export has them.
        first = sorted(person["id"] for person in found.get("Requestor") or [])[:1]
        if first and first[0]:
            person = get("user/" + urllib.parse.quote(first[0]))
            if not int(person.get("Disabled") or 0) and person.get("EmailAddress"):
                same(f"{at}, requester", person["EmailAddress"].lower(), (users.get(str(there[6])) or "").lower())
        region = [value for field in found.get("CustomFields") or [] if field["name"] == "Region" for value in field["values"]]
        if not region:
            same(f"{at}, region", "unknown", there[7])
        rows = desk.execute("SELECT mark, internal, attachments FROM comment WHERE ticket = ? AND mark LIKE 'comment:%'", (there[0],)).fetchall()
        kept = {mark.split(":", 1)[1]: (bool(internal), json.loads(files or "[]")) for mark, internal, files in rows}
        told = {}
        for entry in pages(f"ticket/{key}/history", fields="Type"):
            if entry["Type"] in SAID:
                told[str(entry["id"])] = entry["Type"] == "Comment"
        for transaction, internal in told.items():
            said += 1
            private += internal
            if transaction not in kept:
                # Without a text there is nothing that could be said again.
                continue
            same(f"{at}, message {transaction}, private", internal, kept[transaction][0])
        for transaction in kept.keys() - told.keys():
            wrong.append(f"{at}: message {transaction} is in the desk and not in Request Tracker")
    for key in tickets.keys() - wanted:
        wrong.append(f"ticket {key} is in the desk and not in the scope of Request Tracker")
    there = desk.execute("SELECT count(*) FROM comment WHERE mark LIKE 'comment:%'").fetchone()[0]
    secret = desk.execute("SELECT count(*) FROM comment WHERE mark LIKE 'comment:%' AND internal = 1").fetchone()[0]
    files = 0
    for mark, name, content in desk.execute("SELECT mark, name, file FROM attachment WHERE mark LIKE 'attachment:%'"):
        found = get("attachment/" + mark.split(":", 1)[1])
        same(f"{mark}, name", found.get("Filename"), name)
        if content is not None and found.get("Content"):
            same(f"{mark}, content", hashlib.sha256(base64.b64decode(found["Content"])).hexdigest(),
                 hashlib.sha256(base64.b64decode(json.loads(content))).hexdigest())
        files += 1
    same("messages", said, there)
    same("private messages", private, secret)
    for line in wrong[:40]:
        print(line)
    print(f"{len(wanted)} tickets, {said} messages, {private} of them private, {files} files: {'equal' if not wrong else f'{len(wrong)} differences'}")
    sys.exit(1 if wrong else 0)


main()
