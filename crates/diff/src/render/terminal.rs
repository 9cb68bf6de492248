//! A diff in a terminal.

use std::fmt::Write as _;

use cutover_plan::text::escape::plain;

use super::{NOTHING, affected, sections, summary, told};
use crate::Diff;

/// The diff as lines of text without colour. Everything from a spec is inert.
#[must_use]
pub fn terminal(diff: &Diff) -> String {
    if diff.is_empty() {
        return format!("{NOTHING}\n");
    }
    let mut out = String::new();
    for (section, changes) in sections(diff) {
        let _ = writeln!(out, "{}", section.title());
        for change in changes {
            let effect = change.effect().words();
            let effect = if effect.is_empty() { String::new() } else { format!(", {effect}") };
            let _ = writeln!(
                out,
                "\n  {}[{}{effect}]: {}",
                change.kind.name(),
                change.class().word(),
                change.kind.says()
            );
            let _ = writeln!(out, "    {}", plain(&told(change)));
            if let Some(affected) = affected(change) {
                let _ = writeln!(out, "    {}", plain(&affected));
            }
            let place = change.place.as_ref().map_or_else(String::new, |place| {
                format!("{}:{}:{}  ", place.file, place.line, place.column)
            });
            let _ = writeln!(out, "    {}", plain(&format!("{place}{}", change.id)));
        }
        out.push('\n');
    }
    let _ = writeln!(out, "{}", summary(diff));
    out
}
