//! What a comparison found record by record, for the metrics: who lost its assignee, what can be seen by whom, whose status moved.

use std::collections::BTreeMap;

use cutover_ir::Type;
use serde_json::value::RawValue;

use crate::context::Context;
use crate::flow::Load;
use crate::measures::ASSIGNEE;

/// Something that is not in the target as it was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stray {
    /// Kind in the source.
    pub(crate) kind: String,
    /// Kind in the target.
    pub(crate) into: String,
    /// The record with which it goes, or itself.
    pub(crate) root_kind: String,
    pub(crate) root: String,
    /// The field; empty when the whole record is missing.
    pub(crate) field: String,
    /// Its source had somebody who works on it, and it has nobody.
    pub(crate) lost_assignee: bool,
    /// Its status is of another class than the one that was sent.
    pub(crate) shifted: bool,
}

/// Most strays that are remembered one by one; beyond, only their number is known.
pub(crate) const STRAYS: usize = 100_000;
/// Stands for a field when the source of a record became another one than was sent.
pub(crate) const CHANGED: &str = "*";

impl Stray {
    pub(crate) fn of(root: (&str, &str), kind: &str, into: &str, field: &str) -> Stray {
        Stray {
            kind: kind.to_owned(),
            into: into.to_owned(),
            root_kind: root.0.to_owned(),
            root: root.1.to_owned(),
            field: field.to_owned(),
            ..Stray::default()
        }
    }

    pub(crate) fn missing(&self) -> bool {
        self.field.is_empty()
    }
}

/// Whether a status that came back is of another class than the one that was sent.
pub(crate) fn shifted(ctx: &Context<'_>, into: &str, field: &str, sent: &str, back: &str) -> bool {
    let class = |text: &str| {
        let schema = ctx.plan.schemas.get("target")?;
        let field = schema.kinds.get(into)?.fields.get(field)?;
        let Type::Choice(domain) = field.of_type.required() else { return None };
        let name = text.trim_matches('"');
        schema.domains.get(&**domain)?.iter().find(|option| option.name == name)?.class
    };
    let sent = class(sent);
    sent.is_some() && sent != class(back)
}

/// Whether records of a load have a field for who works on them.
pub(crate) fn has_assignee(load: &Load) -> bool {
    load.map.filled.values().any(|to| ASSIGNEE.contains(&to.as_str()))
}

/// The field of the target that must say who works on a record, because its source does and the cleaning took nobody away.
pub(crate) fn assignee(ctx: &Context<'_>, load: &Load, kind: &str, key: &str) -> Option<String> {
    let (from, to) = load.map.filled.iter().find(|(_, to)| ASSIGNEE.contains(&to.as_str()))?;
    let (record, _) = ctx.work.by_key(kind, key).ok()??;
    let fields: BTreeMap<&str, &RawValue> = serde_json::from_str(&record.text).ok()?;
    let places = load.map.places.get(from)?;
    let there = places.iter().any(|place| {
        fields.get(place.as_str()).is_some_and(|value| !matches!(value.get(), "null" | "\"\"" | "[]"))
    });
    let cleaned = ctx.work.cleaned(kind, key).ok()?;
    let given = cleaned.iter().any(|(of, _)| of.strip_prefix('=') == Some(to.as_str()));
    (there && !given).then(|| to.clone())
}
