//! All facts of a catalog in one list, each with its id, its words, its sources and its mark.

use crate::catalog::{CalendarForm, Catalog};
use crate::fact::{Mark, Names};
use crate::kind::{Change, Field, Kind, Required, State, Write};

/// One fact of a catalog, as people and plans name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactLine {
    /// `zendesk/limits/comments_per_ticket`.
    pub id: String,
    /// The fact in words.
    pub text: String,
    /// Keys of its sources.
    pub from: Vec<String>,
    /// How far it can be trusted.
    pub mark: Mark,
    /// What a reader should know besides.
    pub note: Option<String>,
}

impl Catalog {
    /// How far a fact can be trusted that has these sources, and this mark of its own: its own mark, else the strongest of its sources'.
    #[must_use]
    pub fn mark_of(&self, own: Option<Mark>, from: &Names) -> Mark {
        let strongest = from.iter().filter_map(|key| self.sources.get(key)).map(|source| source.mark).max();
        own.or(strongest).unwrap_or(Mark::Unverified)
    }

    /// What is known for sure of what the product's calendars can hold.
    #[must_use]
    pub fn calendar_form(&self) -> Option<&CalendarForm> {
        let form = self.sla.calendar.as_ref()?;
        let from = if form.from.is_empty() { &self.sla.from } else { &form.from };
        (self.mark_of(form.mark.or(self.sla.mark), from) != Mark::Unverified).then_some(form)
    }

    /// The mark of a field, a state or another part of a kind, which takes the kind's sources when it names none.
    #[must_use]
    pub fn mark_within(&self, kind: &Kind, own: Option<Mark>, from: &Names) -> Mark {
        match (own, from.is_empty()) {
            (None, true) => self.mark_of(kind.mark, &kind.from),
            (own, _) => self.mark_of(own, from),
        }
    }

    /// All facts, in the order of the catalog's parts. The list is made anew by each call; its length is that of the catalog.
    #[must_use]
    pub fn facts(&self) -> Vec<FactLine> {
        let mut facts = Lines { catalog: self, lines: Vec::new() };
        for (name, plan) in self.plans.iter() {
            let features: Vec<_> = plan.features.iter().collect();
            let text = if features.is_empty() { "no gated features".to_owned() } else { features.join(", ") };
            facts.push(&["plans", name], text, plan.mark, &plan.from, None);
        }
        for (name, kind) in self.kinds.iter() {
            facts.kind(name, kind);
        }
        for (name, rule) in self.constraints.iter() {
            facts.push(&["constraints", name], rule.text.to_string(), rule.mark, &rule.from, None);
        }
        for (name, limit) in self.limits.iter() {
            let general = limit.max.as_ref().map(ToString::to_string);
            let text = format!(
                "{}: {}",
                limit.text,
                by_plan(general, limit.plans.iter().map(|(plan, max)| (plan, max.to_string())))
            );
            facts.push(&["limits", name], text, limit.mark, &limit.from, limit.note.as_deref());
        }
        for (name, rate) in self.rates.iter() {
            let general = rate.value.as_ref().map(ToString::to_string);
            let text = by_plan(general, rate.plans.iter().map(|(plan, rate)| (plan, rate.to_string())));
            facts.push(&["rates", name], text, rate.mark, &rate.from, rate.note.as_deref());
        }
        self.capabilities.visit(&mut |name, title, fact| {
            let plans: Vec<_> = fact
                .plans()
                .into_iter()
                .map(|plan| (plan, fact.words(Some(plan)).unwrap_or_default()))
                .collect();
            let text = format!("{title}: {}", by_plan(fact.words(None), plans.into_iter()));
            facts.push(&["capabilities", name], text, fact.mark(), fact.from(), fact.note());
        });
        facts.sla();
        for (name, credential) in self.credentials.iter() {
            let ends = credential.ends.map_or(String::new(), |day| format!(", works until {day}"));
            facts.push(
                &["credentials", name],
                format!("{}{ends}", credential.text),
                credential.mark,
                &credential.from,
                credential.note.as_deref(),
            );
        }
        for (name, layout) in self.exports.iter() {
            facts.push(&["exports", name], layout.text.to_string(), layout.mark, &layout.from, None);
        }
        for (name, note) in self.notes.iter() {
            facts.push(&["notes", name], note.text.to_string(), note.mark, &note.from, None);
        }
        facts.lines
    }
}

struct Lines<'a> {
    catalog: &'a Catalog,
    lines: Vec<FactLine>,
}

impl Lines<'_> {
    fn push(&mut self, path: &[&str], text: String, mark: Option<Mark>, from: &Names, note: Option<&str>) {
        self.lines.push(FactLine {
            id: format!("{}/{}", self.catalog.name, path.join("/")),
            text,
            from: from.iter().map(str::to_owned).collect(),
            mark: self.catalog.mark_of(mark, from),
            note: note.map(str::to_owned),
        });
    }

    fn kind(&mut self, name: &str, kind: &Kind) {
        let within = |own: &Names| if own.is_empty() { kind.from.clone() } else { own.clone() };
        let mark =
            |own: Option<Mark>, from: &Names| if own.is_none() && from.is_empty() { kind.mark } else { own };
        self.push(&["kinds", name], kind.summary.to_string(), kind.mark, &kind.from, kind.note.as_deref());
        for (field_name, field) in kind.fields.iter() {
            let path = ["kinds", name, "fields", field_name];
            self.push(
                &path,
                field.describe(),
                mark(field.mark, &field.from),
                &within(&field.from),
                field.note.as_deref(),
            );
        }
        if let Some(states) = &kind.states {
            for (state_name, state) in states.values.iter() {
                let from = if state.from.is_empty() { within(&states.from) } else { state.from.clone() };
                let own = if states.from.is_empty() { mark(state.mark, &state.from) } else { state.mark };
                self.push(
                    &["kinds", name, "states", state_name],
                    state.describe(),
                    own,
                    &from,
                    state.note.as_deref(),
                );
            }
        }
        if let Some(custom) = &kind.custom_fields {
            for (type_name, ty) in custom.types.iter() {
                let path = ["kinds", name, "custom_fields", type_name];
                self.push(
                    &path,
                    ty.ty.to_string(),
                    mark(None, &custom.from),
                    &within(&custom.from),
                    ty.note.as_deref(),
                );
            }
        }
        for (word, body) in kind.words.iter() {
            let path = ["kinds", name, "words", word];
            self.push(&path, body.means.to_string(), mark(body.mark, &body.from), &within(&body.from), None);
        }
        for (way, access) in [("read", &kind.read), ("load", &kind.load)] {
            if let Some(access) = access {
                let path = ["kinds", name, way];
                self.push(
                    &path,
                    access.describe(),
                    mark(access.mark, &access.from),
                    &within(&access.from),
                    access.note.as_deref(),
                );
            }
        }
    }

    fn sla(&mut self) {
        let sla = &self.catalog.sla;
        let within = |own: &Names| if own.is_empty() { sla.from.clone() } else { own.clone() };
        if let Some(model) = &sla.model {
            self.push(&["sla", "model"], model.to_string(), sla.mark, &sla.from, None);
        }
        for (name, metric) in sla.metrics.iter() {
            let mut text = metric.title.to_string();
            for (word, categories) in
                [("runs", &metric.runs), ("pauses", &metric.pauses), ("stops", &metric.stops)]
            {
                if !categories.is_empty() {
                    let names: Vec<_> = categories.iter().map(|category| category.name()).collect();
                    text.push_str(&format!("; {word} in {}", names.join(", ")));
                }
            }
            if let Some(anchor) = metric.anchor {
                text.push_str(&format!("; counts from {}", anchor.describe()));
            }
            if let Some(imported) = metric.imported {
                text.push_str(&format!("; for an imported ticket from {}", imported.describe()));
            }
            self.push(
                &["sla", "metrics", name],
                text,
                metric.mark,
                &within(&metric.from),
                metric.note.as_deref(),
            );
        }
        if let Some(policy) = &sla.policy {
            self.push(
                &["sla", "policy"],
                policy.describe(),
                policy.mark,
                &within(&policy.from),
                policy.note.as_deref(),
            );
        }
        if let Some(calendar) = &sla.calendar {
            let horizon = calendar
                .horizon
                .as_ref()
                .map_or(String::new(), |amount| format!(", holidays up to {amount} ahead"));
            let text = format!("time zones by {} names{horizon}", calendar.zones.name());
            self.push(
                &["sla", "calendar"],
                text,
                calendar.mark,
                &within(&calendar.from),
                calendar.note.as_deref(),
            );
        }
    }
}

/// `200 per min; Enterprise: 700 per min`.
fn by_plan<'a>(general: Option<String>, plans: impl Iterator<Item = (&'a str, String)>) -> String {
    let plans = plans.map(|(plan, value)| format!("{plan}: {value}"));
    general.into_iter().chain(plans).collect::<Vec<_>>().join("; ")
}

impl Field {
    /// The field in words: type, options, when it must and can be written.
    #[must_use]
    pub fn describe(&self) -> String {
        let mut text = self.ty.to_string();
        if !self.options.is_empty() {
            let names: Vec<_> = self.options.0.keys().collect();
            text.push_str(&format!(" of {}", names.join(", ")));
        }
        if self.open {
            text.push_str(", accounts add options");
        }
        text.push_str(match self.required {
            Required::Never => "",
            Required::OnCreate => ", required when it is created",
            Required::Always => ", required",
        });
        text.push_str(self.write.describe());
        if self.derived {
            text.push_str(", computed");
        }
        if self.unique {
            text.push_str(", unique");
        }
        if let Some(value) = &self.internal_when {
            text.push_str(&format!(", `{value}` makes it internal"));
        }
        text
    }
}

impl Write {
    fn describe(self) -> &'static str {
        match self {
            Write::Always => "",
            Write::OnCreate => ", written only when it is created",
            Write::OnImport => ", written only on import",
            Write::OnUpdate => ", written only by a later change",
            Write::Database => ", written only in the database",
            Write::Never => ", never written",
        }
    }
}

impl State {
    /// The state in words: category, class, what it asks.
    #[must_use]
    pub fn describe(&self) -> String {
        let class = match self.class {
            cutover_ir::predicate::StatusClass::Unfinished => "unfinished",
            cutover_ir::predicate::StatusClass::Finished => "finished",
        };
        let mut text = format!("{}, {class}", self.category.name());
        if let Some(seen) = &self.seen_as {
            text.push_str(&format!(", customers see {seen}"));
        }
        text.push_str(self.write.describe());
        text.push_str(match self.change {
            Change::Free => "",
            Change::Limited => ", few fields can be changed",
            Change::Frozen => ", cannot be changed",
        });
        if !self.requires.is_empty() {
            let fields: Vec<_> = self.requires.iter().collect();
            text.push_str(&format!(", needs {}", fields.join(", ")));
        }
        if let Some(clock) = self.clock {
            text.push_str(match clock {
                crate::kind::Clock::Runs => ", clocks run",
                crate::kind::Clock::Pauses => ", clocks pause",
                crate::kind::Clock::Stops => ", clocks stop",
            });
        }
        text
    }
}
