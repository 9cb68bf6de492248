//! Maps and translations.

use std::collections::BTreeMap;

use cutover_ir::Id;
use cutover_ir::map::{Call, Dropped, Map, Outcome, Row, Source, Translate, TranslateRow};
use cutover_ir::predicate::Literal;
use cutover_plan::Plan;
use cutover_plan::model::Content;
use cutover_plan::text::words;

use super::context::Context;
use super::scope::records;
use crate::change::Affected;
use crate::kind::Kind;

/// How records of a kind are written.
pub(super) fn map(cx: &mut Context<'_>, old: &Map, new: &Map) {
    let Map { id: _, source, target, rows, dropped, require } = new;
    let (was, is) = (cx.old, cx.new);
    // Whether a record has a value that is written otherwise is not looked at.
    cx.affected = match records(is.figures.source.get(source).copied(), source) {
        Affected::Records { count, of, .. } => Affected::Records { count, of, at_most: true },
        other => other,
    };
    if old.source != *source || old.target != *target {
        let said = |map: &Map| format!("{} to {}", words::human(&map.source), words::human(&map.target));
        cx.say(Kind::MappingChanged, "", said(old), said(new));
    }
    // A row is known by what it fills: another source for the same field is a change and not a new row.
    let by_target = |rows: &'_ [Row]| -> BTreeMap<Vec<String>, Row> {
        rows.iter().map(|row| (row.to.clone(), row.clone())).collect()
    };
    let (before, after) = (by_target(&old.rows), by_target(rows));
    for (to, row) in &before {
        match after.get(to) {
            Some(now) => compare_rows(cx, row, now),
            None => cx.say_of(row.id.clone(), Kind::MappingRemoved, to.join(", "), comes(was, row), None),
        }
    }
    for (to, row) in after.iter().filter(|(to, _)| !before.contains_key(*to)) {
        cx.say_of(row.id.clone(), Kind::MappingAdded, to.join(", "), None, comes(is, row));
    }
    let find = |all: &'_ [Dropped], field: &str| all.iter().find(|d| d.field == field).cloned();
    for gone in &old.dropped {
        match find(dropped, &gone.field) {
            Some(now) if now.because == gone.because => {}
            Some(now) => {
                let affected = std::mem::replace(&mut cx.affected, Affected::None);
                let (id, field) = (now.id.clone(), now.field.clone());
                cx.say_of(id, Kind::ReasonChanged, field, gone.because.clone(), now.because);
                cx.affected = affected;
            }
            None => {
                let before = format!("left behind: {}", gone.because);
                cx.say_of(gone.id.clone(), Kind::FieldKept, gone.field.clone(), before, None);
            }
        }
    }
    for come in dropped.iter().filter(|come| find(&old.dropped, &come.field).is_none()) {
        let after = format!("left behind: {}", come.because);
        cx.say_of(come.id.clone(), Kind::FieldDropped, come.field.clone(), None, after);
    }
    let asked = |plan: &Plan, all: &[cutover_ir::map::Requirement]| -> BTreeMap<Id, String> {
        all.iter().map(|one| (one.id.clone(), words::predicate(plan, &one.predicate))).collect()
    };
    let (before, after) = (asked(was, &old.require), asked(is, require));
    for (id, text) in &before {
        if after.get(id) != Some(text) {
            let (text, now) = (text.clone(), after.get(id).cloned());
            cx.say_of(id.clone(), Kind::RequirementChanged, "required", text, now);
        }
    }
    for (id, text) in after.iter().filter(|(id, _)| !before.contains_key(*id)) {
        cx.say_of(id.clone(), Kind::RequirementChanged, "required", None, text.clone());
    }
}

/// Where a row's value comes from, and what is done to it.
fn comes(plan: &Plan, row: &Row) -> String {
    let mut out = String::new();
    for (index, source) in row.from.iter().enumerate() {
        if index > 0 {
            out.push_str(" and ");
        }
        words::push_source(plan, &mut out, source);
    }
    let mut pipe = String::new();
    words::push_pipe(plan, &mut pipe, row);
    if pipe.is_empty() { out } else { format!("{out}, {pipe}") }
}

fn compare_rows(cx: &mut Context<'_>, old: &Row, new: &Row) {
    let Row {
        id,
        from,
        to,
        pipe,
        when_missing,
        key,
        overflow,
        types,
        loss,
        lossy: _,
        meaning,
        by_catalog: _,
    } = new;
    let (was, is) = (cx.old, cx.new);
    let part = to.join(", ");
    let same = old.from == *from && old.pipe == *pipe && old.key == *key && old.overflow == *overflow;
    if !same {
        let (before, after) = (comes(was, old), comes(is, new));
        // What the new desk shows as a status is told as such.
        let kind = match (old.key, key) {
            (a, b) if a != *b => Kind::IdentityChanged,
            _ if is_status(from, to) => Kind::StatusChanged,
            _ => Kind::MappingChanged,
        };
        cx.say_of(id.clone(), kind, part.clone(), before, after);
    }
    if old.when_missing != *when_missing {
        let said = |plan: &Plan, row: &Row| {
            row.when_missing
                .as_ref()
                .map_or_else(|| "nothing is said".to_owned(), |missing| words::when_missing(plan, missing))
        };
        let part = format!("{part}, when missing");
        cx.say_of(id.clone(), Kind::MissingChanged, part, said(was, old), said(is, new));
    }
    let affected = std::mem::replace(&mut cx.affected, Affected::None);
    if same && old.types != *types {
        let said = |row: &Row| serde_json::to_string(&row.types).unwrap_or_default();
        cx.say_of(id.clone(), Kind::SchemaChanged, part.clone(), said(old), said(new));
    }
    if old.meaning != *meaning {
        cx.say_of(id.clone(), Kind::MeaningChanged, part.clone(), old.meaning.clone(), meaning.clone());
    }
    // What was cut off went somewhere: now it is gone.
    let spilled = old.overflow.is_some() && overflow.is_none() && !loss.is_exact();
    if old.loss != *loss || spilled {
        let said = |row: &Row| {
            let mut all: Vec<String> = row.loss.iter().map(|loss| loss.describe().to_owned()).collect();
            if let Some(field) = &row.overflow {
                all.push(format!("what is cut goes to {field}"));
            }
            if all.is_empty() { "nothing".to_owned() } else { words::list(&all) }
        };
        let kind = match (old.loss.is_exact(), loss.is_exact()) {
            _ if spilled => Kind::LossAdded,
            (true, false) => Kind::LossAdded,
            (false, true) => Kind::LossRemoved,
            _ => Kind::LossChanged,
        };
        cx.say_of(id.clone(), kind, part, said(old), said(new));
    }
    cx.affected = affected;
}

fn is_status(from: &[Source], to: &[String]) -> bool {
    to.iter().any(|field| field == "status")
        && from.iter().any(|source| matches!(source, Source::Field(field) if field == "status"))
}

/// Which value becomes which.
pub(super) fn translate(cx: &mut Context<'_>, old: &Translate, new: &Translate) {
    let Translate { id, rows, rest } = new;
    let (was, is) = (cx.old, cx.new);
    let kind = if fills_status(is, id) || fills_status(was, id) {
        Kind::StatusChanged
    } else {
        Kind::TranslationChanged
    };
    let by_pattern = |rows: &'_ [TranslateRow]| -> BTreeMap<_, TranslateRow> {
        rows.iter().map(|row| (row.pattern.clone(), row.clone())).collect()
    };
    let (before, after) = (by_pattern(&old.rows), by_pattern(rows));
    let becomes = |plan: &Plan, row: Option<&TranslateRow>, rest: Option<&Outcome>| {
        row.map(|row| &row.outcome).or(rest).map(|outcome| words::outcome(plan, outcome))
    };
    let mut patterns: Vec<_> = before.keys().chain(after.keys()).collect();
    patterns.sort();
    patterns.dedup();
    for pattern in patterns {
        let (a, b) = (before.get(pattern), after.get(pattern));
        let Some(row) = b.or(a) else { continue };
        let said = (becomes(was, a, old.rest.as_ref()), becomes(is, b, rest.as_ref()));
        cx.affected = cx.counts.values.get(&row.id).map_or(Affected::not_computed(), |count| {
            Affected::Records { count: *count, of: "records".to_owned(), at_most: false }
        });
        let part = format!("“{}”", pattern.text);
        if said.0 != said.1 {
            cx.say_of(row.id.clone(), kind, part.clone(), said.0, said.1);
        }
        let seen = |row: Option<&TranslateRow>| row.and_then(|row| row.seen_as.clone());
        if seen(a) != seen(b) {
            cx.say_of(row.id.clone(), Kind::SeenAsChanged, part.clone(), seen(a), seen(b));
        }
        let kept = |row: Option<&TranslateRow>| row.is_some_and(|row| row.kept_in_tag);
        if kept(a) != kept(b) {
            let word = |yes: bool| if yes { "kept" } else { "not kept" }.to_owned();
            let part = format!("{part} in a tag");
            cx.say_of(row.id.clone(), Kind::HandlingChanged, part, word(kept(a)), word(kept(b)));
        }
    }
    cx.affected = Affected::not_computed();
    let said = |plan: &Plan, rest: &Option<Outcome>| rest.as_ref().map(|rest| words::outcome(plan, rest));
    cx.texts(kind, "all other values", said(was, &old.rest), said(is, rest));
    cx.affected = Affected::None;
}

/// Whether a translation decides about statuses.
fn fills_status(plan: &Plan, table: &Id) -> bool {
    let name = table.as_str().split('/').nth(1).unwrap_or_default();
    let uses = |call: &Call| {
        call.function == "translate" && call.args.first() == Some(&Literal::Text(name.to_owned()))
    };
    plan.items.values().any(|item| match &item.content {
        Content::Map(map) => {
            map.rows.iter().any(|row| is_status(&row.from, &row.to) && row.pipe.iter().any(uses))
        }
        _ => false,
    })
}
