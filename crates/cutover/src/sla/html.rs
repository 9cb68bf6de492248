//! One page with a picture for each ticket that matters: when the desk is open, when the ticket waited, when it is due by whom.
//!
//! The page asks nothing of the network and runs nothing. Every text from outside is escaped; every colour has a word beside it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use cutover_calendar::Calendar;
use cutover_plan::text::numbers::number;
use cutover_preview::{Class, Counts, Due};

use super::desk::{Desk, NotComputed};
use super::ticket::Row;
use super::totals::{Broken, Totals};
use super::{Sink, remarks, words};

/// So many clocks have a picture; the other formats tell of all.
const PICTURES: usize = 100;

/// A picture shows at most so many stretches of opening hours one by one.
const STRETCHES: usize = 400;

const STYLE: &str = "\
:root{color-scheme:light;--ink:#1b1b1f;--soft:#5c5c66;--line:#d8d8de}\
*{box-sizing:border-box}\
body{margin:0 auto;max-width:64rem;padding:1rem;font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:#fff;overflow-wrap:anywhere}\
h1{font-size:1.5rem;margin:.5rem 0}h2{font-size:1.2rem;margin:2rem 0 .5rem}h3{font-size:1rem;margin:0}\
p{margin:.4rem 0}.soft{color:var(--soft)}\
.wide{overflow-x:auto}table{border-collapse:collapse;font-size:.9rem}\
th,td{padding:.25rem .6rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top;white-space:nowrap}\
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}\
article{border:1px solid var(--line);border-radius:.5rem;padding:.8rem;margin:.8rem 0}\
.class{display:inline-block;border:1px solid;border-radius:.3rem;padding:0 .4rem;font-size:.85rem;font-weight:600}\
.equal,.done{color:#1d5e34}.false-late{color:#7a4a00}.no-clock{color:#5b3a8c}.hidden-breach{color:#a3171f}\
.lane{display:grid;grid-template-columns:9rem 1fr;gap:.6rem;align-items:center;font-size:.85rem;margin:.15rem 0}\
.lane svg{width:100%;height:1.1rem;background:#f4f4f6;display:block}\
.when{font-size:.85rem;color:var(--soft)}\
details{margin-top:.5rem;font-size:.9rem}summary{cursor:pointer}ol{padding-left:1.3rem;margin:.4rem 0}\
@media(max-width:40rem){.lane{grid-template-columns:1fr;gap:.1rem}}";

/// What is written when there is nothing to compute.
pub(super) fn not_computed(out: &mut dyn Write, why: &NotComputed) -> io::Result<()> {
    let mut page = String::new();
    begin(&mut page, "");
    page.push_str("<p><strong>Not computed:</strong> ");
    text(&mut page, &why.to_string());
    page.push_str(".</p>\n</body>\n</html>\n");
    out.write_all(page.as_bytes())
}

pub(super) struct Html<'o> {
    out: &'o mut dyn Write,
    /// The clocks that matter most, those first.
    pictures: Vec<Picture>,
}

struct Picture {
    rank: (Class, u64, bool),
    drawn: String,
}

impl<'o> Html<'o> {
    pub(super) const fn new(out: &'o mut dyn Write) -> Html<'o> {
        Html { out, pictures: Vec::new() }
    }
}

impl Sink for Html<'_> {
    fn row(&mut self, row: &Row<'_, '_>) -> io::Result<()> {
        let compared = &row.outcome.after_event;
        let far = compared.difference.unwrap_or_default().unsigned_abs();
        let rank = (compared.class, far, row.outcome.breached);
        let at = self.pictures.partition_point(|other| other.rank >= rank);
        if at < PICTURES {
            self.pictures.insert(at, Picture { rank, drawn: article(row) });
            self.pictures.truncate(PICTURES);
        }
        Ok(())
    }

    fn end(&mut self, desk: &Desk<'_>, totals: &Totals) -> io::Result<()> {
        let mut page = String::new();
        begin(&mut page, &desk.plan.migration.title);
        overview(&mut page, desk, totals);
        let all = totals.summary.all.tickets;
        if all > 0 {
            groups(&mut page, desk, totals);
            reasons(&mut page, &totals.summary.all);
            broken(&mut page, desk, totals);
            page.push_str("<h2>Ticket by ticket</h2>\n");
            let shown = u64::try_from(self.pictures.len()).unwrap_or(u64::MAX);
            if shown < all {
                let _ = writeln!(
                    page,
                    "<p class=\"soft\">The {} that matter most, of {}. The table for spreadsheets has all of them.</p>",
                    number(shown),
                    words::clocks(all)
                );
            }
        }
        self.out.write_all(page.as_bytes())?;
        for picture in &self.pictures {
            self.out.write_all(picture.drawn.as_bytes())?;
        }
        self.out.write_all(b"</body>\n</html>\n")?;
        self.out.flush()
    }
}

/// How the title of a page begins.
pub(super) const TITLE: &str = "What becomes of the promises";

fn begin(page: &mut String, migration: &str) {
    let mut title = String::from(TITLE);
    if !migration.is_empty() {
        title.push_str(" – ");
        text(&mut title, migration);
    }
    // Nothing is loaded and nothing runs, whatever a name of a ticket says.
    let _ = write!(
        page,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <h1>{title}</h1>\n"
    );
}

fn overview(page: &mut String, desk: &Desk<'_>, totals: &Totals) {
    page.push_str("<p>");
    text(page, &remarks::moving(desk, totals));
    page.push_str("</p>\n<ul class=\"soft\">\n");
    for remark in remarks::remarks(desk, totals) {
        page.push_str("<li>");
        text(page, &remark);
        page.push_str("</li>\n");
    }
    page.push_str("</ul>\n");
}

fn groups(page: &mut String, desk: &Desk<'_>, totals: &Totals) {
    block(page, "By policy and priority, after the first event", desk, totals, |counts| &counts.classes);
    block(page, "Right after the import", desk, totals, |counts| &counts.on_import);
    page.push_str("<ul class=\"soft\">\n");
    for class in words::columns(&totals.summary.all) {
        let _ = writeln!(page, "<li>{}: {}.</li>", class.name(), words::class(class));
    }
    page.push_str("</ul>\n");
}

/// Why due times differ, with counts.
fn reasons(page: &mut String, counts: &Counts) {
    if counts.reasons.is_empty() {
        return;
    }
    page.push_str("<h2>Why they differ from the promise</h2>\n<ul>\n");
    for (reason, count) in &counts.reasons {
        let _ = writeln!(page, "<li>{}: {}.</li>", words::clocks(*count), words::reason(*reason));
    }
    page.push_str("</ul>\n");
}

fn block(
    page: &mut String,
    title: &str,
    desk: &Desk<'_>,
    totals: &Totals,
    classes: fn(&Counts) -> &BTreeMap<Class, u64>,
) {
    let _ = writeln!(page, "<h2>{title}</h2>");
    page.push_str("<div class=\"wide\"><table>\n<tr><th>Policy and clock</th><th>Priority</th><th class=\"n\">Clocks</th>");
    let shown = words::columns(&totals.summary.all);
    for class in &shown {
        let _ = write!(page, "<th class=\"n\">{}</th>", class.name());
    }
    page.push_str("<th class=\"n\">broken already</th><th class=\"n\">broken by then</th></tr>\n");
    for (group, counts) in &totals.summary.groups {
        let policy =
            if group.policy.is_empty() { "others".to_owned() } else { words::label(desk, &group.policy) };
        counted(page, (&policy, &group.priority), counts, &shown, classes(counts));
    }
    let all = &totals.summary.all;
    counted(page, ("all", ""), all, &shown, classes(all));
    page.push_str("</table></div>\n");
}

fn counted(
    page: &mut String,
    (policy, priority): (&str, &str),
    counts: &Counts,
    shown: &[Class],
    classes: &BTreeMap<Class, u64>,
) {
    page.push_str("<tr><td>");
    text(page, policy);
    page.push_str("</td><td>");
    text(page, priority);
    let _ = write!(page, "</td><td class=\"n\">{}</td>", number(counts.tickets));
    for class in shown {
        let count = classes.get(class).copied().unwrap_or_default();
        let _ = write!(page, "<td class=\"n\">{}</td>", number(count));
    }
    let (broken, at_risk) = (number(counts.breached), number(counts.at_risk));
    let _ = writeln!(page, "<td class=\"n\">{broken}</td><td class=\"n\">{at_risk}</td></tr>");
}

fn broken(page: &mut String, desk: &Desk<'_>, totals: &Totals) {
    let all = &totals.summary.all;
    let none = "No promise is broken already.";
    register(page, desk, ("Broken already", "whatever moves", none), &totals.broken, all.breached);
    let none = "None is broken at the import.";
    register(
        page,
        desk,
        ("Broken at the import", "if nobody acts before", none),
        &totals.at_risk,
        all.at_risk,
    );
}

fn register(
    page: &mut String,
    desk: &Desk<'_>,
    (title, when, none): (&str, &str, &str),
    list: &[Broken],
    all: u64,
) {
    let _ = writeln!(page, "<h2>{title}</h2>");
    if all == 0 {
        let _ = writeln!(page, "<p>{none}</p>");
        return;
    }
    let listed = u64::try_from(list.len()).unwrap_or(u64::MAX);
    let first =
        if listed < all { format!(" The {} that are due longest:", number(listed)) } else { String::new() };
    let _ = write!(
        page,
        "<p>{}, {when}.{first}</p>\n<details><summary>The list</summary>\n<div class=\"wide\"><table>\n<tr><th>Ticket</th><th>Policy and clock</th><th>Priority</th><th>By the contract</th><th>In the new desk</th></tr>\n",
        words::clocks(all)
    );
    for broken in list {
        page.push_str("<tr>");
        let policy = words::label(desk, &broken.policy);
        for cell in [&*broken.ticket, &policy, &broken.priority, &broken.said, broken.class] {
            page.push_str("<td>");
            text(page, cell);
            page.push_str("</td>");
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</table></div></details>\n");
}

/// A clock of a ticket with its picture.
fn article(row: &Row<'_, '_>) -> String {
    let mut page = String::new();
    let compared = &row.outcome.after_event;
    page.push_str("<article>\n<h3>");
    text(&mut page, &row.ticket.id);
    page.push_str("</h3>\n<p>");
    text(&mut page, row.policy.title);
    page.push_str(" – ");
    text(&mut page, &words::clock(&row.counted.clock.name));
    if !row.ticket.priority.is_empty() {
        page.push_str(", ");
        text(&mut page, &row.ticket.priority);
    }
    let name = compared.class.name();
    let _ = write!(page, " <span class=\"class {name}\">{name}</span> {}", words::class(compared.class));
    if compared.difference.is_some_and(|difference| difference != 0) {
        let _ = write!(page, " ({} than promised)", words::difference(compared.difference));
    }
    page.push_str(".</p>\n");
    lanes(&mut page, row);
    page.push_str("<details><summary>Step by step</summary>\n<ol>\n");
    let steps = row.policy.preview.explain(&row.ticket, &row.promise, &row.outcome);
    for line in remarks::assumptions(row).iter().map(|said| format!("{said}.")).chain(steps) {
        page.push_str("<li>");
        text(&mut page, line.trim());
        page.push_str("</li>\n");
    }
    page.push_str("</ol></details>\n</article>\n");
    page
}

/// From when to when a picture reaches, in parts where something happens: seconds since 1970-01-01T00:00:00Z.
struct Span {
    parts: Vec<(i64, i64)>,
}

/// The width of a picture, in tenths, and that of a gap between two parts.
const WIDTH: i64 = 10_000;
const GAP: i64 = 120;

/// So much around each moment is drawn where the whole would be too long.
const AROUND: i64 = 3 * 86_400;

impl Span {
    fn of(row: &Row<'_, '_>) -> Span {
        let outcome = &row.outcome;
        let dues = [outcome.source, outcome.contract, outcome.after_import.due, outcome.after_event.due];
        let mut moments: Vec<i64> = dues.into_iter().filter_map(Due::at).collect();
        moments.extend([row.ticket.created, row.policy.first_event]);
        let from = moments.iter().copied().min().unwrap_or_default();
        let to = moments.iter().copied().max().unwrap_or_default();
        let edge = (to.saturating_sub(from) / 40).clamp(900, AROUND);
        let (from, to) = (from.saturating_sub(edge), to.saturating_add(edge));
        if row.policy.calendar.open_between(from, to).nth(STRETCHES).is_none() {
            return Span { parts: vec![(from, to)] };
        }
        // The first waits and the last ones.
        let waits = row.ticket.paused.iter().flat_map(|(begin, end)| [Some(*begin), *end]).flatten();
        let waits: Vec<i64> = waits.collect();
        moments.extend(waits.iter().take(6).chain(waits.iter().rev().take(6)));
        moments.sort_unstable();
        let mut parts: Vec<(i64, i64)> = Vec::new();
        for at in moments {
            let (begin, end) = ((at - AROUND).max(from), (at + AROUND).min(to));
            match parts.last_mut() {
                Some((_, last)) if begin <= last.saturating_add(AROUND) => *last = end.max(*last),
                _ => parts.push((begin, end)),
            }
        }
        Span { parts }
    }

    fn ends(&self) -> (i64, i64) {
        let first = self.parts.first().map_or(0, |(from, _)| *from);
        (first, self.parts.last().map_or(first, |(_, to)| *to))
    }

    /// Where an instant stands, in tenths of a picture that is 1,000 wide. What is left out stands in the gap.
    fn x(&self, at: i64) -> i64 {
        let gaps = i64::try_from(self.parts.len().saturating_sub(1)).unwrap_or_default();
        let drawn = i128::from((WIDTH - gaps * GAP).max(0));
        let length = |(from, to): &(i64, i64)| i128::from(*to) - i128::from(*from);
        let all = self.parts.iter().map(length).sum::<i128>().max(1);
        let place = |seconds: i128, gap: i64| i64::try_from(seconds * drawn / all).unwrap_or_default() + gap;
        let (mut passed, mut gap) = (0, 0);
        for part in &self.parts {
            if at < part.0 {
                return (place(passed, gap) - GAP / 2).max(0);
            }
            if at <= part.1 {
                return place(passed + i128::from(at) - i128::from(part.0), gap);
            }
            passed += length(part);
            gap += GAP;
        }
        WIDTH
    }

    /// From where to where nothing is drawn, in tenths.
    fn gaps(&self) -> impl Iterator<Item = (i64, i64)> + '_ {
        let pairs = self.parts.iter().zip(self.parts.iter().skip(1));
        pairs.map(|((_, end), (begin, _))| (self.x(*end), self.x(*begin)))
    }
}

fn lanes(page: &mut String, row: &Row<'_, '_>) {
    let (span, zone, outcome) = (Span::of(row), row.policy.zone, &row.outcome);
    let _ = writeln!(
        page,
        "<p class=\"when\">{} to {}, by the clock of {}{}</p>",
        words::moment(zone, span.ends().0),
        words::moment(zone, span.ends().1),
        zone.name(),
        if span.parts.len() > 1 { "; where it is white, time without events is left out" } else { "" }
    );
    opening(page, &span, "Opening hours", &row.policy.calendar, "when it is open by what was promised");
    let own = [("Open in the old desk", row.policy.source), ("Open in the new desk", row.policy.target)];
    for (label, own) in own {
        // Hours that do not differ are drawn once.
        let own = own.filter(|own| !own.differs.is_empty()).and_then(|own| own.calendar.as_ref());
        if let Some(calendar) = own {
            opening(page, &span, label, calendar, "when that desk is open by its own schedule");
        }
    }
    let waited: Vec<(i64, i64)> =
        row.ticket.paused.iter().map(|(from, to)| (*from, to.unwrap_or(row.policy.first_event))).collect();
    if !waited.is_empty() {
        bars(page, &span, "Waits", "#b8860b", &waited, "when the ticket waited and the clock stood still");
    }
    let solved: Vec<(i64, i64)> =
        row.ticket.stopped.iter().map(|(from, to)| (*from, to.unwrap_or(row.policy.first_event))).collect();
    if !solved.is_empty() {
        bars(
            page,
            &span,
            "Solved, opened again",
            "#8a8a94",
            &solved,
            "when the ticket was solved, before it was opened again",
        );
    }
    let moves = format!("first event {}", words::moment(zone, row.policy.first_event));
    marks(
        page,
        &span,
        "Made, and first event",
        "#5c5c66",
        &[row.ticket.created, row.policy.first_event],
        &moves,
    );
    for (label, color, due) in [
        ("Contract", "#1d5e34", outcome.contract),
        ("Old desk", "#34527d", outcome.source),
        ("New, at the import", "#a3171f", outcome.after_import.due),
        ("New, after an event", "#a3171f", outcome.after_event.due),
    ] {
        let said = words::due(zone, due);
        let label = format!("{label}: {said}");
        match due {
            Due::At(at) => marks(page, &span, &label, color, &[at], &format!("due {said}")),
            Due::None(_) => marks(page, &span, &label, color, &[], &said),
        }
    }
}

/// The hours of a calendar in a lane.
fn opening(page: &mut String, span: &Span, label: &str, calendar: &Calendar, alt: &str) {
    let open = span.parts.iter().flat_map(|(from, to)| calendar.open_between(*from, *to));
    let open: Vec<(i64, i64)> = open.take(STRETCHES + 1).collect();
    if open.len() <= STRETCHES {
        bars(page, span, label, "#6aa77b", &open, alt);
    } else {
        let _ = writeln!(
            page,
            "<div class=\"lane\"><span>{label}</span><span class=\"soft\">too many to draw</span></div>"
        );
    }
}

/// Stretches of time in a lane.
fn bars(page: &mut String, span: &Span, label: &str, color: &str, stretches: &[(i64, i64)], alt: &str) {
    lane(page, label, alt);
    for (from, to) in stretches.iter().filter(|(from, to)| *from < span.ends().1 && *to > span.ends().0) {
        let (x, end) = (span.x(*from), span.x(*to));
        rect(page, x, (end - x).max(10), color);
    }
    ends(page, span);
}

/// Instants in a lane.
fn marks(page: &mut String, span: &Span, label: &str, color: &str, instants: &[i64], alt: &str) {
    lane(page, label, alt);
    for at in instants {
        rect(page, (span.x(*at) - 30).max(0), 60, color);
    }
    ends(page, span);
}

/// White where time is left out, and the end of the lane.
fn ends(page: &mut String, span: &Span) {
    for (from, to) in span.gaps() {
        rect(page, from, (to - from).max(10), "#fff");
    }
    page.push_str("</svg></div>\n");
}

fn lane(page: &mut String, label: &str, alt: &str) {
    page.push_str("<div class=\"lane\"><span>");
    text(page, label);
    page.push_str(
        "</span><svg viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"",
    );
    text(page, alt);
    page.push_str("\">");
}

/// A rectangle; places in tenths.
fn rect(page: &mut String, x: i64, width: i64, color: &str) {
    let _ = write!(
        page,
        "<rect x=\"{}.{}\" y=\"0\" width=\"{}.{}\" height=\"10\" fill=\"{color}\"/>",
        x / 10,
        x % 10,
        width / 10,
        width % 10
    );
}

/// Text from outside, in an element or between double quotes. What hides or turns text loses its power.
fn text(page: &mut String, text: &str) {
    for c in cutover_diagnostics::sanitize::inert_line(text).chars() {
        match c {
            '&' => page.push_str("&amp;"),
            '<' => page.push_str("&lt;"),
            '>' => page.push_str("&gt;"),
            '"' => page.push_str("&quot;"),
            '\'' => page.push_str("&#39;"),
            c => page.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn names_are_text() {
        let mut page = String::new();
        text(&mut page, "<img src=x onerror='a(\"b\")'>&amp;");
        assert_eq!(page, "&lt;img src=x onerror=&#39;a(&quot;b&quot;)&#39;&gt;&amp;amp;");
    }
}
