#!/usr/bin/env python3
"""Makes the description of a Request Tracker account: people, tickets, merges, links, and the dirt of ten years.

    python3 make_account.py [tickets] > account.jsonl        (400 tickets unless said)

The same number gives the same bytes on every machine: own generator of numbers, no clock. One JSON object a line; `kind`
says what it is (see load.pl, which reads it). Queues, custom fields and groups are in seed.json. All people are invented;
all addresses end in example.org.
"""

import base64
import json
import sys
from datetime import datetime, timedelta

TAKEN = datetime(2026, 11, 20, 9, 0, 0)  # nothing in the account is younger


class Numbers:
    """SplitMix64: short, well known, and the same in every language and version."""

    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
        return z ^ (z >> 31)

    def below(self, n):
        return self.next() % n

    def chance(self, percent):
        return self.below(100) < percent

    def pick(self, items):
        return items[self.below(len(items))]

    def weighted(self, pairs):
        roll = self.below(sum(weight for _, weight in pairs))
        for item, weight in pairs:
            roll -= weight
            if roll < 0:
                return item
        raise AssertionError("weights add up")


AGENTS = [  # name, real name, disabled, groups
    ("amara", "Amara Osei", False, ["Agents"]),
    ("bjorn", "Björn Åkesson", False, ["Agents", "Second line"]),
    ("chiara", "Chiara Conti", False, ["Agents", "Billing team"]),
    ("daichi", "森 大地", False, ["Agents", "Second line"]),
    ("elif", "Elif Yıldız", False, ["Agents", "Führungskräfte"]),
    ("farid", "Farid Rahimi", False, ["Agents"]),
    ("greta", "Greta Lindqvist", True, ["Agents"]),
    ("hugo", "Hugo Mercier", True, ["Agents", "Billing team"]),
]

CUSTOMERS = [
    ("Ana Sousa", "ana.sousa"), ("Bob Miller", "bob.miller"), ("山田 太郎", "taro.yamada"), ("Олена Шевчук", "olena.shevchuk"),
    ("محمد الفارسي", "m.alfarsi"), ("Zoë Brontë", "zoe"), ("李 小龙", "li.xiaolong"), ("Łukasz Żółć", "lukasz.zolc"),
    ("Nguyễn Thị Hoa", "hoa.nguyen"), ("Ελένη Παππά", "eleni.pappa"), ("דנה כהן", "dana.cohen"), ("Seán O'Brien", "sean.obrien"),
    ("", "warehouse"), ("प्रिया शर्मा", "priya.sharma"), ("Müller, Jürgen (Einkauf)", "j.mueller"), ("김민수", "minsu.kim"),
    ("Carla \"CJ\" Jones", "cj"), ("Ivan Petrov", "ivan.petrov"), ("สมชาย ใจดี", "somchai"), ("Noreply Monitor", "monitor"),
    ("Frida Holm", "frida.holm"), ("Tom van den Berg", "tom.vandenberg"), ("Ana Sousa", "ana.sousa+old"), ("Kwame Mensah", "kwame"),
    ("Siti Rahma", "siti.rahma"), ("José-María de la Cruz y García-Hernández", "jm.delacruz"), ("X Æ", "x"), ("Paula Nunes", "paula.nunes"),
]

QUEUES = [("Support", 46), ("Billing", 18), ("Returns", 12), ("Onboarding", 9), ("Störungen", 7), ("Internal IT", 5), ("Old intake", 2), ("General", 1)]

STATUSES = {
    "helpdesk": [("new", 12), ("open", 20), ("waiting-on-customer", 12), ("waiting-on-vendor", 4), ("on-hold", 3), ("solved", 28), ("closed", 18), ("spam", 3)],
    "returns": [("requested", 15), ("label sent", 15), ("in transit", 12), ("inspecting", 8), ("refunded", 30), ("replaced", 14), ("refused", 6)],
    "default": [("new", 15), ("open", 22), ("stalled", 10), ("resolved", 45), ("rejected", 8)],
}
LIFECYCLE = {"Support": "helpdesk", "Billing": "helpdesk", "Returns": "returns"}
FINISHED = {"solved", "closed", "spam", "refunded", "replaced", "refused", "resolved", "rejected", "deleted"}
FIRST = {"helpdesk": "new", "returns": "requested", "default": "new"}
MIDDLE = {"helpdesk": "open", "returns": "inspecting", "default": "open"}

SUBJECTS = [
    "Cannot log in since the update", "Invoice {n} shows the wrong VAT number", "API answers 502 for /v2/orders", "Password reset mail never arrives",
    "Frage zur Rechnung {n}", "Le téléchargement échoue à 99 %", "請求書 {n} について", "Не приходит код подтверждения", "طلب استرجاع {n}",
    "App crashes when I open the camera", "Please cancel order {n}", "Rückgabe der Bestellung {n}", "Upgrade from Basic to Team", "Two accounts with one address",
    "Export of contacts is empty", "RE: RE: FW: your message of Monday", "Printer on floor 3 is out of toner", "disk usage above 90 % on node-{n}",
    "New laptop for {n}. July starters", "<b>URGENT</b> & \"important\" | pipe", "How do I add a colleague?", "  leading and trailing blanks  ", "¿Puedo pagar por transferencia?",
    "Łącze nie działa 😡", "Ticket with a\ttab inside", "Sync with the calendar is one hour late since the clocks changed",
]
LONG_TAIL = " - forwarded from the old tracker with its whole breadcrumb: Home > Customers > Europe > Contracts > Renewals > Escalations > Second reminder > Third reminder"

SENTENCES = [
    "It worked until Friday.", "Please see the attached log.", "We have tried three browsers.", "Der Fehler tritt nur bei einigen Kunden auf.", "Merci de votre aide !",
    "The order arrived with a broken corner.", "お手数ですが、ご確認ください。", "I was charged twice on the same day.", "Our contract ends next month.", "Ответьте, пожалуйста, сегодня.",
    "Nothing happens after I press the button.", "This blocks forty people.", "Could you call me back after four?", "شكرا لكم على المساعدة.", "The number on the invoice is not ours.",
]
ANSWERS = [
    "Thank you for the report; we are looking into it.", "Could you send us the exact time?", "The fix is live, please try again.", "A refund is on its way and takes three to five days.",
    "Vielen Dank, wir melden uns morgen.", "The label is attached. Please use the original box.", "I have merged your two requests.",
]
NOTES = [
    "Called twice, no answer. Do not promise a date.", "Known defect, engineers have it on their list.", "Customer is on the old price plan; check with sales first.",
    "Looks like the same cause as last week.", "Refund approved by Elif.", "VIP: answer before noon. Паспорт не просить.",
]
REGIONS = [("EMEA", 30), ("emea", 8), ("Europe", 12), ("E.M.E.A.", 3), ("US", 14), ("us", 6), ("NA", 7), ("North America", 5), ("APAC", 8), ("apac ", 4), ("Asia/Pacific", 2), ("n/a", 2), ("???", 1)]
LABELS = ["vip", "VIP", "Vip ", "b2b", "B2B", "follow-up", "follow up", "bug", "häufig", "2019-import", "do not contact"]
FILES = [
    ("log.txt", "text/plain", b"2026-03-01 08:00:01 start\n2026-03-01 08:00:02 connection refused\n"),
    ("Übersicht März.csv", "text/csv", "Datum;Betrag\n01.03.2026;12,50\n".encode()),
    ("スクリーンショット.png", "image/png", base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")),
    ("empty.dat", "application/octet-stream", b""),
    ("invoice.pdf", "application/pdf", b"%PDF-1.1\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"),
    ("../../etc/passwd.txt", "text/plain", b"only a name that tries to climb out of its folder\n"),
]


def stamp(moment):
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def mail(local):
    return local + "@example.org"


def people():
    for name, real, _, groups in AGENTS:
        yield {"kind": "user", "name": name, "real": real, "email": mail(name + ".desk"), "privileged": True, "groups": groups, "language": "en"}
    for at, (real, local) in enumerate(CUSTOMERS):
        yield {"kind": "user", "name": mail(local), "real": real, "email": mail(local), "privileged": False, "groups": [],
               "organization": ["", "Example Corp", "example corp.", "Пример ООО"][at % 4], "language": ["en", "de", "", "ja"][at % 4]}
    # One person, twice: only the case of the address differs.
    yield {"kind": "user", "name": "bob.miller.2", "real": "Bob Miller", "email": "Bob.Miller@Example.org", "privileged": False, "groups": []}
    yield {"kind": "user", "name": "oshevchuk", "real": "Olena Shevchuk", "email": "OLENA.SHEVCHUK@EXAMPLE.ORG", "privileged": False, "groups": []}


def fields_of(r, queue, moment):
    values = {}
    if queue in ("Support", "Billing", "Onboarding") and r.chance(70):
        values["Product Area"] = r.weighted([("Login", 30), ("Invoices", 25), ("API", 20), ("Mobile app", 15), ("login page", 10)])
    if queue == "Support" and r.chance(55):
        values["Platforms"] = sorted({r.pick(["Windows", "macOS", "Linux", "Android", "iOS"]) for _ in range(1 + r.below(3))})
    if queue in ("Support", "Billing", "Returns", "Onboarding") and r.chance(75):
        values["Region"] = r.weighted(REGIONS)
    if queue in ("Support", "Billing") and r.chance(45):
        values["Labels"] = sorted({r.pick(LABELS) for _ in range(1 + r.below(4))})
    if queue == "Support" and r.chance(20):
        values["Steps to reproduce"] = "1. open the page\n2. press \"Save\"\n3. " + r.pick(SENTENCES)
    if queue in ("Billing", "Onboarding") and r.chance(50):
        values["Contract end"] = (moment + timedelta(days=30 + r.below(700))).strftime("%Y-%m-%d")
    if queue in ("Support", "Billing") and r.chance(12):
        values["Callback at"] = stamp(moment + timedelta(hours=2 + r.below(90)))
    if queue in ("Störungen", "Internal IT") and r.chance(60):
        values["Client address"] = r.pick(["192.0.2.{}", "198.51.100.{}"]).format(1 + r.below(250)) if r.chance(80) else "2001:db8::%x" % (1 + r.below(60000))
    if queue == "Returns" and r.chance(85):
        values["Item condition"] = r.weighted([("new", 4), ("used", 4), ("damaged", 3)])
    if queue in ("Billing", "Returns") and r.chance(70):
        values["Order number"] = str(100000 + r.below(900000))
    if queue in ("Support", "Old intake") and r.chance(30):
        values["Old tracker number"] = "TT#%05d" % r.below(99999)
    return values


def subject_of(r, number):
    subject = r.pick(SUBJECTS).replace("{n}", str(1000 + r.below(9000)))
    if number % 37 == 0:
        subject = (subject.strip() + LONG_TAIL + LONG_TAIL)[: 151 + (number * 7) % 50]
    if number == 222:
        subject = ("Ü" * 199) + "!"  # exactly as long as the column allows, in two bytes each
    if number == 301:
        subject = ""
    return subject


def body_of(r, html_share=15):
    text = " ".join(r.pick(SENTENCES) for _ in range(1 + r.below(5)))
    if r.chance(html_share):
        return {"body": "<p>" + text.replace("&", "&amp;") + "</p><p><a href=\"https://example.org/?a=1&amp;b=2\">details</a></p>", "body_type": "text/html"}
    if r.chance(20):
        text = text.replace(". ", ".\r\n\r\n") + "\r\n-- \r\nsent from a phone"
    return {"body": text, "body_type": "text/plain"}


def files_of(r, percent):
    if not r.chance(percent):
        return []
    return [{"name": n, "type": t, "b64": base64.b64encode(d).decode()} for n, t, d in (r.pick(FILES) for _ in range(1 + (r.below(5) == 0)))]


def ticket(r, number):
    queue = r.weighted(QUEUES)
    lifecycle = LIFECYCLE.get(queue, "default")
    status = r.weighted(STATUSES[lifecycle])
    if number % 97 == 0:
        status = "deleted" if lifecycle == "default" else status
    if queue == "Old intake":
        status = r.pick(["resolved", "open", "stalled"])  # nobody closed these when the queue was shut
    finished = status in FINISHED
    age_days = 60 + r.below(2800) if finished and r.chance(75) else r.below(70)
    if queue == "Old intake":
        age_days = 800 + r.below(2500)
    created = TAKEN - timedelta(days=age_days, minutes=r.below(1440), seconds=r.below(60))
    requestor = mail(r.pick(CUSTOMERS)[1])
    if number % 29 == 0:
        requestor = r.pick(["Bob.Miller@Example.org", "OLENA.SHEVCHUK@EXAMPLE.ORG"])
    if queue == "Internal IT":
        requestor = mail(r.pick(AGENTS)[0] + ".desk")
    if queue == "Störungen":
        requestor = mail("monitor")
    owner = None if status in ("new", "requested", "spam") or r.chance(8) else r.pick(AGENTS)[0]
    line = {
        "kind": "ticket", "number": number, "queue": queue, "lifecycle": lifecycle, "status": status, "subject": subject_of(r, number),
        "requestors": [] if number % 41 == 0 else [requestor] + ([mail(r.pick(CUSTOMERS)[1])] if r.chance(6) else []),
        "cc": [mail(r.pick(CUSTOMERS)[1])] if r.chance(12) else [], "admin_cc": [r.pick(AGENTS)[0]] if r.chance(5) else [],
        "owner": owner, "priority": r.weighted([(0, 30), (50, 35), (100, 12), (10, 8), (20, 5), (75, 6), (99, 3), (-1, 1)]),
        "created": stamp(created), "fields": fields_of(r, queue, created),
    }
    line["requestors"] = sorted(set(line["requestors"]))
    line.update(body_of(r))
    line["files"] = files_of(r, 14)
    by_customer = requestor if line["requestors"] else None
    at, events = created, []

    def later(hours):
        # Each event a while after the one before, and never after the day the account was taken.
        nonlocal at
        left = int((TAKEN - at).total_seconds())
        at = at + timedelta(seconds=min(60 + r.below(hours * 3600), max(1, left // 3)))
        return stamp(at)

    line["started"] = None
    current = FIRST[lifecycle]
    if owner:
        for turn in range(r.below(5)):
            who = owner if turn % 2 == 0 else by_customer
            moment = later(30)
            if line["started"] is None:
                line["started"] = moment
            event = {"type": "correspond", "by": who, "at": moment, "minutes": r.below(30) if who == owner else 0, "files": files_of(r, 7)}
            event.update({"body": r.pick(ANSWERS), "body_type": "text/plain"} if who == owner else body_of(r))
            events.append(event)
            if r.chance(25):
                events.append({"type": "comment", "by": r.pick(AGENTS)[0], "at": later(6), "body": r.pick(NOTES), "body_type": "text/plain", "files": files_of(r, 5), "minutes": 0})
        if status not in (current, MIDDLE[lifecycle]) and events:
            events.append({"type": "status", "by": owner, "at": later(10), "old": current, "new": MIDDLE[lifecycle]})
            current = MIDDLE[lifecycle]
    if status != current:
        events.append({"type": "status", "by": owner, "at": later(60), "old": current, "new": status})
    line["resolved"] = stamp(at) if finished else None
    line["updated"] = stamp(at)
    line["told"] = next((e["at"] for e in reversed(events) if e["type"] == "correspond" and e["by"] == owner), None)
    line["minutes"] = sum(e.get("minutes", 0) for e in events)
    line["estimated"] = r.pick([0, 0, 0, 15, 60, 480])
    line["events"] = events
    # A service level where the queue has one; its due time is left to RT itself. Elsewhere now and then a date by hand.
    line["sla"] = r.weighted([("standard", 70), ("urgent", 12), (None, 18)]) if lifecycle == "helpdesk" else "returns" if queue == "Returns" else None
    line["due"] = None
    if line["sla"] and not finished:
        line["due"] = "by service level"
    elif r.chance(15):
        line["due"] = stamp(created + timedelta(days=1 + r.below(30)))
    line["starts"] = stamp(created + timedelta(days=r.below(5))) if r.chance(5) else None
    return line


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    r = Numbers(20261120)
    lines = list(people())
    tickets = [ticket(r, number) for number in range(1, count + 1)]
    lines += tickets
    # Merges stay inside a queue: RT lets nobody merge between lifecycles that no map joins.
    by_queue = {}
    for t in tickets:
        by_queue.setdefault(t["queue"], []).append(t["number"])
    merged = set()
    for queue in ("Support", "Billing", "Returns"):
        numbers = by_queue.get(queue, [])
        for _ in range(max(1, len(numbers) // 25)):
            loser, winner = r.pick(numbers), r.pick(numbers)
            if loser != winner and loser not in merged and winner not in merged:
                merged.add(loser)
                lines.append({"kind": "merge", "from": loser, "into": winner})
    free = [t["number"] for t in tickets if t["number"] not in merged]
    for _ in range(count // 10):
        base, target = r.pick(free), r.pick(free)
        if base != target:
            lines.append({"kind": "link", "base": base, "type": r.weighted([("RefersTo", 6), ("DependsOn", 2), ("MemberOf", 3)]), "target": str(target)})
    for at in range(4):
        lines.append({"kind": "link", "base": r.pick(free), "type": "RefersTo", "target": "https://wiki.example.org/page/%d" % (at + 1)})
    # The years after: options renamed under the tickets, people gone, a queue shut, a field retired.
    lines.append({"kind": "rename_option", "field": "Product Area", "from": "Invoices", "to": "Billing & invoices"})
    lines.append({"kind": "drop_option", "field": "Product Area", "option": "login page"})
    lines.append({"kind": "drop_option", "field": "Platforms", "option": "Linux"})
    lines.append({"kind": "disable_field", "field": "Old tracker number"})
    lines.append({"kind": "disable_queue", "queue": "Old intake"})
    for name, _, disabled, _ in AGENTS:
        if disabled:
            lines.append({"kind": "disable_user", "name": name})
    lines.append({"kind": "disable_user", "name": mail("x")})
    lines.append({"kind": "clock", "at": "2016-05-02 08:00:00"})
    for line in lines:
        print(json.dumps(line, ensure_ascii=False, separators=(",", ":")))


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    main()
