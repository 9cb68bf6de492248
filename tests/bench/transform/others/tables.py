"""The tables of the mapping, for the peers in Python."""

STATES = {"new": "new", "open": "open", "pending": "waiting_on_customer", "hold": "on_hold", "solved": "resolved", "closed": "closed",
          "archived": "closed", "deleted": "trashed"}
PRIORITIES = {"low": 1, "normal": 2, "high": 3, "urgent": 4}
PRODUCTS = {"core suite": "core", "analytics": "analytics", "mobile app": "mobile", "gateway": "gateway", "billing hub": "billing",
            "chat": "chat", "voice": "voice", "explore": "explore", "guide": "guide", "sell": "sell"}
AREAS = ("billing", "refund", "login", "vip", "shipping", "api", "mobile", "outage", "invoice", "trial")
TAGS = {f"{area}_{form}": area for area in AREAS for form in ("old", "v1", "v2", "legacy", "x")}
