//! Which objects a line is about: all, some, the rest. Ids and complements of such lines.

use cutover_calendar::{Local, Zone};
use cutover_diagnostics::Span;
use cutover_ir::Id;
use cutover_ir::predicate::{Atom, Literal, Predicate, StatusClass, Test};
use cutover_ir::time::Instant;
use cutover_plan::model::Selection;
use rustc_hash::FxHashMap;

use crate::world::KindView;

/// Which objects of a kind a line names, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chosen {
    /// `tickets`
    All,
    /// `tickets where ...`
    Where(Predicate),
    /// `tickets the rest`
    Rest,
    /// `automations "Escalate VIP"`
    Named(String),
}

/// What the lines about one kind choose, from which `the rest` follows.
#[derive(Clone, Debug, Default)]
pub struct Others {
    conditions: Vec<Predicate>,
    names: Vec<String>,
}

impl Others {
    /// Takes a line into account.
    pub fn add(&mut self, chosen: &Chosen) {
        match chosen {
            Chosen::Where(condition) => self.conditions.push(condition.clone()),
            Chosen::Named(name) => self.names.push(name.clone()),
            Chosen::All | Chosen::Rest => {}
        }
    }

    /// The selection of a line among these. `the rest` does not depend on the order of the lines.
    #[must_use]
    pub fn selection(&self, chosen: &Chosen) -> Selection {
        match chosen {
            Chosen::All => Selection::All,
            Chosen::Where(condition) => Selection::Where(condition.clone()),
            Chosen::Named(name) => Selection::Named(vec![name.clone()]),
            Chosen::Rest if !self.names.is_empty() => {
                let mut names = self.names.clone();
                names.sort();
                names.dedup();
                Selection::RestNamed(names)
            }
            Chosen::Rest => {
                let mut conditions = self.conditions.clone();
                conditions.sort();
                let others = match conditions.len() {
                    1 => conditions.swap_remove(0),
                    _ => Predicate::Any(conditions),
                };
                Selection::Rest(Predicate::Not(Box::new(others)))
            }
        }
    }
}

/// What the lines about each kind choose.
#[derive(Debug, Default)]
pub struct ByKind<'a>(FxHashMap<&'a str, Others>);

impl<'a> ByKind<'a> {
    /// Takes all lines into account, each with its kind.
    #[must_use]
    pub fn of<'l>(lines: impl Iterator<Item = (&'a str, &'l Chosen)>) -> Self {
        let mut by_kind = Self::default();
        for (kind, chosen) in lines {
            by_kind.0.entry(kind).or_default().add(chosen);
        }
        by_kind
    }

    /// The selection of one of the lines about a kind.
    #[must_use]
    pub fn selection(&self, kind: &str, chosen: &Chosen) -> Selection {
        match self.0.get(kind) {
            Some(others) => others.selection(chosen),
            None => Others::default().selection(chosen),
        }
    }
}

/// The ids of lines under `root`, in their order. The parts that a line adds are its own: an object's name, `rest`, or its whole
/// condition, so that no line changes the id of another one.
#[must_use]
pub fn ids<'a>(
    root: &Id,
    zone: Option<&Zone>,
    lines: impl Iterator<Item = (Vec<&'a str>, &'a Chosen)>,
) -> Vec<Id> {
    let one = |(parts, chosen): (Vec<&str>, &Chosen)| {
        let id = parts.iter().fold(root.clone(), |id, part| id.child(part));
        match chosen {
            Chosen::All => id,
            Chosen::Rest => id.child("rest"),
            Chosen::Named(name) => id.child(name),
            Chosen::Where(condition) => id.child(&text_in(zone, condition)),
        }
    };
    lines.map(one).collect()
}

/// The fields that a condition asks, sorted: `created_at,status`.
#[must_use]
pub fn fields(condition: &Predicate) -> String {
    let mut names: Vec<&str> = Vec::new();
    condition.visit_atoms(&mut |atom| {
        names.push(match &atom.test {
            Test::Word(word) => word,
            _ => &atom.field,
        });
    });
    names.sort_unstable();
    names.dedup();
    if names.is_empty() { "where".to_owned() } else { names.join(",") }
}

/// A condition in the words of the language. Equal conditions have equal texts, whatever the order of their parts and values.
#[must_use]
pub fn text(condition: &Predicate) -> String {
    text_in(None, condition)
}

/// The same with times as they were written: on the walls of a zone. Ids are read by people, who know no other.
#[must_use]
pub fn text_in(zone: Option<&Zone>, condition: &Predicate) -> String {
    let literal = |value: &Literal| literal(zone, value);
    let joined = |parts: &[Predicate], word: &str| {
        let mut parts: Vec<String> = parts.iter().map(|part| text_in(zone, part)).collect();
        parts.sort();
        format!("({})", parts.join(word))
    };
    match condition {
        Predicate::Const(true) => "always".to_owned(),
        Predicate::Const(false) => "never".to_owned(),
        Predicate::All(parts) => joined(parts, " and "),
        Predicate::Any(parts) => joined(parts, " or "),
        Predicate::Not(inner) => format!("not {}", text_in(zone, inner)),
        Predicate::Atom(Atom { field, test }) => match test {
            Test::OneOf(values) => {
                let mut values: Vec<String> = values.iter().map(literal).collect();
                values.sort();
                format!("{field} is {}", values.join(", "))
            }
            Test::Has(value) => format!("{field} has {}", literal(value)),
            Test::Empty => format!("{field} is empty"),
            Test::AtLeast(value) => format!("{field} at least {}", literal(value)),
            Test::AtMost(value) => format!("{field} at most {}", literal(value)),
            Test::MoreThan(value) => format!("{field} more than {}", literal(value)),
            Test::LessThan(value) => format!("{field} less than {}", literal(value)),
            Test::Before(value) => format!("{field} before {}", literal(value)),
            Test::Since(value) => format!("{field} since {}", literal(value)),
            Test::Class(StatusClass::Unfinished) => "unfinished".to_owned(),
            Test::Class(StatusClass::Finished) => "finished".to_owned(),
            Test::Word(word) => word.clone(),
        },
    }
}

fn literal(zone: Option<&Zone>, value: &Literal) -> String {
    match value {
        Literal::Text(text) => format!("\"{text}\""),
        Literal::Bool(true) => "yes".to_owned(),
        Literal::Bool(false) => "no".to_owned(),
        Literal::Number(number) => number.to_string(),
        Literal::Date(date) => date.to_string(),
        Literal::Instant(instant) => {
            zone.and_then(|zone| on_the_wall(zone, *instant)).unwrap_or_else(|| instant.to_string())
        }
        Literal::Duration(duration) => duration.to_string(),
    }
}

/// `2026-12-05 20:00`, or `2026-12-05` for its beginning. Nothing where the clock shows this time twice, or where a minute is too coarse:
/// two ids would be one.
fn on_the_wall(zone: &Zone, at: Instant) -> Option<String> {
    let civil = zone.civil_at(at.seconds()).filter(|civil| civil.second == 0)?;
    (zone.resolve(civil) == Local::At(at.seconds())).then(|| {
        let day = format!("{:04}-{:02}-{:02}", civil.year, civil.month, civil.day);
        match (civil.hour, civil.minute) {
            (0, 0) => day,
            (hour, minute) => format!("{day} {hour:02}:{minute:02}"),
        }
    })
}

/// A word of the condition whose truth only the running system knows.
#[must_use]
pub fn opaque_word<'p>(kind: &KindView<'_>, condition: &'p Predicate) -> Option<&'p str> {
    let mut found = None;
    condition.visit_atoms(&mut |atom| {
        if let Test::Word(word) = &atom.test
            && found.is_none()
        {
            let name = word.split('(').next().unwrap_or_default();
            if kind.kind.words.get(name).is_none_or(|entry| entry.when.is_empty()) {
                found = Some(word.as_str());
            }
        }
    });
    found
}

/// Two lines about one kind that cannot both be, or a kind that lines leave open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// Two lines decide about the same objects: the second one, the first one.
    Twice(Span, Span),
    /// `the rest` stands twice.
    RestTwice(Span, Span),
    /// Some are chosen by name, some by condition: a name, a condition.
    Mixed(Span, Span),
    /// Nobody decides about the objects that no condition is true of; the last condition.
    Open(Span),
    /// Nobody decides about objects that no line names; the last name, all names.
    Unnamed(Span, Vec<String>),
}

/// What is wrong with the lines about one kind. Whether conditions overlap is not asked here: only where the same one stands twice.
#[must_use]
pub fn problems(lines: &[(&Chosen, Span)]) -> Vec<Problem> {
    let mut found = Vec::new();
    let of = |test: fn(&Chosen) -> bool| {
        lines.iter().filter(move |(chosen, _)| test(chosen)).map(|(_, span)| *span)
    };
    let rests: Vec<Span> = of(|c| *c == Chosen::Rest).collect();
    let alls: Vec<Span> = of(|c| *c == Chosen::All).collect();
    let last_where = of(|c| matches!(c, Chosen::Where(_))).next_back();
    let last_named = of(|c| matches!(c, Chosen::Named(_))).next_back();
    if let [first, others @ ..] = rests.as_slice() {
        found.extend(others.iter().map(|second| Problem::RestTwice(*second, *first)));
    }
    if let [all, ..] = alls.as_slice() {
        // One line takes them all: every other one is a second decision.
        let others = lines.iter().filter(|(_, span)| span != all);
        found.extend(others.map(|(_, span)| Problem::Twice((*span).max(*all), (*span).min(*all))));
        return found;
    }
    let mut seen: Vec<(String, Span)> = Vec::new();
    let mut conditions = Vec::new();
    for (chosen, span) in lines {
        let key = match chosen {
            Chosen::Where(condition) => {
                conditions.push(text(condition));
                text(condition)
            }
            Chosen::Named(name) => name.clone(),
            Chosen::All | Chosen::Rest => continue,
        };
        seen.push((key, *span));
    }
    seen.sort();
    for pair in seen.windows(2) {
        if let [(first, at), (second, again)] = pair
            && first == second
        {
            found.push(Problem::Twice(*again, *at));
        }
    }
    if let (Some(condition), Some(name)) = (last_where, last_named) {
        found.push(Problem::Mixed(name, condition));
        return found;
    }
    if !rests.is_empty() {
        return found;
    }
    if let Some(condition) = last_where
        && !complementary(&conditions)
    {
        found.push(Problem::Open(condition));
    }
    if let Some(name) = last_named {
        let names = seen.into_iter().map(|(name, _)| name).collect();
        found.push(Problem::Unnamed(name, names));
    }
    found
}

/// Whether one condition is the negation of another: then nothing is left.
fn complementary(conditions: &[String]) -> bool {
    conditions.iter().any(|condition| {
        let opposite =
            condition.strip_prefix("not ").map_or_else(|| format!("not {condition}"), str::to_owned);
        conditions.contains(&opposite)
    }) || (conditions.iter().any(|c| c == "unfinished") && conditions.iter().any(|c| c == "finished"))
}

#[cfg(test)]
mod tests {
    use super::{Chosen, ids, text};
    use cutover_ir::Id;
    use cutover_ir::predicate::{Atom, Literal, Predicate, StatusClass, Test};

    fn status(names: &[&str]) -> Predicate {
        let values = names.iter().map(|name| Literal::Text((*name).to_owned())).collect();
        Predicate::Atom(Atom { field: "status".to_owned(), test: Test::OneOf(values) })
    }

    #[test]
    fn texts_do_not_depend_on_order() {
        let class =
            Predicate::Atom(Atom { field: "status".to_owned(), test: Test::Class(StatusClass::Finished) });
        let one = Predicate::All(vec![status(&["a", "b"]), class.clone()]);
        let other = Predicate::All(vec![class, status(&["b", "a"])]);
        assert_eq!(text(&one), text(&other));
    }

    #[test]
    fn no_line_changes_the_id_of_another() {
        let (open, closed) = (Chosen::Where(status(&["open"])), Chosen::Where(status(&["closed"])));
        let one = [(vec!["ticket", "import"], &open)];
        let made: Vec<String> =
            ids(&Id::new(["scope"]), None, one.into_iter()).iter().map(ToString::to_string).collect();
        assert_eq!(made, ["scope/ticket/import/status is \"open\""]);
        let two = [(vec!["ticket", "import"], &open), (vec!["ticket", "import"], &closed)];
        let made: Vec<String> =
            ids(&Id::new(["scope"]), None, two.into_iter()).iter().map(ToString::to_string).collect();
        assert_eq!(
            made,
            ["scope/ticket/import/status is \"open\"", "scope/ticket/import/status is \"closed\""]
        );
    }
}
