//! A translation in a row: it decides every value that can come, it gives options of the target, it says what it loses.

use cutover_catalog::kind::Write;
use cutover_diagnostics::{Diagnostic, Span, suggest};
use cutover_ir::map::{Outcome, TranslateRow};
use cutover_ir::predicate::Literal;
use cutover_ir::{Loss, LossSet, Type};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::context::Context;
use crate::draft::CANDIDATES;
use crate::lower::maps::facts::{Domain, Table, TableUse};
use crate::lower::maps::{Building, domain, fit, roles, states, words};
use crate::read::predicate::Place;
use crate::world::{FieldView, KindView};

/// Checks one use, and says what it loses. `acknowledged` is whether the row itself says why it loses something.
pub(super) fn check<'a>(
    cx: &mut Context<'a>,
    map: &Building<'a>,
    used: &TableUse,
    want: Option<(FieldView<'a>, Span)>,
    acknowledged: bool,
) -> LossSet {
    // The table is taken out for the time of the check, since findings need the context.
    let Some(mut table) = cx.maps.tables.remove(&used.name) else { return LossSet::EXACT };
    table.uses += 1;
    table.open_use |= !used.domain.closed;
    for value in used.domain.values.iter().map(|(value, _)| value).chain(&used.domain.left_out) {
        if let Some(at) = table.row(value) {
            table.reached.insert(at);
        }
    }
    for (value, _) in &used.domain.values {
        if let Some(at) = table.row(value) {
            table.arrived.insert(at);
        }
    }
    count_records(&mut table, used, map.source.count());
    if used.domain.closed && table.known.is_empty() {
        table.known.extend(used.domain.values.iter().map(|(value, _)| value.clone()));
    }
    total(cx, map.source, &table, used, want.is_none());
    if let Some((field, _)) = want {
        outputs(cx, map.target, field, &table, used);
        limited(map.target, field, &mut table);
        seen(cx, map.target, field, &table);
        states::check(cx, map.source, (map.target, field), &mut table, used, acknowledged);
    }
    let loss = joined(cx, &mut table, used, acknowledged);
    cx.maps.tables.insert(used.name.clone(), table);
    loss
}

/// Counts what each line decides in one more use.
fn count_records(table: &mut Table, used: &TableUse, all: Option<u64>) {
    let mut here: FxHashMap<usize, Option<u64>> = FxHashMap::default();
    let mut rest = Some(0);
    let left_out = used.domain.left_out.iter().map(|value| (value, Some(0)));
    let values = used.domain.values.iter().map(|(value, count)| (value, *count));
    for (value, count) in values.chain(left_out) {
        // Rare values of an account are counted together and not by name.
        let count = count.or(used.domain.counted.then_some(0));
        let sum = match table.row(value) {
            Some(at) => here.entry(at).or_insert(Some(0)),
            None => &mut rest,
        };
        *sum = sum.zip(count).map(|(sum, count)| sum + count);
    }
    for (at, row) in table.translate.rows.iter().enumerate() {
        let exact = !row.pattern.wildcard && !row.pattern.any_case;
        let count = match here.get(&at) {
            Some(count) if exact || used.domain.counted => *count,
            None if used.domain.counted => Some(0),
            _ => None,
        };
        let known = table.records.entry(at).or_insert(Some(0));
        *known = known.zip(count).map(|(known, count)| known + count);
    }
    let rest = rest.filter(|_| used.domain.counted);
    table.rest_records = table.rest_records.zip(rest).map(|(known, count)| known + count);
    table.of = table.of.zip(all).map(|(known, count)| known + count);
}

/// Every value that can come is decided. What it becomes may go on to other functions.
fn total(cx: &mut Context<'_>, kind: &KindView<'_>, table: &Table, used: &TableUse, goes_on: bool) {
    if table.translate.rest.is_some() || table.broken {
        return;
    }
    let missing: Vec<&(String, Option<u64>)> =
        used.domain.values.iter().filter(|(value, _)| table.row(value).is_none()).collect();
    if !missing.is_empty() {
        let names = words::quoted_list(missing.iter().map(|(value, _)| value.as_str()), 6);
        let (one, verb) = if missing.len() == 1 { ("an option", "is") } else { ("options", "are") };
        let mut diagnostic =
            Diagnostic::error("translate/option-missing", "a translation leaves values undecided")
                .primary(table.span, format!("{names} {verb} not translated"))
                .secondary(used.span, format!("{one} that can arrive here"));
        let counted: Vec<String> = missing
            .iter()
            .filter_map(|(value, count)| Some(format!("\"{value}\" in {}", words::grouped((*count)?))))
            .take(4)
            .collect();
        if !counted.is_empty() {
            diagnostic = diagnostic.note(format!("{} {}", counted.join(", "), words::of_all(kind)));
        }
        cx.push(diagnostic.help(if goes_on {
            "add a line for each, or `the rest -> ...` for all of them; what it becomes goes on to the functions behind it, so a translation among them needs a line for that, too"
        } else {
            "add a line for each, or `the rest -> ...` for all of them"
        }));
        return;
    }
    if used.domain.closed || kind.unread {
        return;
    }
    if used.free {
        cx.push(
            Diagnostic::error(
                "translate/open-values",
                "a translation of free text does not decide all values",
            )
            .primary(table.span, "nothing says what other values become")
            .secondary(used.span, "any value can arrive here")
            .help("add a line: `the rest -> same name`, `the rest -> \"other\"`, `the rest -> reject`"),
        );
    } else {
        cx.push(
            Diagnostic::warning("translate/unproven", "nobody knows all values that a translation meets")
                .primary(used.span, "the account can have more than is known here")
                .secondary(table.span, "a value without a line is rejected")
                .help("add `the rest -> ...`, or an inventory that lists the values"),
        );
    }
}

/// What it gives are options of the field.
fn outputs<'a>(
    cx: &mut Context<'a>,
    kind: &'a KindView<'a>,
    field: FieldView<'a>,
    table: &Table,
    used: &TableUse,
) {
    let ty = kind.type_of(field);
    let known = match element(ty.required()) {
        Type::Choice(_) | Type::Choices(_) => {
            let place = Place { kind, field, path: field.spelled(), ty: ty.clone() };
            domain::of_field(cx, &place)
        }
        Type::Ref(name) => match names_of(cx, name) {
            Some(domain) => domain,
            None => return,
        },
        _ => return,
    };
    let mut names: FxHashSet<&str> = known.values.iter().map(|(value, _)| value.as_str()).collect();
    let roles = roles::made(cx, kind, field);
    names.extend(roles.iter().flatten().copied());
    let listed = if names.is_empty() {
        Listed::Nothing
    } else if known.closed || roles::all_known(cx, kind, field, roles.as_deref()) {
        Listed::All
    } else if roles::is_role(field) {
        Listed::Shipped
    } else {
        Listed::Nothing
    };
    let state = kind.state_field().is_some_and(|states| *states.field == *field.path());
    for (at, row) in table.translate.rows.iter().enumerate() {
        let Outcome::Value(Literal::Text(name)) = &row.outcome else { continue };
        let span = table.value_spans.get(at).copied().unwrap_or(table.span);
        roles::raised(cx, row, span, field);
        output(cx, kind, field, name, span, &names, listed, state, used.span);
    }
    if let Some(Outcome::Value(Literal::Text(name))) = &table.translate.rest {
        let span = table.rest_span.unwrap_or(table.span);
        output(cx, kind, field, name, span, &names, listed, state, used.span);
    }
    if listed != Listed::Nothing {
        same_names(cx, kind, field, table, used, &names, listed);
    }
    for (span, old) in &table.holes {
        let mut near: Vec<&str> = suggest::nearest(old, names.iter().copied(), CANDIDATES);
        near.extend(known.values.iter().map(|(name, _)| name.as_str()));
        let near = near.into_iter().take(CANDIDATES * 2).map(|name| format!("\"{name}\""));
        cx.draft.offers.push((*span, near.collect()));
    }
}

#[expect(clippy::too_many_arguments, reason = "each is another fact about one output")]
fn output(
    cx: &mut Context<'_>,
    kind: &KindView<'_>,
    field: FieldView<'_>,
    name: &str,
    span: Span,
    names: &FxHashSet<&str>,
    listed: Listed,
    state: bool,
    used: Span,
) {
    if state && kind.state(name).is_some_and(|state| state.write == Write::Never) {
        cx.push(
            Diagnostic::error("translate/unwritable-state", "records cannot be put into this state")
                .primary(span, format!("no {} can be made \"{name}\"", kind.title()))
                .help("choose another state, or leave such records out in `scope`"),
        );
        return;
    }
    if state && kind.state(name).is_some_and(|state| state.write == Write::OnUpdate) {
        let first = kind
            .states()
            .filter(|(_, state)| matches!(state.write, Write::Always | Write::OnCreate | Write::OnImport));
        let first: Vec<&str> = first.map(|(name, _)| name).collect();
        let product = cx.world.target().map_or("the new desk", |target| target.product()).to_owned();
        cx.push(
            Diagnostic::error("translate/unwritable-state#first", "records cannot be put into this state")
                .primary(span, format!("{product} refuses a new {} that is \"{name}\"", kind.title().to_lowercase()))
                .note(format!("a new one can be {}", words::quoted_list(first.iter().copied(), 12)))
                .help("choose one of these, with `kept in tag` for the old one; where the account was set up to allow it, say so in its inventory: `states: { ticket: { ... } }`"),
        );
        return;
    }
    if names.contains(name) || listed == Listed::Nothing {
        return;
    }
    let mut sorted: Vec<&str> = names.iter().copied().collect();
    sorted.sort_unstable();
    if listed == Listed::Shipped {
        roles::unlisted(cx, kind, field, name, span, used, &sorted);
        return;
    }
    let diagnostic = Diagnostic::error("translate/unknown-option", "the new system has no such option")
        .primary(span, format!("`{}` has no option \"{name}\"", field.path()))
        .secondary(used, "it would be written here");
    cx.push(match suggest::nearest(name, sorted.iter().copied(), 1).first() {
        Some(near) => diagnostic.help(format!("did you mean \"{near}\"?")),
        None => diagnostic.help(format!("it has {}", words::quoted_list(sorted.iter().copied(), 12))),
    });
}

/// What is known of the options of a field of the target.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Listed {
    /// Nothing that could be held against a name.
    Nothing,
    /// What the product comes with; the account may have made others, which its inventory does not list.
    Shipped,
    /// All of them.
    All,
}

/// `same name` needs an option of the same name.
fn same_names(
    cx: &mut Context<'_>,
    kind: &KindView<'_>,
    field: FieldView<'_>,
    table: &Table,
    used: &TableUse,
    names: &FxHashSet<&str>,
    listed: Listed,
) {
    let same = |value: &str| matches!(table.outcome(value), Some(Outcome::Same));
    let missing: Vec<&str> = used
        .domain
        .values
        .iter()
        .map(|(value, _)| value.as_str())
        .filter(|value| same(value) && !names.contains(value))
        .collect();
    if missing.is_empty() {
        return;
    }
    let first = missing.first().and_then(|value| table.row(value));
    let span =
        first.and_then(|at| table.value_spans.get(at).copied()).or(table.rest_span).unwrap_or(table.span);
    if listed == Listed::Shipped {
        let mut names: Vec<&str> = names.iter().copied().collect();
        names.sort_unstable();
        if let Some(first) = missing.first() {
            roles::unlisted(cx, kind, field, first, span, used.span, &names);
        }
        return;
    }
    let list = words::quoted_list(missing.iter().copied(), 6);
    cx.push(
        Diagnostic::error("translate/unknown-option#same", "the new system has no such option")
            .primary(span, format!("`{}` has no option {list}", field.path()))
            .secondary(used.span, "it would be written here")
            .help(
                "make the options in the new system and take its inventory again, or translate them by name",
            ),
    );
}

fn element(ty: &Type) -> &Type {
    match ty {
        Type::List(inner) => element(inner.required()),
        other => other,
    }
}

/// Names that objects of a kind of the target have or will have. `None` when they are not all known.
pub(super) fn names_of(cx: &Context<'_>, reference: &str) -> Option<Domain> {
    let (system, kinds) = reference.split_once('/')?;
    let system = cx.world.system(system)?;
    let source = cx.world.source()?;
    let mut names = Domain { closed: true, ..Domain::default() };
    for kind in kinds.split('|') {
        let view = system.kind(kind)?;
        for object in system.objects(view.name)? {
            names.values.push((object.name.to_string(), None));
        }
        // Objects that are imported or built anew are there by then.
        let coming = source.kinds.iter().filter(|k| fit::parts_correspond(k.kind.part, view.kind.part));
        for other in coming.filter(|k| cx.maps.comes(k.name)) {
            for object in source.objects(other.name)? {
                names.values.push((object.name.to_string(), None));
            }
        }
    }
    Some(names)
}

/// A state in which records can hardly be changed is a loss of its own.
fn limited<'a>(kind: &'a KindView<'a>, field: FieldView<'a>, table: &mut Table) {
    if kind.state_field().is_none_or(|states| *states.field != *field.path()) {
        return;
    }
    for (at, row) in table.translate.rows.iter().enumerate() {
        if let Outcome::Value(Literal::Text(name)) = &row.outcome
            && kind.state(name).is_some_and(|state| state.change != cutover_catalog::kind::Change::Free)
        {
            table.justified.insert(at);
        }
    }
}

/// What customers see of a state is the product's to say.
fn seen(cx: &mut Context<'_>, kind: &KindView<'_>, field: FieldView<'_>, table: &Table) {
    let is_state = kind.state_field().is_some_and(|states| *states.field == *field.path());
    for (at, row) in table.translate.rows.iter().enumerate() {
        let (Some(said), Outcome::Value(Literal::Text(name))) = (&row.seen_as, &row.outcome) else {
            continue;
        };
        let shown =
            kind.state(name).filter(|_| is_state).and_then(|state| state.seen_as.as_deref()).unwrap_or(name);
        if shown == said {
            continue;
        }
        let span = table.value_spans.get(at).copied().unwrap_or(table.span);
        cx.push(
            Diagnostic::error("translate/seen-as", "customers see another word than the translation says")
                .primary(span, format!("customers see \"{shown}\", not \"{said}\""))
                .help(format!("write `seen as \"{shown}\"`, or choose another option")),
        );
    }
}

/// Values that become one. Somewhere it must say why.
fn joined(cx: &mut Context<'_>, table: &mut Table, used: &TableUse, acknowledged: bool) -> LossSet {
    if table.broken {
        return LossSet::EXACT;
    }
    let mut groups = Groups::default();
    if used.domain.closed {
        for (value, _) in &used.domain.values {
            let at = table.row(value);
            let outcome = table.outcome(value).map(|outcome| match outcome {
                Outcome::Same => Outcome::Value(Literal::Text(value.clone())),
                other => other.clone(),
            });
            groups.add(outcome, at, 1);
        }
    } else {
        for (at, row) in table.translate.rows.iter().enumerate() {
            let many = row.pattern.wildcard || row.pattern.any_case;
            let outcome = match &row.outcome {
                Outcome::Same => None,
                other => Some(other.clone()),
            };
            groups.add(outcome, Some(at), if many { 2 } else { 1 });
        }
        let rest = table.translate.rest.clone().filter(|rest| *rest != Outcome::Same);
        groups.add(rest, None, 2);
    }
    let mut loss = LossSet::EXACT;
    for group in groups.list.iter().filter(|group| group.loses()) {
        loss = LossSet::of(Loss::ManyToOne);
        table.justified.extend(group.rows.iter().flatten().copied());
        table.rest_justified |= group.rows.contains(&None);
        let said = |at: &Option<usize>| match at {
            Some(at) => table.translate.rows.get(*at).is_some_and(|row| row.lossy.is_some()),
            None => table.rest_lossy.is_some(),
        };
        if acknowledged || group.rows.iter().any(said) {
            continue;
        }
        let place = |at: &Option<usize>| match at {
            Some(at) => table.spans.get(*at).copied(),
            None => table.rest_span,
        };
        let mut places: Vec<Span> = group.rows.iter().filter_map(place).collect();
        places.sort_unstable();
        places.dedup();
        let what = match &group.outcome {
            Outcome::Empty => "these values are lost".to_owned(),
            Outcome::Value(Literal::Text(text)) => format!("more than one value becomes \"{text}\""),
            _ => "more than one value becomes this".to_owned(),
        };
        let last = places.pop().unwrap_or(table.span);
        let mut diagnostic = Diagnostic::error(
            "loss/not-acknowledged#translation",
            "a translation loses something and does not say why",
        )
        .primary(last, what);
        for other in places.iter().rev().take(3) {
            diagnostic = diagnostic.secondary(*other, "and this one");
        }
        cx.push(
            diagnostic.secondary(used.span, "used here").help(
                "add `lossy \"why\"` to the line; it stands in the register of losses that people sign",
            ),
        );
    }
    loss
}

/// Incoming values by what they become, in the order of first occurrence.
#[derive(Default)]
struct Groups {
    list: Vec<Group>,
    at: FxHashMap<Outcome, usize>,
}

struct Group {
    outcome: Outcome,
    /// Rows that lead there, `None` for the rest; each once.
    rows: Vec<Option<usize>>,
    values: usize,
}

impl Groups {
    fn add(&mut self, outcome: Option<Outcome>, row: Option<usize>, values: usize) {
        let Some(outcome) = outcome else { return };
        if outcome == Outcome::Reject {
            return;
        }
        let at = *self.at.entry(outcome.clone()).or_insert_with(|| {
            self.list.push(Group { outcome, rows: Vec::new(), values: 0 });
            self.list.len() - 1
        });
        if let Some(group) = self.list.get_mut(at) {
            group.values += values;
            // Values of one row follow each other or not; a short list is searched faster than hashed, a long one is only the rest.
            if group.rows.last() != Some(&row) && (group.rows.len() > 64 || !group.rows.contains(&row)) {
                group.rows.push(row);
            }
        }
    }
}

impl Group {
    fn loses(&self) -> bool {
        self.values > 1 || self.outcome == Outcome::Empty
    }
}

/// After all uses: tables that nobody uses, lines that nothing reaches, reasons without a loss, what customers see.
pub(super) fn finish(cx: &mut Context<'_>) {
    let mut names: Vec<String> = cx.maps.tables.keys().cloned().collect();
    names.sort_unstable();
    for name in names {
        let Some(table) = cx.maps.tables.remove(&name) else { continue };
        report(cx, &name, &table);
        accepted(cx, &table);
        cx.maps.tables.insert(name, table);
    }
}

/// Lines of a translation of roles for somebody whom the old desk does not know.
fn dead_roles(cx: &mut Context<'_>, table: &Table) {
    for (at, row) in table.translate.rows.iter().enumerate() {
        if row.pattern.wildcard || table.roles.iter().any(|role| row.pattern.matches(role)) {
            continue;
        }
        let span = table.spans.get(at).copied().unwrap_or(table.span);
        let text = &row.pattern.text;
        let diagnostic = Diagnostic::warning(
            "translate/dead-line#role",
            "a line of a translation matches no value of the old system",
        )
        .primary(span, format!("nobody who is missing is called \"{text}\""));
        let near = suggest::nearest(text, table.known.iter().map(String::as_str), 1);
        cx.push(match near.first() {
            Some(near) => diagnostic.did_you_mean(span, format!("\"{near}\"")),
            None => diagnostic.help(
                "write the kind of person, `\"agent\"` or `\"end-user\"`, and `the rest` for everybody else",
            ),
        });
    }
}

fn report(cx: &mut Context<'_>, name: &str, table: &Table) {
    if table.generated || table.broken {
        return;
    }
    if table.uses == 0 {
        // A row that could not be read may be the one that names it.
        // Where the target's catalog is missing, which is reported already, `remaining kinds` declares no map.
        let known = cx.world.target().is_some_and(|target| !target.kinds.is_empty());
        if known && !table.used_elsewhere && !cx.maps.broken() {
            cx.push(
                Diagnostic::warning("translate/unused", "a translation is never used")
                    .primary(table.span, "no row names it")
                    .help(format!("write `by {name}` in a row of a map, or remove it")),
            );
        }
        return;
    }
    if table.uses == table.uses_by_role {
        dead_roles(cx, table);
    }
    if table.used_elsewhere || table.open_use {
        return;
    }
    // A line that matches nothing may be the other half of a loss.
    let dead = table.reached.len() < table.translate.rows.len();
    for (at, row) in table.translate.rows.iter().enumerate() {
        let span = table.spans.get(at).copied().unwrap_or(table.span);
        if !table.reached.contains(&at) {
            let diagnostic = Diagnostic::warning(
                "translate/dead-line",
                "a line of a translation matches no value of the old system",
            )
            .primary(span, format!("no such option: \"{}\"", row.pattern.text));
            let left = table.known.iter().filter(|value| table.row(value).is_none());
            let mut left: Vec<&str> = left.map(String::as_str).collect();
            left.sort_unstable();
            let near = suggest::nearest(&row.pattern.text, left, 1);
            cx.push(match near.first() {
                Some(near) => diagnostic.did_you_mean(span, format!("\"{near}\"")),
                None => diagnostic.help("remove it, or take the inventory again"),
            });
        } else if !dead
            && table.arrived.contains(&at)
            && row.lossy.is_some()
            // Whoever is rejected or emptied loses, though nothing else becomes the same.
            && matches!(row.outcome, Outcome::Value(_) | Outcome::Same)
            && !row.kept_in_tag
            && row.seen_as.is_none()
            && !table.justified.contains(&at)
        {
            cx.push(
                Diagnostic::warning(
                    "loss/nothing-lost#translation",
                    "a line says that it loses something and does not",
                )
                .primary(span, "no other value becomes the same")
                .help("remove `lossy`"),
            );
        }
    }
}

/// Whether a line gives the value that it names, letter case aside where the line itself says so.
fn same(row: &TranslateRow) -> bool {
    match &row.outcome {
        Outcome::Value(Literal::Text(to)) if row.pattern.any_case => {
            to.to_lowercase() == row.pattern.text.to_lowercase()
        }
        Outcome::Value(Literal::Text(to)) => *to == row.pattern.text,
        _ => false,
    }
}

/// A value with the blanks at its ends made visible: two lines that differ only there look the same on paper.
fn visible(text: &str) -> String {
    let inner = text.trim_matches(' ');
    let ends = |count: usize| "␠".repeat(count);
    let before = text.len() - text.trim_start_matches(' ').len();
    let after = text.len() - before - inner.len();
    format!("{}{inner}{}", ends(before), ends(after))
}

/// The register of losses.
fn accepted(cx: &mut Context<'_>, table: &Table) {
    // A value that keeps its name is the one that others become. It stands for the loss only when no line of theirs does.
    let keeps = |row: &TranslateRow| !row.pattern.wildcard && !row.kept_in_tag && same(row);
    let others = table.translate.rows.iter().filter(|row| row.lossy.is_some() && !keeps(row));
    let told: FxHashSet<&Outcome> = others.map(|row| &row.outcome).collect();
    for (at, row) in table.translate.rows.iter().enumerate() {
        let Some(because) = &row.lossy else { continue };
        if keeps(row) && told.contains(&row.outcome) {
            continue;
        }
        let to = match &row.outcome {
            Outcome::Value(Literal::Text(text)) => format!("becomes \"{text}\""),
            Outcome::Empty => "is left out".to_owned(),
            _ => "becomes another value".to_owned(),
        };
        let loss = cutover_plan::model::AcceptedLoss {
            what: if row.pattern.any_case && same(row) {
                format!("other spellings of \"{}\" become one", visible(&row.pattern.text))
            } else {
                format!("\"{}\" {to}", visible(&row.pattern.text))
            },
            because: because.clone(),
            records: table.records.get(&at).copied().flatten().filter(|_| table.uses > 0),
            of: table.of.filter(|_| table.uses > 0),
            kept_in: row.kept_in_tag.then(|| "tag".to_owned()),
        };
        cx.draft.plan.losses.insert(row.id.clone(), loss);
    }
    if let Some(because) = &table.rest_lossy {
        let loss = cutover_plan::model::AcceptedLoss {
            what: "all other values become one".to_owned(),
            because: because.clone(),
            records: table.rest_records.filter(|_| table.uses > 0),
            of: table.of.filter(|_| table.uses > 0),
            kept_in: None,
        };
        cx.draft.plan.losses.insert(table.translate.id.child("the rest"), loss);
    }
}
