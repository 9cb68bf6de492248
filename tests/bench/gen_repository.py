#!/usr/bin/env python3
"""gen_repository.py FOLDER [NUMBER]: writes a repository of specs into FOLDER, 1,000 of about 5 KB each when no number is named.

They are the smallest whole spec of the corpus with other names, dates and numbers, and share its two inventories. Every tenth one is watched
too briefly, so that there is something to find.
"""
import shutil
import sys
from pathlib import Path

MODEL = Path(__file__).resolve().parents[2] / "specs" / "valid" / "minimal"


def spec(text: str, number: int) -> str:
    day = 1 + number % 27
    changes = [
        ("migration acme \"Acme Support", f"migration desk_{number} \"Desk {number}"),
        ('add "migrated-2026"', f'add "migrated-2026-{number}"'),
        ("created_at since 2023-01-01", f"created_at since 2023-01-{day:02}"),
        ('"Maya Ito"', f'"Maya Ito {number}"'),
        ("0.5% over 200 records", f"0.{1 + number % 5}% over {200 + number % 100} records"),
        ("acme-archive", f"archive-{number}"),
    ]
    if number % 10 == 0:
        changes.append(("for 7 days", "for 3 days"))
    for old, new in changes:
        if old not in text:
            sys.exit(f"the model has no `{old}` any more")
        text = text.replace(old, new)
    return text


def main() -> None:
    folder = Path(sys.argv[1])
    number = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    folder.mkdir(parents=True, exist_ok=True)
    for part in ("inventory", "announce"):
        shutil.copytree(MODEL / part, folder / part, dirs_exist_ok=True)
    text = (MODEL / "spec.cutover").read_text(encoding="utf-8")
    for at in range(1, number + 1):
        (folder / f"desk-{at:04}.cutover").write_text(spec(text, at), encoding="utf-8")


main()
