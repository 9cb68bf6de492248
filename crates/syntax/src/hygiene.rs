//! Characters that show a reviewer something else than they tell the compiler.

use cutover_diagnostics::{Diagnostic, FileId, Span};

use crate::keywords::{ClauseKw, ItemKw, StmtKw};
use crate::messages;
use crate::parse::report;

/// Finds bidirectional controls anywhere, and words that look like keywords but hold letters of another alphabet.
pub(crate) fn check(file: FileId, text: &str, diagnostics: &mut Vec<Diagnostic>) {
    if text.is_ascii() {
        return;
    }
    let span = |start: usize, len: usize| {
        let start = u32::try_from(start).unwrap_or(u32::MAX);
        Span { file, start, end: start + u32::try_from(len).unwrap_or(0) }
    };
    let mut in_string = false;
    let mut in_comment = false;
    let mut escaped = false;
    let mut word: Option<usize> = None;
    for (at, c) in text.char_indices().chain(std::iter::once((text.len(), '\n'))) {
        if is_bidi_control(c) {
            report(diagnostics, messages::bidi(span(at, c.len_utf8()), c));
        }
        let part_of_word = c.is_alphanumeric() || c == '_';
        match c {
            '\n' | '\r' => (in_string, in_comment, escaped) = (false, false, false),
            _ if in_comment => {}
            _ if escaped => escaped = false,
            '\\' if in_string => escaped = true,
            '"' => in_string = !in_string,
            '#' if !in_string => in_comment = true,
            _ => {}
        }
        if part_of_word && !in_string && !in_comment {
            word = word.or(Some(at));
        } else if let Some(start) = word.take() {
            let raw = text.get(start..at).unwrap_or_default();
            if let Some(keyword) = looks_like(raw) {
                report(diagnostics, messages::confusable(span(start, raw.len()), keyword));
            }
        }
    }
}

/// Unicode's bidirectional controls: embeddings, overrides, isolates and marks.
fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The keyword that a word with foreign letters looks like.
pub(crate) fn looks_like(raw: &str) -> Option<&'static str> {
    if raw.is_ascii() {
        return None;
    }
    let latin: String = raw.chars().map(latin).collect();
    let words = ItemKw::ALL.iter().map(|k| k.text());
    let words =
        words.chain(StmtKw::ALL.iter().map(|k| k.text())).chain(ClauseKw::ALL.iter().map(|k| k.text()));
    words.into_iter().find(|text| *text == latin)
}

/// Cyrillic, Greek and full-width letters that look like Latin ones.
fn latin(c: char) -> char {
    match c {
        'а' | 'α' => 'a',
        'с' | 'ϲ' => 'c',
        'ԁ' => 'd',
        'е' | 'ε' => 'e',
        'һ' => 'h',
        'і' | 'ι' | 'ı' => 'i',
        'ј' => 'j',
        'κ' | 'к' => 'k',
        'ӏ' => 'l',
        'м' => 'm',
        'п' | 'η' => 'n',
        'о' | 'ο' | 'օ' => 'o',
        'р' | 'ρ' => 'p',
        'ԛ' => 'q',
        'г' => 'r',
        'ѕ' => 's',
        'т' | 'τ' => 't',
        'υ' | 'ս' => 'u',
        'ν' | 'ѵ' => 'v',
        'ԝ' | 'ω' => 'w',
        'х' | 'χ' => 'x',
        'у' | 'γ' => 'y',
        '\u{ff41}'..='\u{ff5a}' => char::from_u32(u32::from(c) - 0xff41 + u32::from('a')).unwrap_or(c),
        other => other,
    }
}
