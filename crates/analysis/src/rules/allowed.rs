//! Findings that the spec silences with `allow`: only warnings, only as long as it says, and never for nothing.

use std::collections::BTreeMap;

use cutover_diagnostics::{Applicability, Diagnostic, Edit, Label, Span, suggest};
use cutover_ir::time::Date;

use crate::lower::allow::Allowed;

/// By what `allow` is judged.
#[derive(Clone, Copy)]
pub struct Terms<'a> {
    /// The day that counts as today: the one that the caller names, or else that of the source's inventory.
    pub today: Option<Date>,
    /// Whether the caller named it.
    pub named: bool,
    /// Codes that nobody may silence, with the place that says so.
    pub forbidden: &'a BTreeMap<String, Span>,
    /// Codes of which nobody knows whether they are found: what finds them did not look.
    pub unknown: &'a dyn Fn(&str) -> bool,
    /// The codes of all findings that can be silenced, sorted.
    pub silenceable: &'a dyn Fn() -> Vec<String>,
}

/// Takes the silenced warnings out of `diagnostics`, and reports what is silenced wrongly: nothing, longer than the spec
/// says, or what the project forbids. An error stays, and says why. Runs once, when all findings are known.
pub fn apply(allowed: &[Allowed], terms: &Terms<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let mut more = Vec::new();
    for entry in allowed {
        if let Some(at) = terms.forbidden.get(&entry.code) {
            more.push(
                Diagnostic::error("allow/forbidden", "this finding cannot be silenced")
                    .primary(entry.span, "the project does not let a spec silence it")
                    .secondary(*at, "here")
                    .help("do what it asks, or let whoever keeps the settings take it out of `forbid`"),
            );
            continue;
        }
        if let Some((until, today)) = entry.until.zip(terms.today)
            && until < today
        {
            let judged = if terms.named { "judged on" } else { "the inventory was taken on" };
            more.push(
                Diagnostic::warning("allow/expired", "a finding is silenced no longer")
                    .primary(entry.span, format!("only until {until}; {judged} {today}"))
                    .help("do what it asks, or decide again and say until when"),
            );
            continue;
        }
        let mut silenced = 0_usize;
        diagnostics.retain_mut(|finding| {
            if finding.code != entry.code || !concerns(entry, finding) {
                return true;
            }
            silenced += 1;
            if finding.is_error() {
                let label = Label { span: entry.span, text: "an error cannot be silenced".into() };
                finding.labels.push(label);
            }
            finding.is_error()
        });
        if silenced > 0 {
            continue;
        }
        let known = (terms.silenceable)();
        if known.binary_search(&entry.code).is_err() {
            more.push(no_such(entry, &known));
        } else if !(terms.unknown)(&entry.code) {
            let remove = Edit { span: entry.whole, replacement: String::new() };
            more.push(
                Diagnostic::warning("allow/unused", "nothing is silenced by this")
                    .primary(entry.span, "no finding has this code here")
                    .suggest(
                        "remove it, so that it does not hide a finding that comes later",
                        [remove],
                        Applicability::Safe,
                    ),
            );
        }
    }
    diagnostics.extend(more);
}

fn no_such(entry: &Allowed, known: &[String]) -> Diagnostic {
    let finding = Diagnostic::error("allow/unknown", "nothing that can be silenced is called this")
        .primary(entry.span, "no lint and no warning has this code, and errors cannot be silenced");
    match suggest::nearest(&entry.code, known.iter().map(String::as_str), 1).first() {
        Some(near) => finding.did_you_mean(entry.span, format!("\"{near}\"")),
        None => finding.help("each finding shows its code in brackets; `cutover explain` lists them all"),
    }
}

fn concerns(entry: &Allowed, finding: &Diagnostic) -> bool {
    let Some(on) = entry.on else { return true };
    finding.span().is_some_and(|span| span.file == on.file && on.start <= span.start && span.end <= on.end)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Terms, apply};
    use crate::lower::allow::Allowed;
    use cutover_diagnostics::{Diagnostic, FileId, Span};
    use cutover_ir::time::Date;

    fn span(start: u32, end: u32) -> Span {
        Span { file: FileId(0), start, end }
    }

    fn codes(entry: Allowed, mut diagnostics: Vec<Diagnostic>) -> Vec<&'static str> {
        let forbidden = BTreeMap::from([("watch/seldom".to_owned(), span(1, 2))]);
        let unknown = |code: &str| code == "scope/over-import";
        let today = Date::new(2026, 11, 20);
        let silenceable =
            || ["scope/over-import", "sla/needs-probe", "watch/seldom"].map(str::to_owned).to_vec();
        let terms = Terms {
            today,
            named: false,
            forbidden: &forbidden,
            unknown: &unknown,
            silenceable: &silenceable,
        };
        apply(&[entry], &terms, &mut diagnostics);
        diagnostics.iter().map(|finding| finding.code).collect()
    }

    fn allowed(code: &str, on: Option<Span>, until: Option<Date>) -> Allowed {
        Allowed { code: code.to_owned(), span: span(0, 5), whole: span(0, 9), on, until }
    }

    fn warning(at: Span) -> Diagnostic {
        Diagnostic::warning("sla/needs-probe", "a").primary(at, "b")
    }

    #[test]
    fn a_warning_is_silenced_everywhere_or_in_one_item() {
        assert_eq!(codes(allowed("sla/needs-probe", None, None), vec![warning(span(50, 60))]), [""; 0]);
        let inside = allowed("sla/needs-probe", Some(span(40, 70)), None);
        let found = codes(inside, vec![warning(span(50, 60)), warning(span(80, 90))]);
        assert_eq!(found, ["sla/needs-probe"]);
    }

    #[test]
    fn errors_nothing_and_the_past_are_reported() {
        let error = Diagnostic::error("sla/no-base", "a").primary(span(50, 60), "b");
        assert_eq!(codes(allowed("sla/no-base", None, None), vec![error]), ["sla/no-base"]);
        assert_eq!(codes(allowed("sla/needs-probe", None, None), Vec::new()), ["allow/unused"]);
        assert_eq!(codes(allowed("sla/no-base", None, None), Vec::new()), ["allow/unknown"]);
        assert_eq!(codes(allowed("scope/over-import", None, None), Vec::new()), [""; 0], "nobody looked");
        assert_eq!(codes(allowed("watch/seldom", None, None), Vec::new()), ["allow/forbidden"]);
        let past = allowed("sla/needs-probe", None, Date::new(2026, 11, 19));
        assert_eq!(codes(past, vec![warning(span(50, 60))]), ["sla/needs-probe", "allow/expired"]);
        let last_day = allowed("sla/needs-probe", None, Date::new(2026, 11, 20));
        assert_eq!(codes(last_day, vec![warning(span(50, 60))]), [""; 0]);
    }
}
