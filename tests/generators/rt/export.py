#!/usr/bin/env python3
"""Exports a Request Tracker 5 over its REST 2 interface into a folder: one JSONL file a kind.

    RT_URL=http://127.0.0.1:18091 RT_TOKEN=... python3 export.py FOLDER

Only Python's standard library. What it reads is what any administrator's token may read; it writes nothing to the RT.
The layout is described in examples/rt-to-zendesk/export/README.md. Configuration that REST 2 does not show (lifecycles,
service levels, scrips, templates) comes from export_config.pl, into the same folder.

What it decides, so that a reader need not know RT:
- A reference to a person, queue, group or field is that thing's Name, unique in RT; to a ticket or transaction its id.
- RT says "never" as 1970-01-01T00:00:00Z and "nobody" as the user Nobody: both become null here.
- Search hides merged and deleted tickets. Their ids are the gaps between the found ones, so each gap is asked for singly:
  an answer under another id is a merged ticket (a MergedInto link), an answer with status deleted is a deleted one.
"""

import base64
import hashlib
import http.client
import json
import os
import pathlib
import sys
import urllib.parse

SMALL = 64 * 1024  # bodies of larger attachments are left out; size and digest remain
NEVER = "1970-01-01T00:00:00Z"
COMMENT_TYPES = {"Create", "Correspond", "Comment"}
HISTORY_TYPES = {"Status", "Set", "CustomField", "AddWatcher", "DelWatcher", "AddLink", "DeleteLink", "Take", "Untake", "Steal", "Force", "Give", "SetWatcher"}


class Rt:
    """One kept-open connection to an RT."""

    def __init__(self, url, token):
        parts = urllib.parse.urlsplit(url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self.connection = kind(parts.netloc, timeout=60)
        self.base = parts.path.rstrip("/") + "/REST/2.0/"
        self.headers = {"Authorization": "token " + token, "Accept": "application/json"}

    def get(self, path, **query):
        """The decoded answer, or None for 404; any other refusal ends the export."""
        target = self.base + urllib.parse.quote(path) + ("?" + urllib.parse.urlencode(query) if query else "")
        for attempt in range(3):
            try:
                self.connection.request("GET", target, headers=self.headers)
                answer = self.connection.getresponse()
                body = answer.read()
                break
            except (http.client.HTTPException, ConnectionError):
                # The server closes a connection after so many requests; reading is safe to repeat.
                self.connection.close()
                if attempt == 2:
                    raise
        if answer.status == 404:
            return None
        if answer.status != 200:
            sys.exit("GET %s: %d %s" % (target, answer.status, body[:200]))
        return json.loads(body)

    def all(self, path, **query):
        """Every item of a paged collection."""
        page = 1
        while True:
            answer = self.get(path, per_page=100, page=page, **query)
            yield from answer["items"]
            if not answer.get("next_page"):
                return
            page += 1

    def search(self, path, *limits, **query):
        """A collection that needs a JSON search; disabled rows included."""
        wanted = [{"field": f, "operator": o, "value": v} for f, o, v in limits]
        return self.all(path, query=json.dumps(wanted), find_disabled_rows=1, orderby="id", **query)


def moment(value):
    return None if value in (None, "", NEVER) else value


def number(value):
    return int(value or 0)


def name(reference):
    """The name in a reference to a person; None for Nobody and for an empty role."""
    found = reference.get("id") if isinstance(reference, dict) else None
    return None if found in (None, "", "Nobody") else str(found)


def names(references):
    return sorted(filter(None, (name(r) for r in references or [])))


def link(ticket, kind, target=None, url=None):
    """A link. RT shows no ids of links, so this one is made of what tells them apart."""
    return {"id": "%d %s %s" % (ticket, kind, target or url), "Ticket": ticket, "Type": kind, "Target": target, "Url": url}


class Export:
    def __init__(self, rt, folder):
        self.rt, self.folder = rt, pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.queues, self.groups = {}, {}
        self.single = set()  # ids of custom fields that take one value

    def write(self, file, lines):
        count = 0
        with open(self.folder / file, "w", encoding="utf-8", newline="\n") as out:
            for line in lines:
                out.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
                count += 1
        print("%-22s %6d" % (file, count))

    def run(self):
        self.write("queues.jsonl", self.queue_lines())
        self.write("groups.jsonl", self.group_lines())
        self.write("custom_fields.jsonl", self.custom_field_lines())
        self.write("users.jsonl", self.user_lines())
        tickets, merged = self.tickets()
        self.write("tickets.jsonl", (self.ticket_line(t) for t in tickets))
        links = merged + [line for t in tickets for line in self.link_lines(t)]
        self.write("links.jsonl", sorted(links, key=lambda line: (line["Ticket"], line["id"])))
        comments, history, files = [], [], []
        for ticket in tickets:
            self.transactions(ticket["id"], comments, history, files)
        for file, lines in (("comments.jsonl", comments), ("history.jsonl", history), ("attachments.jsonl", files)):
            self.write(file, sorted(lines, key=lambda line: line["id"]))

    def queue_lines(self):
        found = sorted(int(q["id"]) for q in self.rt.search("queues", ("id", ">", 0)))
        for at in found:
            q = self.rt.get("queue/%d" % at)
            self.queues[str(at)] = q["Name"]
            yield {
                "id": at, "Name": q["Name"], "Description": q.get("Description", ""), "Lifecycle": q["Lifecycle"],
                "CorrespondAddress": q.get("CorrespondAddress") or None, "CommentAddress": q.get("CommentAddress") or None,
                "SLADisabled": q.get("SLADisabled") == "1", "Disabled": q.get("Disabled") == "1",
                "TicketCustomFields": sorted(f["name"] for f in q.get("TicketCustomFields") or []),
                "Created": moment(q["Created"]), "LastUpdated": moment(q["LastUpdated"]),
            }

    def group_lines(self):
        for item in self.rt.search("groups", ("Domain", "=", "UserDefined")):
            g = self.rt.get("group/%s" % item["id"])
            self.groups[str(g["id"])] = g["Name"]
            members = []
            for m in g.get("Members") or []:
                person = self.rt.get("user/%s" % m["id"]) if m.get("type") == "user" else None
                members.append(person["Name"] if person else str(m["id"]))
            yield {
                "id": g["id"], "Name": g["Name"], "Description": g.get("Description", ""), "Members": sorted(members),
                "Disabled": g.get("Disabled") == "1", "Created": moment(g["Created"]), "LastUpdated": moment(g["LastUpdated"]),
            }

    def user_lines(self):
        found = {u["id"] for u in self.rt.search("users", ("id", ">", 0))} | {"root", "RT_System"}
        people = [self.rt.get("user/%s" % n) for n in sorted(found) if n != "Nobody"]
        for u in sorted(people, key=lambda u: u["id"]):
            yield {
                "id": u["id"], "Name": u["Name"], "RealName": u.get("RealName") or None, "EmailAddress": u.get("EmailAddress") or None,
                "Organization": u.get("Organization") or None, "Privileged": bool(u.get("Privileged")), "Disabled": u.get("Disabled") == "1",
                "Memberships": sorted(self.groups[str(m["id"])] for m in u.get("Memberships") or [] if str(m["id"]) in self.groups),
                "CustomFields": self.fields(u), "Created": moment(u["Created"]), "LastUpdated": moment(u["LastUpdated"]),
            }

    def custom_field_lines(self):
        applied = {}
        for at, queue in self.queues.items():
            for f in self.rt.get("queue/%s" % at).get("TicketCustomFields") or []:
                applied.setdefault(str(f["id"]), []).append(queue)
        for item in self.rt.search("customfields", ("id", ">", 0)):
            f = self.rt.get("customfield/%s" % item["id"])
            single = number(f["MaxValues"]) == 1
            if single:
                self.single.add(str(f["id"]))
            options = self.rt.get("customfield/%s/values" % item["id"], per_page=100) if "Values" in f else {"items": []}
            yield {
                "id": f["id"], "Name": f["Name"], "Type": f["Type"] + ("" if single else "Multiple"), "MaxValues": number(f["MaxValues"]), "LookupType": f["LookupType"],
                "Pattern": f.get("Pattern") or None, "Values": [v["name"] for v in options["items"]], "AppliesTo": sorted(applied.get(str(f["id"]), [])),
                "Disabled": f.get("Disabled") == "1", "Created": moment(f["Created"]), "LastUpdated": moment(f["LastUpdated"]),
            }

    def fields(self, record):
        """Custom fields as an object, by name: a value, or a list where the field takes several. Only those that hold any."""
        held = {}
        for f in sorted(record.get("CustomFields") or [], key=lambda f: f["name"]):
            if f.get("values"):
                held[f["name"]] = f["values"][0] if str(f["id"]) in self.single else f["values"]
        return held

    def tickets(self):
        """All tickets, deleted ones too, by id, and a link from each id that was merged away."""
        seen = sorted(int(t["id"]) for t in self.rt.all("tickets", query="id > 0", orderby="id"))
        tickets, merged, found = [], [], set(seen)
        # One past the last found id is enough: ids after it were never given, or their tickets are gone.
        last = max(seen, default=0)
        for at in range(1, last + 1):
            t = self.rt.get("ticket/%d" % at)
            if t is None:
                continue
            if int(t["id"]) != at:
                merged.append(link(at, "MergedInto", target=int(t["id"])))
            elif at in found or t["Status"] == "deleted":
                tickets.append(t)
        return tickets, merged

    def ticket_line(self, t):
        return {
            "id": int(t["id"]), "Queue": self.queues[str(t["Queue"]["id"])], "Subject": t.get("Subject", ""), "Status": t["Status"], "Type": t["Type"],
            "Priority": number(t["Priority"]), "InitialPriority": number(t["InitialPriority"]), "FinalPriority": number(t["FinalPriority"]),
            "Owner": name(t["Owner"]), "Creator": name(t["Creator"]), "LastUpdatedBy": name(t["LastUpdatedBy"]),
            "Requestors": names(t["Requestor"]), "Cc": names(t["Cc"]), "AdminCc": names(t["AdminCc"]), "SLA": t.get("SLA") or None,
            "Created": moment(t["Created"]), "LastUpdated": moment(t["LastUpdated"]),
            **{column: moment(t.get(column)) for column in ("Starts", "Started", "Told", "Due", "Resolved")},
            **{column: number(t.get(column)) for column in ("TimeWorked", "TimeEstimated", "TimeLeft")},
            "CustomFields": self.fields(t),
        }

    def link_lines(self, t):
        forward = {"depends-on": "DependsOn", "refers-to": "RefersTo", "parent": "MemberOf"}
        found = []
        for shown in t.get("_hyperlinks") or []:
            kind = forward.get(shown.get("ref"))
            if kind and shown.get("type") == "ticket":
                found.append(link(int(t["id"]), kind, target=int(shown["id"])))
            elif kind:
                found.append(link(int(t["id"]), kind, url=shown.get("_url")))
        return found

    def transactions(self, ticket, comments, history, files):
        parts = {}
        for item in self.rt.all("ticket/%s/attachments" % ticket):
            part = self.rt.get("attachment/%s" % item["id"])
            parts.setdefault(str(part["TransactionId"]["id"]), []).append(part)
        columns = "Type,Creator,Created,Field,OldValue,NewValue,TimeTaken"
        for t in self.rt.all("ticket/%s/history" % ticket, fields=columns):
            line = {"id": int(t["id"]), "Ticket": int(ticket), "Type": t["Type"], "Creator": name(t["Creator"]), "Created": moment(t["Created"])}
            if t["Type"] in COMMENT_TYPES:
                body, attached = self.split(sorted(parts.get(str(t["id"]), []), key=lambda p: int(p["id"])))
                files += [self.file_line(ticket, line, part) for part in attached]
                comments.append({
                    **line, "Internal": t["Type"] == "Comment", "TimeTaken": number(t["TimeTaken"]),
                    "ContentType": body["ContentType"] if body else None, "Content": content(body).decode("utf-8", "replace") if body else None,
                })
            elif t["Type"] in HISTORY_TYPES:
                history.append({**line, "Field": t.get("Field") or None, "OldValue": t.get("OldValue") or None, "NewValue": t.get("NewValue") or None})

    @staticmethod
    def split(parts):
        """The text of a transaction and its files. An empty multipart row precedes each text that has files beside it."""
        leaves = [p for p in parts if not p["ContentType"].startswith("multipart/")]
        body = next((p for p in leaves if p["ContentType"].startswith("text/") and not p.get("Filename")), None)
        return body, [p for p in leaves if p is not body]

    @staticmethod
    def file_line(ticket, transaction, part):
        data = content(part)
        return {
            "id": int(part["id"]), "Ticket": int(ticket), "Transaction": transaction["id"], "Filename": part.get("Filename") or None, "ContentType": part["ContentType"],
            "Size": len(data), "Sha256": hashlib.sha256(data).hexdigest(), "Created": transaction["Created"],
            "Content": base64.b64encode(data).decode() if len(data) <= SMALL else None,
        }


def content(part):
    """Bytes of an attachment: RT sends them in base64, or not at all when it has none."""
    return base64.b64decode(part.get("Content") or "")


if __name__ == "__main__":
    if len(sys.argv) != 2 or "RT_URL" not in os.environ or "RT_TOKEN" not in os.environ:
        sys.exit("usage: RT_URL=http://... RT_TOKEN=... python3 export.py FOLDER")
    Export(Rt(os.environ["RT_URL"], os.environ["RT_TOKEN"]), sys.argv[1]).run()
