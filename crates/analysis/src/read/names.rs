//! Names: people, kinds, fields, declared items. Unknown ones get the nearest known name as a suggestion.

use cutover_diagnostics::{Diagnostic, Span, suggest};
use cutover_syntax::keywords::ItemKw;
use cutover_syntax::tree::{Item, Line, Term, TermKind, Terms};
use cutover_syntax::value::plain_name;

use crate::context::Context;
use crate::lower::checks;
use crate::read::common;
use crate::world::{FieldView, KindView, System};

/// Adds "did you mean" with its edit, when a candidate is near.
#[must_use]
pub fn did_you_mean<'n>(
    diagnostic: Diagnostic,
    span: Span,
    name: &str,
    candidates: impl IntoIterator<Item = &'n str>,
) -> Diagnostic {
    match suggest::nearest(name, candidates, 1).first() {
        Some(near) => diagnostic.did_you_mean(span, written(near)),
        None => diagnostic,
    }
}

/// A name as it is written in a spec: in backticks when it is no plain word.
#[must_use]
pub fn written(name: &str) -> String {
    let plain = |part: &str| {
        part.starts_with(|c: char| c.is_alphanumeric() || c == '_')
            && part.chars().all(|c| c.is_alphanumeric() || c == '_')
    };
    name.split('.')
        .map(|part| if plain(part) { part.to_owned() } else { format!("`{part}`") })
        .collect::<Vec<_>>()
        .join(".")
}

/// The word that names something. Whatever else stands there is reported: nothing that is named may be left out in silence.
#[must_use]
pub fn word(cx: &mut Context<'_>, item: &Item, term: Term, what: &str) -> Option<Term> {
    let span = item.span(term.range);
    match term.kind {
        TermKind::Word => return Some(term),
        TermKind::Hole => cx.draft.hole(span, what),
        // The parser reports it.
        TermKind::Error => {}
        _ => cx.push(
            Diagnostic::error("names/not-a-name", "something else stands where a name belongs")
                .primary(span, format!("{what} is named here, by a word without quotes"))
                .help("write the name, or `???` if it is not decided yet"),
        ),
    }
    None
}

/// A name that a line declares with the title behind it, and nothing more: `anna "Anna Weiss"`.
#[must_use]
pub fn titled(cx: &mut Context<'_>, item: &Item, line: &Line, what: &str) -> Option<(Term, Option<String>)> {
    let terms = item.get(line.lead);
    let name = word(cx, item, terms.first().copied()?, what)?;
    let title = terms.get(1).filter(|term| term.kind == TermKind::Text);
    checks::nothing_more(cx, item, terms.get(1 + usize::from(title.is_some())..).unwrap_or_default());
    Some((name, title.map(|title| common::text(item, *title).into_owned())))
}

/// A person of the team.
#[must_use]
pub fn person(cx: &mut Context<'_>, item: &Item, term: Term) -> Option<String> {
    let span = item.span(term.range);
    if term.kind == TermKind::Hole {
        let people = cx.names.people().into_iter().map(str::to_owned).collect();
        cx.draft.hole_of(span, "who does this", people);
        return None;
    }
    let term = word(cx, item, term, "a person of the team")?;
    let name = plain_name(item.raw(term)).into_owned();
    if cx.names.person(&name).is_some() {
        return Some(name);
    }
    let people = cx.names.people();
    // A spec without a team is reported once.
    if people.is_empty() {
        return None;
    }
    let diagnostic = Diagnostic::error("names/unknown-person", "this person is not in the team")
        .primary(span, format!("`team` has no `{name}`"));
    let diagnostic = did_you_mean(diagnostic, span, &name, people);
    cx.push(diagnostic);
    None
}

/// People of the team, separated by commas.
#[must_use]
pub fn people(cx: &mut Context<'_>, item: &Item, terms: Terms) -> Vec<String> {
    let terms: Vec<Term> = item.get(terms).to_vec();
    terms.into_iter().filter(|t| t.kind != TermKind::Comma).filter_map(|t| person(cx, item, t)).collect()
}

/// A kind of a system. `None` when it is unknown, which is reported, or when the system's catalog is.
#[must_use]
pub fn kind<'a>(
    cx: &mut Context<'a>,
    system: &'a System<'a>,
    item: &Item,
    term: Term,
) -> Option<&'a KindView<'a>> {
    let span = item.span(term.range);
    if term.kind == TermKind::Hole {
        cx.draft.hole(span, "the kind of objects");
        return None;
    }
    let name = plain_name(item.raw(term)).into_owned();
    kind_named(cx, system, &name, span)
}

/// A kind of a system by its name, as [`kind`].
#[must_use]
pub fn kind_named<'a>(
    cx: &mut Context<'a>,
    system: &'a System<'a>,
    name: &str,
    span: Span,
) -> Option<&'a KindView<'a>> {
    if let Some(view) = system.kind(name) {
        return Some(view);
    }
    // Without a catalog, or with an inventory that could not be read, nothing is known about names.
    if system.catalog.is_none_or(|c| c.generic && system.inventory.is_none()) {
        return None;
    }
    let candidates: Vec<&str> = system.kinds.iter().flat_map(|k| [k.plural.as_str(), k.name]).collect();
    let diagnostic = Diagnostic::error("names/unknown-kind", "this system has no such kind of objects")
        .primary(span, format!("{} has no `{name}`", system.product()));
    let meant = suggest::nearest(name, candidates.iter().copied(), 1);
    let meant =
        meant.first().and_then(|near| system.kinds.iter().find(|k| k.plural == *near || k.name == *near));
    cx.meant.extend(meant.map(|kind| (kind.name, span)));
    cx.push(did_you_mean(diagnostic, span, name, candidates));
    None
}

/// A field of a kind by its path. Unknown ones are reported.
#[must_use]
pub fn field<'a>(
    cx: &mut Context<'a>,
    kind: &'a KindView<'a>,
    path: &str,
    span: Span,
) -> Option<FieldView<'a>> {
    if let Some(field) = kind.field(path) {
        return Some(field);
    }
    let system = cx.world.system(&kind.system);
    // A custom field of an account without inventory: it may well exist.
    if path.starts_with("custom.") && system.is_none_or(|s| s.inventory.is_none()) {
        if system.is_some_and(|s| !s.inventory_named) {
            cx.push(
                Diagnostic::error(
                    "names/unknown-field#no-inventory",
                    "custom fields are known from the inventory only",
                )
                .primary(span, format!("no inventory of the {} says that it has this field", kind.system))
                .help("name one: `inventory \"inventory/source.yaml\"`"),
            );
        }
        return None;
    }
    let paths: Vec<String> = kind.fields().map(|f| f.path()).collect();
    let product = system.map_or("this system", |s| s.product());
    let diagnostic = Diagnostic::error("names/unknown-field", "this kind has no such field")
        .primary(span, format!("a {product} {} has no field `{path}`", kind.title()));
    let custom = format!("custom.{path}");
    let diagnostic = if kind.field(&custom).is_some() {
        diagnostic
            .help("custom fields are written with `custom.` before the name")
            .replace(span, written(&custom))
    } else {
        did_you_mean(diagnostic, span, path, paths.iter().map(String::as_str))
    };
    cx.push(diagnostic);
    None
}

/// A declared item of a keyword: a calendar, a translation, a baseline. Unknown ones are reported.
#[must_use]
pub fn declared<'a>(
    cx: &mut Context<'a>,
    keyword: ItemKw,
    item: &Item,
    term: Term,
) -> Option<(String, &'a Item)> {
    let span = item.span(term.range);
    let name = plain_name(item.raw(term)).into_owned();
    if let Some((found, _)) = cx.names.item(keyword, &name) {
        return Some((name, found));
    }
    let all = cx.names.all(keyword);
    let diagnostic = Diagnostic::error("names/unknown-item", "no item has this name")
        .primary(span, format!("no `{keyword}` is called `{name}`"));
    let diagnostic = if all.is_empty() {
        diagnostic.help(format!("declare it: `{keyword} {name} {{ ... }}`"))
    } else {
        did_you_mean(diagnostic, span, &name, all)
    };
    cx.push(diagnostic);
    None
}

/// One of a closed list of words. Unknown ones are reported with the list.
#[must_use]
pub fn one_of(cx: &mut Context<'_>, item: &Item, term: Term, what: &str, words: &[&str]) -> Option<String> {
    let span = item.span(term.range);
    if term.kind == TermKind::Hole {
        cx.draft.hole_of(span, what, words.iter().map(|word| (*word).to_owned()).collect());
        return None;
    }
    let word = plain_name(item.raw(term)).into_owned();
    if words.contains(&word.as_str()) {
        return Some(word);
    }
    let list: Vec<String> = words.iter().map(|w| format!("`{w}`")).collect();
    let diagnostic = Diagnostic::error("names/unknown-word", "this word is not in the list of the language")
        .primary(span, format!("not {what}"))
        .help(format!("{what} is one of {}", list.join(", ")));
    cx.push(did_you_mean(diagnostic, span, &word, words.iter().copied()));
    None
}
