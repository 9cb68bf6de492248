//! The mapping matrix.

use cutover_ir::map::{Map, Row, Source, Translate};
use cutover_ir::types::Type;

use crate::documents::page::{Page, of_kind};
use crate::model::Schema;
use crate::text::numbers::len;
use crate::text::{escape, words};

const COLUMNS: [&str; 8] =
    ["Source", "Target", "Type", "If missing", "Transformation", "Validation", "Meaning", "Item"];

pub(super) fn write(page: &mut Page<'_>) {
    let plan = page.plan;
    page.heading(2, "Mapping matrix");
    page.raw("Rows that change, derive or lose something are shown; rows that only copy are folded.\n");
    let mut cell = String::new();
    let target = plan.schemas.get("target");
    for (_, _, map) in of_kind!(plan, Map) {
        matrix(page, map, target, &mut cell);
    }
    for (_, _, table) in of_kind!(plan, Translate) {
        translation(page, table);
    }
}

fn matrix(page: &mut Page<'_>, map: &Map, target: Option<&Schema>, cell: &mut String) {
    let plan = page.plan;
    page.raw("\n### ")
        .text(&words::human(&map.source))
        .raw(" → ")
        .text(&words::human(&map.target))
        .raw("\n\n");
    page.id(&map.id).raw("\n\n");
    let kind = target.and_then(|schema| schema.kinds.get(&map.target));
    let required = |row: &Row| {
        let mut fields = row.to.iter().filter_map(|to| kind.and_then(|kind| kind.fields.get(to)));
        fields.any(|field| field.required) || row.types.first().is_some_and(|of_type| !of_type.is_optional())
    };
    if map.rows.iter().any(|row| !is_plain(row)) {
        page.table(&COLUMNS);
        for row in map.rows.iter().filter(|row| !is_plain(row)) {
            line(page, row, required(row), cell);
        }
    }
    let plain = map.rows.iter().filter(|row| is_plain(row)).count();
    if plain > 0 {
        page.raw("\n<details><summary>").number(len(plain));
        page.raw(if plain == 1 { " row that only copies" } else { " rows that only copy" })
            .raw("</summary>\n\n");
        page.table(&COLUMNS);
        for row in map.rows.iter().filter(|row| is_plain(row)) {
            line(page, row, required(row), cell);
        }
        page.raw("\n</details>\n");
    }
    if !map.dropped.is_empty() {
        page.raw("\nLeft behind:\n\n").table(&["Field", "Why", "Item"]);
        for dropped in &map.dropped {
            page.row(&[
                &|page| _ = page.code(&dropped.field),
                &|page| _ = page.text(&dropped.because),
                &|page| _ = page.id(&dropped.id),
            ]);
        }
    }
    for requirement in &map.require {
        page.raw("\nA record is rejected and listed unless ")
            .text(&words::predicate(plan, &requirement.predicate))
            .raw(".");
        page.ends_with(&requirement.id);
    }
}

/// Whether a row only copies one value.
fn is_plain(row: &Row) -> bool {
    row.pipe.is_empty()
        && row.loss.is_exact()
        && row.when_missing.is_none()
        && !row.key
        && row.overflow.is_none()
        && row.to.len() == 1
        && matches!(row.from.as_slice(), [Source::Field(_)])
}

/// One row. There are thousands of them in a large plan, so the cells are written straight into the page.
fn line(page: &mut Page<'_>, row: &Row, required: bool, cell: &mut String) {
    let plan = page.plan;
    let out = &mut page.out;
    out.push_str("| ");
    for (index, source) in row.from.iter().enumerate() {
        out.push_str(if index > 0 { ", " } else { "" });
        cell.clear();
        words::push_source(plan, cell, source);
        escape::code_in_table(out, cell);
    }
    out.push_str(" | ");
    for (index, to) in row.to.iter().enumerate() {
        out.push_str(if index > 0 { ", " } else { "" });
        escape::code_in_table(out, to);
    }
    out.push_str(" | ");
    for (index, of_type) in row.types.iter().enumerate() {
        if index == 0 || row.types.first() != Some(of_type) {
            out.push_str(if index > 0 { ", " } else { "" });
            type_name(out, of_type, cell);
        }
    }
    out.push_str(" | ");
    // A list without members is written like any other one.
    let list =
        matches!(row.types.first().map(Type::required), Some(Type::Tags | Type::Choices(_) | Type::List(_)));
    let (required, list) = (required && !list, required && list);
    match &row.when_missing {
        Some(missing) => escape::markdown(out, &words::when_missing(plan, missing)),
        None if required => out.push_str("the record is rejected"),
        None if list => out.push_str("is an empty list"),
        None => out.push_str("stays empty"),
    }
    out.push_str(" | ");
    cell.clear();
    words::push_pipe(plan, cell, row);
    if cell.is_empty() {
        out.push_str("as it is");
    } else {
        escape::markdown(out, cell);
    }
    if let Some(lossy) = &row.lossy {
        out.push_str("; **loses something**: ");
        escape::markdown(out, lossy);
    }
    out.push_str(" | ");
    validation(out, row, required);
    out.push_str(" | ");
    match &row.meaning {
        Some(meaning) => escape::markdown(out, meaning),
        None => out.push('–'),
    }
    out.push_str(" | ");
    escape::code_in_table(out, row.id.as_str());
    out.push_str(" |\n");
}

fn type_name(out: &mut String, of_type: &Type, cell: &mut String) {
    use std::fmt::Write as _;
    match of_type {
        // The two most frequent ones, without a detour.
        Type::Opt(inner) if **inner == Type::TEXT => out.push_str("text, may be missing"),
        Type::Text { max: None } => out.push_str("text"),
        other => {
            cell.clear();
            // Writing to a String cannot fail.
            let _ = write!(cell, "{other}");
            escape::markdown(out, cell);
        }
    }
}

/// What is compared afterwards.
fn validation(out: &mut String, row: &Row, required: bool) {
    if required {
        out.push_str("is never empty; ");
    }
    match row.types.first().map(Type::required) {
        Some(Type::Choice(_) | Type::Choices(_)) => out.push_str("is an option of the new desk"),
        Some(Type::Ref(_)) => out.push_str("points to the same object"),
        Some(Type::Instant) => out.push_str("is the same instant"),
        Some(Type::Attachment) => out.push_str("has the same checksum"),
        Some(Type::Text { max: Some(_) }) => out.push_str("fits, and reads back the same"),
        _ => out.push_str("reads back the same"),
    }
}

fn translation(page: &mut Page<'_>, table: &Translate) {
    let plan = page.plan;
    let name = table.id.as_str().rsplit('/').next().unwrap_or_default();
    page.raw("\n### Table ")
        .text(&words::human(name).replace('.', " "))
        .raw("\n\n")
        .table(&["Value", "Becomes", "Remarks", "Item"]);
    for row in &table.rows {
        page.row(&[
            &|page| {
                page.text(&row.pattern.text);
                if row.pattern.wildcard {
                    page.raw(" (\\* stands for anything)");
                }
                if row.pattern.any_case {
                    page.raw(" (capitals or not)");
                }
            },
            &|page| _ = page.text(&words::outcome(plan, &row.outcome)),
            &|page| {
                let mut remarks = Vec::new();
                if let Some(seen) = &row.seen_as {
                    remarks.push(format!("customers see “{seen}”"));
                }
                if row.kept_in_tag {
                    remarks.push("the old value stays in a tag".to_owned());
                }
                if let Some(lossy) = &row.lossy {
                    remarks.push(format!("loses something: {lossy}"));
                }
                page.text(&remarks.join("; "));
            },
            &|page| _ = page.id(&row.id),
        ]);
    }
    if let Some(rest) = &table.rest {
        page.row(&[
            &|page| _ = page.raw("everything else"),
            &|page| _ = page.text(&words::outcome(plan, rest)),
            &|_| {},
            &|page| _ = page.id(&table.id),
        ]);
    }
}
