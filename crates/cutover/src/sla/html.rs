//! One page with a picture for each ticket that matters: when the desk is open, when the ticket waited, when it is due by whom.
//!
//! The page asks nothing of the network and runs nothing. Every text from outside is escaped; every colour has a word beside it.

use std::fmt::Write as _;
use std::io::{self, Write};

use cutover_plan::text::numbers::number;
use cutover_preview::{Class, Counts, Due};

use super::desk::{Desk, NotComputed};
use super::ticket::Row;
use super::totals::Totals;
use super::{Sink, words};

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
    begin(&mut page);
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
        begin(&mut page);
        overview(&mut page, desk, totals);
        let all = totals.summary.all.tickets;
        if all > 0 {
            groups(&mut page, totals);
            broken(&mut page, totals);
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

fn begin(page: &mut String) {
    // Nothing is loaded and nothing runs, whatever a name of a ticket says.
    let _ = write!(
        page,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>What becomes of the promises</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <h1>What becomes of the promises</h1>\n"
    );
}

fn overview(page: &mut String, desk: &Desk<'_>, totals: &Totals) {
    page.push_str("<p>");
    page.push_str(&number(totals.tickets));
    page.push_str(" unfinished tickets move from ");
    text(page, desk.product("source"));
    page.push_str(" to ");
    text(page, desk.product("target"));
    let _ = write!(page, "; {} are under no policy.", number(totals.without));
    if totals.summary.all.tickets == 0 {
        page.push_str(" No clock runs: nothing was computed.");
    }
    page.push_str("</p>\n<ul class=\"soft\">\n");
    for remark in words::remarks(desk, totals) {
        page.push_str("<li>");
        text(page, &remark);
        page.push_str("</li>\n");
    }
    page.push_str("</ul>\n");
}

fn groups(page: &mut String, totals: &Totals) {
    page.push_str("<h2>By policy and priority, after the first event</h2>\n<div class=\"wide\"><table>\n<tr><th>Policy and clock</th><th>Priority</th><th class=\"n\">Clocks</th>");
    for class in Class::ALL {
        let _ = write!(page, "<th class=\"n\">{}</th>", class.name());
    }
    page.push_str("<th class=\"n\">broken before</th></tr>\n");
    for (group, counts) in &totals.summary.groups {
        counted(
            page,
            if group.policy.is_empty() { "others" } else { &group.policy },
            &group.priority,
            counts,
        );
    }
    counted(page, "all", "", &totals.summary.all);
    page.push_str("</table></div>\n<p>");
    text(page, &words::on_import(totals));
    page.push_str(".</p>\n");
    let reasons = &totals.summary.all.reasons;
    if !reasons.is_empty() {
        page.push_str("<h2>Why they differ from the promise</h2>\n<ul>\n");
        for (reason, count) in reasons {
            let _ = writeln!(page, "<li>{}: {}</li>", words::clocks(*count), words::reason(*reason));
        }
        page.push_str("</ul>\n");
    }
    page.push_str("<ul class=\"soft\">\n");
    for class in Class::ALL {
        let _ = writeln!(page, "<li>{}: {}.</li>", class.name(), words::class(class));
    }
    page.push_str("</ul>\n");
}

fn counted(page: &mut String, policy: &str, priority: &str, counts: &Counts) {
    page.push_str("<tr><td>");
    text(page, policy);
    page.push_str("</td><td>");
    text(page, priority);
    let _ = write!(page, "</td><td class=\"n\">{}</td>", number(counts.tickets));
    for class in Class::ALL {
        let count = counts.classes.get(&class).copied().unwrap_or_default();
        let _ = write!(page, "<td class=\"n\">{}</td>", number(count));
    }
    let _ = writeln!(page, "<td class=\"n\">{}</td></tr>", number(counts.breached));
}

fn broken(page: &mut String, totals: &Totals) {
    let all = totals.summary.all.breached;
    page.push_str("<h2>Broken before the import</h2>\n");
    if all == 0 {
        page.push_str("<p>No promise is broken before the import.</p>\n");
        return;
    }
    let listed = u64::try_from(totals.broken.len()).unwrap_or(u64::MAX);
    let first =
        if listed < all { format!(" The {} that are due longest:", number(listed)) } else { String::new() };
    let _ = write!(
        page,
        "<p>{}.{first}</p>\n<details><summary>The list</summary>\n<div class=\"wide\"><table>\n<tr><th>Ticket</th><th>Policy and clock</th><th>Priority</th><th>Due by the contract</th><th>In the new desk</th></tr>\n",
        words::broken(totals)
    );
    for broken in &totals.broken {
        page.push_str("<tr>");
        for cell in [&*broken.ticket, &broken.policy, &broken.priority, &broken.said, broken.class] {
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
    text(&mut page, &row.ticket.policy);
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
    let steps = row.policy.preview.explain(&row.ticket, &row.promise);
    for line in words::assumptions(row).iter().map(|said| format!("{said}.")).chain(steps) {
        page.push_str("<li>");
        text(&mut page, line.trim());
        page.push_str("</li>\n");
    }
    page.push_str("</ol></details>\n</article>\n");
    page
}

/// From when to when a picture reaches: seconds since 1970-01-01T00:00:00Z.
struct Span {
    from: i64,
    to: i64,
}

impl Span {
    fn of(row: &Row<'_, '_>) -> Span {
        let outcome = &row.outcome;
        let dues = [outcome.source, outcome.contract, outcome.after_import.due, outcome.after_event.due];
        let ends = dues.into_iter().filter_map(Due::at).chain([row.policy.first_event]);
        let (from, to) =
            ends.fold((row.ticket.created, row.ticket.created), |(from, to), at| (from.min(at), to.max(at)));
        let edge = (to.saturating_sub(from) / 40).max(900);
        Span { from: from.saturating_sub(edge), to: to.saturating_add(edge) }
    }

    /// Where an instant stands in a picture that is 1,000 wide, in tenths.
    fn x(&self, at: i64) -> i64 {
        let (at, length) = (at.clamp(self.from, self.to), i128::from(self.to) - i128::from(self.from));
        let tenths = (i128::from(at) - i128::from(self.from)) * 10_000 / length.max(1);
        i64::try_from(tenths).unwrap_or_default()
    }
}

fn lanes(page: &mut String, row: &Row<'_, '_>) {
    let (span, zone, outcome) = (Span::of(row), row.policy.zone, &row.outcome);
    let _ = writeln!(
        page,
        "<p class=\"when\">{} to {}, by the clock of {}</p>",
        words::moment(zone, span.from),
        words::moment(zone, span.to),
        zone.name()
    );
    let open: Vec<(i64, i64)> =
        row.policy.calendar.open_between(span.from, span.to).take(STRETCHES + 1).collect();
    if open.len() <= STRETCHES {
        bars(page, &span, "Opening hours", "#6aa77b", &open, "when the desk is open");
    } else {
        page.push_str("<div class=\"lane\"><span>Opening hours</span><span class=\"soft\">too many to draw</span></div>\n");
    }
    let waited: Vec<(i64, i64)> =
        row.ticket.paused.iter().map(|(from, to)| (*from, to.unwrap_or(row.policy.first_event))).collect();
    if !waited.is_empty() {
        bars(page, &span, "Waits", "#b8860b", &waited, "when the ticket waited and the clock stood still");
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

/// Stretches of time in a lane.
fn bars(page: &mut String, span: &Span, label: &str, color: &str, stretches: &[(i64, i64)], alt: &str) {
    lane(page, label, alt);
    for (from, to) in stretches.iter().filter(|(from, to)| *from < span.to && *to > span.from) {
        let (x, end) = (span.x(*from), span.x(*to));
        rect(page, x, (end - x).max(10), color);
    }
    page.push_str("</svg></div>\n");
}

/// Instants in a lane.
fn marks(page: &mut String, span: &Span, label: &str, color: &str, instants: &[i64], alt: &str) {
    lane(page, label, alt);
    for at in instants {
        rect(page, (span.x(*at) - 30).max(0), 60, color);
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
