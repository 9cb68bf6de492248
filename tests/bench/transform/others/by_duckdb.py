#!/usr/bin/env python3
"""by_duckdb.py IN OUT REJECTS THREADS: the mapping as one query of DuckDB, and a second one for the rejects. The order of records is not kept."""
import sys

import duckdb
from tables import PRIORITIES, PRODUCTS, STATES, TAGS

COLUMNS = """{id: 'BIGINT', url: 'VARCHAR', external_id: 'VARCHAR', subject: 'VARCHAR', description: 'VARCHAR', type: 'VARCHAR', status: 'VARCHAR',
  priority: 'VARCHAR', tags: 'VARCHAR[]', requester: 'STRUCT(id BIGINT, name VARCHAR, email VARCHAR)',
  organization: 'STRUCT(id BIGINT, name VARCHAR)', assignee_id: 'BIGINT', group_id: 'BIGINT', brand_id: 'BIGINT', via: 'STRUCT(channel VARCHAR)',
  custom_fields: 'STRUCT(id BIGINT, "value" VARCHAR)[]', satisfaction_rating: 'STRUCT(score VARCHAR)', comment_count: 'BIGINT', spam: 'BOOLEAN',
  created_at: 'TIMESTAMPTZ', updated_at: 'TIMESTAMPTZ'}"""


def literal(value):
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"


def table(pairs):
    return "MAP {" + ", ".join(f"{literal(key)}: {literal(value)}" for key, value in pairs.items()) + "}"


def custom(number):
    return f"list_extract(list_filter(custom_fields, lambda field: field.id = {number}), 1).value"


def main():
    tickets, out, rejects, threads = sys.argv[1:5]
    db = duckdb.connect()
    db.execute(f"SET threads = {int(threads)}")
    db.execute("SET TimeZone = 'UTC'")
    lines = f"read_json({literal(tickets)}, format = 'newline_delimited', columns = {COLUMNS})"
    db.execute(f"""COPY (
      WITH picked AS (
        SELECT *, lower(trim(requester.email)) AS address, {custom(360001)} AS product_name, {custom(360002)} AS about,
          list_transform(tags, lambda tag: coalesce(map_extract_value({table(TAGS)}, tag), tag)) AS names
        FROM {lines} WHERE NOT spam AND requester IS NOT NULL)
      SELECT id AS legacy_id, url AS source_url, external_id AS ext_ref, description AS body, type AS ticket_type, assignee_id AS agent_id,
        group_id AS team_id, brand_id AS brand, comment_count AS n_comments, organization.name AS company, requester.id AS contact_id,
        satisfaction_rating.score AS csat, substring(subject, 1, 255) AS title,
        coalesce(map_extract_value({table(STATES)}, status), 'open') AS state,
        coalesce(map_extract_value({table(PRIORITIES)}, priority), 2) AS prio,
        list_filter(names, lambda name, place: list_position(names, name) = place) AS labels,
        coalesce(map_extract_value({table(PRODUCTS)}, lower(product_name)), 'other') AS product,
        split_part(about, '/', 1) AS category,
        CASE WHEN contains(about, '/') THEN substring(about, instr(about, '/') + 1) END AS subcategory,
        {custom(360003)} AS region, {custom(360004)} AS contract_no, {custom(360005)}::INT AS severity,
        epoch(created_at)::BIGINT AS created_epoch, strftime(updated_at, '%Y-%m-%dT%H:%M:%SZ') AS updated_utc,
        address AS contact_email, requester.name || ' <' || address || '>' AS contact, via.channel AS via
      FROM picked) TO {literal(out)} (FORMAT json)""")
    db.execute(f"""COPY (SELECT id AS legacy_id, 'requester missing' AS reason FROM {lines} WHERE NOT spam AND requester IS NULL)
      TO {literal(rejects)} (FORMAT json)""")


main()
