#!/usr/bin/env python3
"""A shop leaves Help Scout for Request Tracker: an export of files is loaded into a live server, and compared with it by this program.

to_rt.py make PROJECT ADDRESS        writes a project whose window is now: spec, inventories, an invented export with files, an environment
to_rt.py compare PROJECT ADDRESS TOKEN
                                     reads everything back over REST 2 and says each difference; ends with 1 when there is one
to_rt.py empty ADDRESS TOKEN         ends with 1 unless the tickets are all deleted again

The server has what rt5-shop.json describes. Not a line of the program that migrates is used."""
import base64
import datetime
import hashlib
import json
import os
import random
import sys
import urllib.parse
import urllib.request

QUEUES = ["Shop", "Wholesale", "Studio"]
STATUSES = {"active": "open", "pending": "stalled", "closed": "resolved"}
GLAZES = ["Celadon", "Shino", "Tenmoku", "Raku"]

SPEC = """edition 1

migration pots "Pots by Post: Help Scout to Request Tracker" {
  source  helpscout "pots"              plan "Plus"  inventory "inventory/source.yaml"
  target  rt        "desk.example.org"  inventory "inventory/target.yaml"
  sandbox rt        "trial.example.org"
  secret  source    "HELPSCOUT_TOKEN"   until {later}
  secret  target    "RT_TOKEN"          until {later}
  window  {opens} to {closes} in "Europe/London"
}

team small {
  ines "Ines Prado"  role decision_maker      contact "+44 20 7946 0101"   available {opens} to {closes}
  tom  "Tom Webb"    role configuration_lead  contact "tom@pots.example"   available {opens} to {closes}
  ruth "Ruth Amadi"  role data_owner          contact "ruth@pots.example"  available {opens} to {closes}
  kofi "Kofi Lunde"  role agent_champion      contact "kofi@pots.example"  available {opens} to {closes}
}

baseline  autumn   of source        from {from} to {to}
objective replies  "Answer sooner"  owner ines  { median first_response_time at most 90% of autumn within 30 days }

scope {
  retire   organizations, tags   because "Request Tracker has no such things"
  recreate custom_fields         owner tom
  import   customers             identified by email
  import   users                 where active
  retire   users                 the rest  because "they left the shop"
  import   conversations         where status is not "spam"
  retire   conversations         the rest  because "nobody reads spam again"
  import   threads, attachments  with conversation
  recreate inboxes, workflows    owner tom
  retire   saved_replies, teams  because "written anew"
}
integration none      because "nothing but mail is connected"
inbound     shop      "hello@pots.example"      held at "mail provider"  owner tom
inbound     wholesale "wholesale@pots.example"  held at "mail provider"  owner tom
inbound     studio    "studio@pots.example"     held at "mail provider"  owner tom

accept authors        in "vault:pots"  owner ruth  signed by ines  because "over REST whoever calls is the author"
accept comment_times  in "vault:pots"  owner ruth  signed by ines  because "over REST what is said is said now"

backup full  in "vault:pots"  owner ruth { everything; restore 50 conversations  signed by tom }

map conversation -> ticket {
  subject             -> subject    cut to 200  lossy "Request Tracker's limit"
  customer            -> requestor
  assignee            -> `owner`    when missing empty
  mailbox             -> queue      by inboxes
  status              -> status     by statuses
  custom.order_number -> custom.order_number
  custom.glaze        -> custom.glaze  by glazes
  drop thread.first  because "it is the first thread"
  remaining fields by catalog
}
map thread -> comment {
  type -> type  by kinds
  drop author, created_at  because "they are accepted losses, and kept in the vault"
  remaining fields by catalog
}
map attachment -> attachment  by catalog
map customer -> user {
  email -> name       cut to 200  when missing reject  lossy "Request Tracker's limit"
  email -> email      when missing reject
  name  -> real_name  cut to 120  when missing "Customer without a name"  lossy "Request Tracker's limit"
  drop organization  because "Request Tracker has no such things"
  remaining fields by catalog
}
map user -> user {
  email  -> name        cut to 200  lossy "Request Tracker's limit"
  email  -> email
  name   -> real_name   cut to 120  lossy "Request Tracker's limit"
  active -> privileged
  drop `role`, time_zone  because "rights are set by hand"
  remaining fields by catalog
}
translate inboxes  { "Shop" -> "Shop"; "Wholesale" -> "Wholesale"; "Studio" -> "Studio" }
translate statuses { "active" -> "open"; "pending" -> "stalled"; "closed" -> "resolved" }
translate glazes   { "Celadon" -> "Celadon"; "Shino" -> "Shino"; "Tenmoku" -> "Tenmoku"; "Raku" -> "Raku" }
translate kinds    { "note" -> "Comment"; "reply", "customer", "phone", "chat" -> "Correspond"  lossy "who said it stands in the vault" }

rehearse sandbox  owner tom  signed by kofi { sample 100 conversations  spread over status, mailbox }
go live  owner tom  signed by ines { hold inbound; load everything; switch email; drain inbound }
announce customers  template "announce/customers.md"  owner kofi  signed by ines  from window - 3 days
train    agents     owner kofi  before window { receive; both_systems }

rollback  decided by ines, ruth  else stay paused  within 30 min {
  trigger failures  failed_imports more than 0.5% over 200 records
  undo everything before switch
  keep new tickets, replies  in "vault:pots"  owner kofi  after switch
  message "announce/rollback.md"
}
hypercare  owner tom   for 7 days { daily 09:30 }
ownership  owner kofi  for 30 days
read only source  access within 24 hours  owner ruth  until {later}
decommission source  owner tom  signed by ines  after checks, hypercare
"""

SOURCE = """format: 1
platform: helpscout
account: pots
plan: Plus
taken: "{today}"
made_from: an invented export
time_zone: Europe/London
custom_fields:
  conversation:
    order_number: {{ type: text?, title: Order number, api: "5101" }}
    glaze: {{ type: choice?, title: Glaze, api: "5102", options: [Celadon, Shino, Tenmoku, Raku] }}
objects:
  mailbox: [{{ name: Shop, used: {count} }}, {{ name: Wholesale, used: {count} }}, {{ name: Studio, used: {count} }}]
  user: [{{ name: "1", role: User }}, {{ name: "2", role: User }}, {{ name: "3", role: User }}, {{ name: "4", role: Administrator }}, {{ name: "5", role: User, inactive: true }}]
  custom_field: [Order number, Glaze]
  tag: [t1]
  saved_reply: [Hello]
  workflow: [Close after ten days]
  channel: [{{ name: Shop, address: hello@pots.example }}, {{ name: Wholesale, address: wholesale@pots.example }}, {{ name: Studio, address: studio@pots.example }}]
profile:
  conversation:
    count: {conversations}
    fields:
      subject: {{ present: {conversations}, longest: 40 }}
      mailbox: {{ present: {conversations}, distinct: 3, values: {{ Shop: {count}, Wholesale: {count}, Studio: {count} }} }}
  thread: {{ count: {threads}, fields: {{ type: {{ present: {threads}, distinct: 4 }}, body: {{ present: {threads} }} }} }}
  attachment: {{ count: {attachments} }}
  customer: {{ count: {customers}, fields: {{ email: {{ present: {customers} }} }} }}
  user: {{ count: 5 }}
"""

TARGET = """format: 1
platform: rt
account: desk.example.org
taken: "{today}"
made_from: rt5-shop.json
time_zone: UTC
custom_fields:
  ticket:
    order_number: {{ type: text?, title: Order number, api: Order number }}
    glaze: {{ type: choice?, title: Glaze, api: Glaze, options: [Celadon, Shino, Tenmoku, Raku] }}
objects:
  queue: [Shop, Wholesale, Studio]
profile:
  ticket: {{ count: 0 }}
"""

ENVIRONMENT = """journal = "run/journal.sqlite"
work    = "run/copy"
page    = "run/status.html"

[source]
connector = "files"
at        = "export"

[target]
connector    = "rt"
at           = "{address}"
token        = "RT_TOKEN"
mark         = "Foreign id"
records_mail = true

[stores]
"vault:pots" = "run/vault"
"""


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def make(project, address, conversations=90):
    draw = random.Random(20261123)
    today = datetime.datetime.now(datetime.timezone.utc)
    day = datetime.timedelta(days=1)
    records = {"customers": [], "users": [], "conversations": [], "threads": [], "attachments": [],
               "custom_fields": [], "organizations": [], "tags": []}
    for at in range(1, 6):
        records["users"].append({"id": at, "email": f"u{at}@pots.example", "name": f"Agentin Nº {at}", "role": "user" if at < 4 else "admin",
                                 "active": at != 5})
    for at in range(conversations // 3):
        records["customers"].append({"id": 10000 + at, "email": f"c{at}@mail.example", "name": None if at % 7 == 0 else f"Kundin Øre {at}"})
    files = 0
    for at in range(conversations):
        status = ["active", "pending", "closed"][at % 3]
        created = datetime.datetime(2024, 1, 2, 3, 4, 5) + day * at
        made = {"id": 1000 + at, "subject": f"Größe \"{at}\" & <b>glaze</b>", "status": status, "type": "email", "mailbox": QUEUES[at // 3 % 3],
                "customer": 10000 + at % (conversations // 3), "assignee": None if at % 5 == 0 else at % 4 + 1,
                "thread.first": "<p>first</p>", "created_at": created.strftime("%Y-%m-%dT%H:%M:%SZ"), "tags": []}
        made["custom_fields"] = {}
        if at % 2 == 0:
            made["custom.order_number"] = str(draw.randrange(10**6))
        if at % 4 == 0:
            made["custom.glaze"] = GLAZES[at // 4 % 4]
        if status == "closed":
            made["closed_at"] = (created + day * 2).strftime("%Y-%m-%dT%H:%M:%SZ")
        del made["custom_fields"]
        records["conversations"].append(made)
        for said in range(1 + at % 4):
            kind = ["customer", "note", "reply", "phone"][said]
            thread = {"id": 5000 + at * 10 + said, "conversation": 1000 + at, "author": made["customer"] if said == 0 else at % 4 + 1, "type": kind,
                      "body": f"<p>Text {said} of {at}: ä 漢字 &amp; \"quotes\"</p>", "created_at": made["created_at"], "attachments": []}
            for file in range((at + said) % 3 % 2 * (1 + at % 2)):
                name, of, content = draw.choice([
                    ("note.txt", "text/plain", f"plain text of {at}\nwith two lines\n".encode()),
                    ("Rechnung März.pdf", "application/pdf", bytes(draw.randrange(256) for _ in range(3000))),
                    ("schale.png", "image/png", b"\x89PNG\r\n\x1a\n" + bytes(draw.randrange(256) for _ in range(40000))),
                    ("liste.csv", "text/csv", "größe;preis\r\n1;2\r\n".encode()),
                ])
                key = 7000 + files
                files += 1
                path = os.path.join(project, "export", "files", str(key))
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "wb") as out:
                    out.write(content)
                records["attachments"].append({"id": key, "thread": thread["id"], "name": name, "content_type": of, "size": len(content),
                                               "file": f"files/{key}"})
                thread["attachments"].append(key)
            records["threads"].append(thread)
    for kind, all_of in records.items():
        lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in all_of)
        write(os.path.join(project, "export", f"{kind}.jsonl"), lines)
    minute, date = "%Y-%m-%d %H:%M", "%Y-%m-%d"
    month = (today.replace(day=1) - day).replace(day=1)
    words = {"opens": (today - day / 12).strftime(minute), "closes": (today + day / 2).strftime(minute), "later": (today + day * 200).strftime(date),
             "from": month.strftime(date), "to": (month + day * 27).strftime(date)}
    spec = SPEC
    for name, value in words.items():
        spec = spec.replace("{" + name + "}", value)
    write(os.path.join(project, "pots.cutover"), spec)
    figures = {"today": (today - day).strftime(date), "count": conversations // 3, "conversations": conversations, "threads": len(records["threads"]),
               "attachments": files, "customers": len(records["customers"])}
    write(os.path.join(project, "inventory", "source.yaml"), SOURCE.format(**figures))
    write(os.path.join(project, "inventory", "target.yaml"), TARGET.format(**figures))
    write(os.path.join(project, "announce", "customers.md"), "We move to a new desk. Your conversations come with us, and nothing is asked of you.\n")
    write(os.path.join(project, "announce", "rollback.md"), "We stay at the old desk for now. Write to us as ever.\n")
    write(os.path.join(project, "env.toml"), ENVIRONMENT.replace("{address}", address))


class Tracker:
    def __init__(self, address, token):
        self.address, self.token = address, token

    def get(self, path, **query):
        url = f"{self.address}/REST/2.0/{path}" + ("?" + urllib.parse.urlencode(query) if query else "")
        request = urllib.request.Request(url, headers={"Authorization": f"token {self.token}"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def pages(self, path, **query):
        page = 1
        while True:
            got = self.get(path, per_page=100, page=page, **query)
            yield from got["items"]
            if page >= got["pages"]:
                return
            page += 1

    def tickets(self):
        fields = "Subject,Status,Created,Resolved,Requestor,Owner,CustomFields"
        return list(self.pages("tickets", query="id > 0", fields=fields, **{"fields[Queue]": "Name", "orderby": "id"}))


def compare(project, address, token):
    tracker, wrong = Tracker(address, token), []

    def read(kind):
        with open(os.path.join(project, "export", f"{kind}.jsonl"), encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]

    def same(what, wanted, found):
        if wanted != found:
            wrong.append(f"{what}: {wanted!r} in the export, {found!r} in Request Tracker")

    customers = {record["id"]: record for record in read("customers")}
    users = {record["id"]: record for record in read("users")}
    threads = {record["id"]: record for record in read("threads")}
    files = {record["id"]: record for record in read("attachments")}
    for person in [*customers.values(), *(user for user in users.values() if user["active"])]:
        found = tracker.get("user/" + urllib.parse.quote(person["email"]))
        same(f"{person['email']}, address", person["email"], found.get("EmailAddress"))
        same(f"{person['email']}, name", person["name"] or "Customer without a name", found.get("RealName"))
        same(f"{person['email']}, disabled", 0, int(found.get("Disabled") or 0))
        same(f"{person['email']}, privileged", int(person["id"] in users), int(found.get("Privileged") or 0))
    there = {}
    for ticket in tracker.tickets():
        mark = [value for field in ticket["CustomFields"] if field["name"] == "Foreign id" for value in field["values"]]
        there[mark[0] if mark else f"no mark, ticket {ticket['id']}"] = ticket
    counts = {"tickets": 0, "messages": 0, "private": 0, "files": 0, "bytes": 0}
    for wanted in read("conversations"):
        mark = f"conversation:{wanted['id']}"
        ticket = there.pop(mark, None)
        if ticket is None:
            wrong.append(f"{mark} is not there")
            continue
        counts["tickets"] += 1
        whole = tracker.get(f"ticket/{ticket['id']}")
        same(f"{mark}, subject", wanted["subject"], ticket["Subject"])
        same(f"{mark}, status", STATUSES[wanted["status"]], ticket["Status"])
        same(f"{mark}, created", wanted["created_at"], ticket["Created"])
        if wanted["status"] == "closed":
            same(f"{mark}, resolved", wanted["closed_at"], ticket["Resolved"])
        same(f"{mark}, requestor", [customers[wanted["customer"]]["email"]], [person["id"] for person in ticket["Requestor"]])
        owner = users[wanted["assignee"]]["email"] if wanted["assignee"] else "Nobody"
        same(f"{mark}, owner", owner, ticket["Owner"]["id"])
        queue = tracker.get(f"queue/{whole['Queue']['id']}")["Name"]
        same(f"{mark}, queue", wanted["mailbox"], queue)
        held = {field["name"]: field["values"] for field in ticket["CustomFields"]}
        for name, field in [("Order number", "custom.order_number"), ("Glaze", "custom.glaze")]:
            same(f"{mark}, {name}", [wanted[field]] if field in wanted else [], held.get(name, []))
        said = [thread for thread in threads.values() if thread["conversation"] == wanted["id"]]
        history = [one for one in tracker.pages(f"ticket/{ticket['id']}/history", fields="Type") if one["Type"] in ("Correspond", "Comment")]
        same(f"{mark}, messages", len(said), len(history))
        for thread, entry in zip(said, sorted(history, key=lambda one: int(one["id"]))):
            counts["messages"] += 1
            counts["private"] += thread["type"] == "note"
            at = f"thread {thread['id']}"
            same(f"{at}, private", thread["type"] == "note", entry["Type"] == "Comment")
            transaction = tracker.get(f"transaction/{entry['id']}")
            parts = [link["_url"].rsplit("/", 1)[1] for link in transaction["_hyperlinks"] if link.get("ref") == "attachment"]
            parts = [tracker.get(f"attachment/{part}") for part in sorted(parts, key=int)]
            texts = [part for part in parts if not part.get("Filename") and part["ContentType"].startswith("text/")]
            text = base64.b64decode(texts[0]["Content"]).decode().rstrip("\n") if texts else None
            same(f"{at}, text", thread["body"], text)
            found = [part for part in parts if part.get("Filename")]
            same(f"{at}, files", len(thread["attachments"]), len(found))
            for key, part in zip(thread["attachments"], found):
                file = files[key]
                with open(os.path.join(project, "export", file["file"]), "rb") as content:
                    content = content.read()
                counts["files"] += 1
                counts["bytes"] += len(content)
                same(f"file {key}, name", file["name"], part["Filename"])
                same(f"file {key}, type", file["content_type"], part["ContentType"].split(";")[0])
                bytes_there = base64.b64decode(part.get("Content") or "")
                same(f"file {key}, sha256", hashlib.sha256(content).hexdigest(), hashlib.sha256(bytes_there).hexdigest())
    wrong.extend(f"{mark} is in Request Tracker and not in the export" for mark in there)
    mail = tracker.get("transactions", query="Type = 'EmailRecord' OR Type = 'CommentEmailRecord'", per_page=1)["total"]
    same("mails to people", 0, mail)
    for line in wrong[:40]:
        print(line)
    print(", ".join(f"{count:,} {what}" for what, count in counts.items()) + f": {'equal' if not wrong else f'{len(wrong)} differences'}")
    sys.exit(1 if wrong else 0)


def empty(address, token):
    left = Tracker(address, token).tickets()
    print(f"{len(left)} tickets are left")
    sys.exit(1 if left else 0)


{"make": make, "compare": compare, "empty": empty}[sys.argv[1]](*sys.argv[2:])
