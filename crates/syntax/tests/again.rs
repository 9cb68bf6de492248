//! A text that is read again after an edit has the tree and the findings of one that is read for the first time.
#![expect(clippy::string_slice, reason = "offsets are rounded to characters first")]

use std::sync::Arc;

use cutover_diagnostics::FileId;
use cutover_syntax::again::Parsed;
use proptest::prelude::*;

/// Pieces of specs, broken ones among them.
const PIECES: &[&str] = &[
    "edition 1\n",
    "map a -> b {\n  x -> y by trim\n  drop z because \"w\"\n}\n",
    "team full {\n  maya \"Maya\" role project_owner\n",
    "}\n",
    "{",
    "\"",
    "# note\n",
    "scope { import tickets where status is \"open\" }\n",
    "translate s { \"a\" -> \"b\"; the rest -> same name }\r\n",
    "go live owner x {\n",
    "\u{202e}",
    "é日😀",
    "\n",
    "\r",
    " ",
    "map",
    "->",
    "=>",
];

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 0..30).prop_map(|pieces| pieces.concat())
}

fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// All that a reader of a tree sees.
fn seen(parsed: &Parsed) -> String {
    let items = parsed.tree.items.iter().map(|item| {
        let at = (item.source.base, item.source.len, item.source.text.len());
        format!("{:?} {at:?} {:?} {:?} {:?}\n", item.keyword, item.lines, item.terms, item.comments)
    });
    format!("{}{:#?}", items.collect::<String>(), parsed.findings())
}

proptest! {
    #[test]
    fn again_is_anew(
        first in text(),
        edits in prop::collection::vec((0..2_000_usize, 0..200_usize, prop::sample::select(PIECES)), 1..8),
    ) {
        let mut now = first;
        let mut parsed = Parsed::new(FileId(3), &Arc::from(now.as_str()));
        for (start, length, new) in edits {
            let start = floor(&now, start % (now.len() + 1));
            let end = floor(&now, start + length).max(start);
            now = format!("{}{new}{}", &now[..start], &now[end..]);
            let text: Arc<str> = Arc::from(now.as_str());
            let (after, fresh) = parsed.again(&text);
            parsed = after;
            prop_assert!(fresh.end <= parsed.tree.items.len());
            let anew = Parsed::new(FileId(3), &text);
            prop_assert_eq!(seen(&parsed), seen(&anew));
            let (tree, findings) = cutover_syntax::parse(FileId(3), &text);
            prop_assert_eq!(tree.items.len(), anew.tree.items.len());
            prop_assert_eq!(findings, anew.findings());
        }
    }
}
