//! Lists: what stands between commas.

use cutover_diagnostics::{Diagnostic, Span};
use cutover_ir::measure::Sample;
use cutover_syntax::tree::{Item, Term, TermKind, Terms};
use cutover_syntax::value::{self, plain_name};

use crate::context::Context;
use crate::lower::checks;
use crate::read::quantity::NOT_MEANT;
use crate::read::{common, names, quantity};
use crate::world::{KindView, System};

/// The terms between commas that stand outside of parentheses; empty parts are left out.
#[must_use]
pub fn parts(item: &Item, terms: Terms) -> Vec<&[Term]> {
    let terms = item.get(terms);
    let mut depth = 0_usize;
    let split = terms.split(|term| {
        match term.kind {
            TermKind::Open => depth += 1,
            TermKind::Close => depth = depth.saturating_sub(1),
            _ => {}
        }
        term.kind == TermKind::Comma && depth == 0
    });
    split.filter(|part| !part.is_empty()).collect()
}

/// Where some terms stand.
#[must_use]
pub fn span_of(item: &Item, terms: &[Term]) -> Option<Span> {
    Some(item.span(terms.first()?.range.to(terms.last()?.range)))
}

/// The words of some terms with blanks between, names without backticks.
#[must_use]
pub fn joined(item: &Item, terms: &[Term]) -> String {
    let words: Vec<_> = terms.iter().map(|term| plain_name(item.raw(*term))).collect();
    words.join(" ")
}

/// A list of words, each one of a closed list. Unknown ones are reported; a word that stands twice counts once.
#[must_use]
pub fn words(cx: &mut Context<'_>, item: &Item, terms: Terms, what: &str, known: &[&str]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for part in parts(item, terms) {
        let Some(word) = phrase(cx, item, part, what, known) else { continue };
        if !found.contains(&word) {
            found.push(word);
        }
    }
    found
}

/// One of a closed list of phrases of one or more words.
#[must_use]
pub fn phrase(
    cx: &mut Context<'_>,
    item: &Item,
    terms: &[Term],
    what: &str,
    known: &[&str],
) -> Option<String> {
    let first = terms.first().copied()?;
    if terms.len() == 1 && first.kind != TermKind::Text {
        return names::one_of(cx, item, first, what, known);
    }
    let text = if first.kind == TermKind::Text {
        common::text(item, first).into_owned()
    } else {
        joined(item, terms)
    };
    if first.kind != TermKind::Text && known.contains(&text.as_str()) {
        return Some(text);
    }
    // A known word with more behind it is no other word: the line goes on where it should not.
    if first.kind == TermKind::Word {
        let begins =
            |count: &usize| known.contains(&joined(item, terms.get(..*count).unwrap_or_default()).as_str());
        if let Some(count) = (1..terms.len().min(4)).rev().find(begins) {
            checks::nothing_more(cx, item, terms.get(count..).unwrap_or_default());
            return Some(joined(item, terms.get(..count).unwrap_or_default()));
        }
    }
    let span = span_of(item, terms)?;
    let list: Vec<String> = known.iter().map(|w| format!("`{w}`")).collect();
    let diagnostic =
        Diagnostic::error("names/unknown-word#phrase", "this word is not in the list of the language")
            .primary(span, format!("not {what}"))
            .help(format!("{what} is one of {}", list.join(", ")));
    let near = cutover_diagnostics::suggest::nearest(&text, known.iter().copied(), 1);
    cx.push(match near.first() {
        Some(near) => diagnostic.replace(span, *near),
        None => diagnostic,
    });
    None
}

/// Amounts of things: `100 tickets, 20 transcripts`. Each thing is a kind of `system`.
#[must_use]
pub fn samples<'a>(
    cx: &mut Context<'a>,
    system: Option<&'a System<'a>>,
    item: &Item,
    terms: Terms,
) -> Vec<Sample> {
    let mut found = Vec::new();
    for part in parts(item, terms) {
        let Some((count, used)) = value::read(item, part) else { continue };
        let at = item.span(count.range);
        let Some(count) = quantity::count(cx, item, &count) else { continue };
        if count == 0 {
            cx.push(
                Diagnostic::error("types/not-meant", NOT_MEANT)
                    .primary(at, "nothing would be looked at")
                    .help("write how many are looked at, or leave the line out"),
            );
        }
        let Some(noun) = part.get(used).filter(|t| t.kind == TermKind::Word).copied() else {
            let Some(span) = span_of(item, part) else { continue };
            cx.push(
                Diagnostic::error("scope/amount-of-what", "an amount says of what it is")
                    .primary(span, "how many of which kind?")
                    .help("write `100 tickets`"),
            );
            continue;
        };
        checks::nothing_more(cx, item, part.get(used + 1..).unwrap_or_default());
        let Some(system) = system else { continue };
        // An unknown kind is reported; without a catalog nothing is known, and the word stands for itself.
        let of = match names::kind(cx, system, item, noun) {
            Some(kind) => kind.plural.clone(),
            None if system.catalog.is_none() => plain_name(item.raw(noun)).into_owned(),
            None => continue,
        };
        found.push(Sample { count, of });
    }
    found
}

/// A kind with the objects of it that a line names: `tickets`, `tickets the rest`, `automations "Escalate VIP", "Assign billing"`.
#[derive(Debug)]
pub struct Noun<'a> {
    /// The kind.
    pub kind: &'a KindView<'a>,
    /// Where it is named.
    pub span: Span,
    /// Names of objects, each with its place.
    pub named: Vec<(String, Span)>,
    /// Whether `the rest` follows.
    pub rest: bool,
}

/// Reads kinds of a system, separated by commas; `named` says whether objects of a kind may be named. Unknown kinds are reported.
#[must_use]
pub fn nouns<'a>(
    cx: &mut Context<'a>,
    system: &'a System<'a>,
    item: &Item,
    terms: &[&[Term]],
    named: bool,
) -> Vec<Noun<'a>> {
    let mut nouns: Vec<Noun<'a>> = Vec::new();
    // Objects behind a kind that is not known belong to nothing.
    let mut open = false;
    for (at, part) in terms.iter().enumerate() {
        let Some(first) = part.first().copied() else { continue };
        let mut behind = *part;
        if at == 0 && first.kind == TermKind::Text {
            let _ = names::word(cx, item, first, "a kind of objects");
        }
        if first.kind != TermKind::Text {
            let found = names::kind(cx, system, item, first);
            open = found.is_some();
            if let Some(kind) = found {
                nouns.push(Noun { kind, span: item.span(first.range), named: Vec::new(), rest: false });
            }
            behind = part.get(1..).unwrap_or_default();
        }
        let Some(noun) = nouns.last_mut().filter(|_| open) else { continue };
        match behind {
            [] => {}
            [name] if named && name.kind == TermKind::Text => {
                noun.named.push((common::text(item, *name).into_owned(), item.span(name.range)));
            }
            [the, rest] if item.raw(*the) == "the" && item.raw(*rest) == "rest" => noun.rest = true,
            [word] if item.raw(*word) == "the rest" => noun.rest = true,
            _ => {
                let Some(span) = span_of(item, behind) else { continue };
                let help = if named {
                    "behind a kind stand `the rest`, or the names of objects in quotes"
                } else {
                    "behind a kind stands nothing, `the rest`, or a condition with `where`"
                };
                cx.push(
                    Diagnostic::error("scope/extra-words", "these words have no place behind a kind")
                        .primary(span, "not understood here")
                        .help(help),
                );
                if !named {
                    // Which objects are meant is not known: nothing more is said about them.
                    nouns.pop();
                    open = false;
                }
            }
        }
    }
    nouns
}
