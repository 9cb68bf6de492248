//! What follows the keyword of a block: identifier, title, fixed word, signature.

use cutover_diagnostics::{Applicability, Diagnostic};

use super::{Check, either};
use crate::construct::{Construct, NameRule};
use crate::messages::{did_you_mean, edit, nearest};
use crate::predicate;
use crate::tree::{Line, Range, Term, TermKind};
use crate::value::unquote;

impl Check<'_> {
    pub(super) fn identifier(&mut self, lead: &mut &[Term], row: &Construct) {
        let keyword = row.keyword;
        match lead.first().copied() {
            Some(term) if term.kind == TermKind::Word => {
                // `full-backup` is one name to whoever writes it.
                let joined = |pair: &[Term]| matches!(pair, [a, b] if a.range.end == b.range.start);
                let used = 1 + lead.windows(2).take_while(|pair| joined(pair)).count();
                let last = lead.get(used - 1).map_or(term.range, |t| t.range);
                *lead = lead.get(used..).unwrap_or_default();
                let whole = term.range.to(last);
                let raw = self.item.slice(whole);
                if !is_identifier(raw) {
                    let span = self.item.span(whole);
                    let name = slug(raw.trim_matches('`'));
                    self.push(
                        Diagnostic::error("syntax/bad-name", "a name holds something that names may not")
                            .primary(span, "holds more than a-z, 0-9 and `_`")
                            .help(
                                "it is short and never changes; what people read goes into a title in quotes",
                            )
                            .suggest(
                                format!("name it `{name}`, here and wherever it is used"),
                                [edit(span, name)],
                                Applicability::Unsafe,
                            ),
                    );
                }
            }
            Some(term) if term.kind == TermKind::Error => {
                *lead = &[];
            }
            Some(term) if term.kind == TermKind::Text => {
                let raw = self.item.raw(term);
                let span = self.item.span(term.range);
                let name = slug(&unquote(raw));
                let change = if row.title {
                    edit(span.before(), format!("{name} "))
                } else {
                    // There is no title here, so that the text can only have been meant as the name.
                    *lead = lead.get(1..).unwrap_or_default();
                    edit(span, name.clone())
                };
                self.push(
                    Diagnostic::error("syntax/missing-name#title", "a short name is missing before the title")
                        .primary(span, format!("`{keyword}` is followed by a short name"))
                        .help("other blocks, sign-offs and the plan call it by that name, so that the title can change")
                        .suggest(format!("name it `{name}`"), [change], Applicability::Unsafe),
                );
            }
            _ => {
                let span = self.item.head_span();
                self.push(
                    Diagnostic::error("syntax/missing-name", "a short name is missing")
                        .primary(span, format!("`{keyword}` is followed by a short name"))
                        .help(format!("write `{keyword} short_name`, with a name of your choice")),
                );
            }
        }
    }

    /// A title without its quotes. Says whether it was one.
    pub(super) fn bare_title(&mut self, lead: &[Term], row: &Construct) -> bool {
        let (Some(first), Some(last)) = (lead.first(), lead.last()) else { return false };
        let words = lead.iter().all(|term| term.kind == TermKind::Word);
        let near_clause = row.clauses.iter().any(|rule| {
            let raw = self.item.raw(*first);
            nearest(raw, [rule.keyword.text()]).is_some() || super::clause_keyword(self.item, lead).is_some()
        });
        if row.name == NameRule::None || !words || near_clause || lead.len() > 6 {
            return false;
        }
        let whole = first.range.to(last.range);
        let quoted = format!("\"{}\"", self.item.slice(whole));
        let span = self.item.span(whole);
        self.push(
            Diagnostic::error("syntax/unquoted#title", "a title stands in quotes")
                .primary(span, "the quotes are missing")
                .suggest(format!("write `{quoted}`"), [edit(span, quoted)], Applicability::Unsafe),
        );
        true
    }

    /// The name of a person without its quotes.
    pub(super) fn bare_person(&mut self, lead: &[Term]) {
        let [_, rest @ ..] = lead else { return };
        let (Some(first), Some(last)) = (rest.first(), rest.last()) else { return };
        if rest.iter().all(|term| term.kind == TermKind::Word) {
            let whole = first.range.to(last.range);
            let quoted = format!("\"{}\"", self.item.slice(whole));
            let span = self.item.span(whole);
            self.push(
                Diagnostic::error("syntax/unquoted#person", "a person's name stands in quotes")
                    .primary(span, "the quotes are missing")
                    .suggest(format!("write `{quoted}`"), [edit(span, quoted)], Applicability::Unsafe),
            );
        }
    }

    pub(super) fn one_of(&mut self, lead: &mut &[Term], row: &Construct, words: &'static [&'static str]) {
        let label = || format!("`{}` is followed by {}", row.keyword, either(words.iter().copied()));
        let Some(term) = lead.first().copied().filter(|t| matches!(t.kind, TermKind::Word | TermKind::Text))
        else {
            let span = self.item.head_span();
            let diagnostic =
                Diagnostic::error("syntax/missing-name#one-of", "this block has a fixed second word")
                    .primary(span, label());
            self.push(match words {
                [only] => {
                    let end = cutover_diagnostics::Span { start: span.end, ..span };
                    let title = format!("write `{} {only}`", row.keyword);
                    diagnostic.suggest(title, [edit(end, format!(" {only}"))], Applicability::Safe)
                }
                _ => diagnostic,
            });
            return;
        };
        *lead = lead.get(1..).unwrap_or_default();
        let raw = self.item.raw(term);
        if words.contains(&raw) {
            return;
        }
        let span = self.item.span(term.range);
        let near = nearest(&unquote(raw), words.iter().copied());
        self.push(did_you_mean(
            Diagnostic::error("syntax/bad-name#one-of", "this block has a fixed second word")
                .primary(span, label()),
            span,
            near,
        ));
    }

    pub(super) fn signature(&mut self, head: &Line, lead: &[Term], row: &Construct) {
        let remaining = predicate::is_word(self.item, lead.first(), "remaining");
        let whole = match head.result {
            Some(result) => self.terms(result).len() == 1 && lead.len() == 1,
            None => remaining && lead.len() == 2,
        };
        let words = lead.iter().all(|t| t.kind == TermKind::Word);
        if (whole && words) || self.broken(head) {
            return;
        }
        let span = self.item.span(self.line_head(head));
        let diagnostic =
            Diagnostic::error("syntax/bad-signature", "a map names the kind it reads and the kind it writes")
                .primary(span, format!("`{}` is followed by `source_kind -> target_kind`", row.keyword))
                .help(match lead.first().filter(|t| t.kind == TermKind::Word && lead.len() == 1) {
                    Some(kind) => format!(
                        "say what it becomes: `{} {} -> ...`, with a kind of the new desk; or leave this map out and write `map remaining kinds by catalog`",
                        row.keyword,
                        self.item.raw(*kind)
                    ),
                    None => "write `map ticket -> ticket { ... }`, or `map remaining kinds by catalog`".to_owned(),
                });
        self.push(match lead {
            [_, to, _] if head.result.is_none() && predicate::is_word(self.item, Some(to), "to") => {
                diagnostic.suggest(
                    "write `->`",
                    [edit(self.item.span(to.range), "->")],
                    Applicability::Unsafe,
                )
            }
            [a, b] if head.result.is_none() && words => {
                let gap = self.item.span(Range { start: a.range.end, end: b.range.start });
                diagnostic.suggest("write the arrow", [edit(gap, " -> ")], Applicability::Unsafe)
            }
            _ => diagnostic,
        });
    }
}

fn is_identifier(raw: &str) -> bool {
    let raw = raw.strip_prefix('`').and_then(|r| r.strip_suffix('`')).unwrap_or(raw);
    raw.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && raw.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// A title as an identifier.
/// Letters with marks as people write them where there are none.
fn plain(c: char) -> Option<&'static str> {
    Some(match c {
        'ä' | 'Ä' | 'æ' | 'Æ' => "ae",
        'ö' | 'Ö' | 'œ' | 'Œ' => "oe",
        'ü' | 'Ü' => "ue",
        'ß' => "ss",
        'å' | 'Å' => "aa",
        'à' | 'á' | 'â' | 'ã' | 'À' | 'Á' | 'Â' | 'Ã' => "a",
        'ç' | 'Ç' | 'č' | 'Č' => "c",
        'è' | 'é' | 'ê' | 'ë' | 'È' | 'É' | 'Ê' | 'Ë' => "e",
        'ì' | 'í' | 'î' | 'ï' | 'Ì' | 'Í' | 'Î' | 'Ï' => "i",
        'ñ' | 'Ñ' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ø' | 'Ò' | 'Ó' | 'Ô' | 'Õ' | 'Ø' => "o",
        'š' | 'Š' => "s",
        'ù' | 'ú' | 'û' | 'Ù' | 'Ú' | 'Û' => "u",
        'ž' | 'Ž' => "z",
        _ => return None,
    })
}

fn slug(title: &str) -> String {
    let mut name = String::new();
    for c in title.chars() {
        if let Some(plain) = plain(c) {
            name.push_str(plain);
        } else if c.is_ascii_alphanumeric() {
            name.push(c.to_ascii_lowercase());
        } else if !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
        if name.len() >= 24 {
            break;
        }
    }
    let name = name.trim_end_matches('_');
    if name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        name.to_owned()
    } else {
        "short_name".to_owned()
    }
}
