//! A page for onlookers: one file that needs nothing else, asks for nothing, and reloads itself.

use std::fmt::Write as _;

use cutover_plan::text::numbers::number;

use crate::report::html;
use crate::status::elsewhere;
use crate::view::View;

/// Seconds after which a browser reads the file again.
const AGAIN: u32 = 5;

const STYLE: &str = "\
:root{color-scheme:light dark;--line:#8884;--bad:#b3261e;--good:#1b6e3c}\
@media(prefers-color-scheme:dark){:root{--bad:#ff8a80;--good:#7ddc9f}}\
*{box-sizing:border-box}body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:76rem;padding:1rem}\
h1{font-size:1.4rem;line-height:1.25;margin:.2em 0}h2{font-size:1rem;margin:0 0 .4em}\
p{margin:.2em 0}.grid{display:grid;gap:1rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr));margin:1rem 0}\
section{border:1px solid var(--line);border-radius:.5rem;padding:.8rem 1rem;min-width:0;overflow-wrap:anywhere}\
.bad{border-color:var(--bad);border-width:2px}.bad h2{color:var(--bad)}.good h2{color:var(--good)}\
.big{font-size:1.25rem;font-weight:600}small{opacity:.75}progress{width:100%}\
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%}\
th,td{overflow-wrap:normal;border-bottom:1px solid var(--line);padding:.2em .6em .2em 0;text-align:left;vertical-align:top}\
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}code{font-size:.9em}";

/// How a page begins: by it one is known again.
const START: &str = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n\
    <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n";

impl View {
    /// Whether a file that begins so is such a page.
    #[must_use]
    pub fn is_page(head: &str) -> bool {
        head.strip_prefix(START).is_some_and(|rest| rest.starts_with("<meta http-equiv=\"refresh\""))
    }

    /// The view as a page. Everything in it is escaped; it loads nothing, and no script is in it.
    #[must_use]
    pub fn page(&self) -> String {
        let mut out = format!(
            "{START}\
             <meta http-equiv=\"refresh\" content=\"{AGAIN}\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"robots\" content=\"noindex\">\n<title>{0}</title>\n<style>{STYLE}</style></head>\n<body>\n<h1>{0}</h1>\n",
            html(&self.title)
        );
        let window = match &self.window {
            Some((from, to)) => format!(" · window {} to {}", html(from), html(to)),
            None => String::new(),
        };
        let (over, of) = self.over;
        let _ = writeln!(
            out,
            "<p>Account <strong>{}</strong>{window}</p>\n<p><progress value=\"{over}\" max=\"{of}\">{over} of {of}</progress><br>\
             {over} of {of} stages are over · as of {}</p>",
            html(&self.account),
            html(&self.at)
        );
        out.push_str("<div class=\"grid\">\n");
        self.state(&mut out);
        self.now_and_next(&mut out);
        self.times(&mut out);
        out.push_str("</div>\n");
        self.tables(&mut out);
        let plan = self.plan.get(..12).unwrap_or(&self.plan);
        let _ = writeln!(
            out,
            "<p><small>Plan {}. Nothing can be changed here; the page is read again every {AGAIN} seconds. \
             While the program runs it is written every second: when the time above stands still, nothing runs.</small></p>\n</body></html>",
            html(plan)
        );
        out
    }

    fn state(&self, out: &mut String) {
        if let Some(by) = &self.elsewhere {
            let _ = writeln!(
                out,
                "<section class=\"bad\"><h2>Out of date</h2><p>{}</p></section>",
                html(&elsewhere(by))
            );
        }
        if let Some((by, why)) = &self.paused {
            let answer = self.answer_by.as_ref();
            let answer = answer.map_or_else(String::new, |by| {
                format!("<p class=\"big\">An answer is needed by {}</p>", html(by))
            });
            let _ = writeln!(
                out,
                "<section class=\"bad\"><h2>Paused</h2><p class=\"big\">{}</p><p>{}</p>{answer}</section>",
                html(by),
                html(why)
            );
        }
        for (stage, why) in &self.failed {
            let _ = writeln!(
                out,
                "<section class=\"bad\"><h2>Did not pass</h2><p class=\"big\">{}</p><p>{}</p></section>",
                html(stage),
                html(why)
            );
        }
        if self.over.0 == self.over.1 {
            out.push_str("<section class=\"good\"><h2>Complete</h2><p class=\"big\">Every stage is over.</p></section>\n");
        }
    }

    fn now_and_next(&self, out: &mut String) {
        out.push_str("<section><h2>Now</h2>");
        if self.now.is_empty() {
            out.push_str("<p class=\"big\">Nothing runs.</p>");
        }
        for now in &self.now {
            let _ = write!(out, "<p class=\"big\">{}</p><p>{}</p>", html(&now.title), html(&now.words()));
            if let Some(of) = now.of.filter(|of| *of > 0) {
                let _ = write!(
                    out,
                    "<progress value=\"{}\" max=\"{of}\">{} of {of}</progress>",
                    now.done.min(of),
                    now.done
                );
            }
        }
        for (_, title) in self.next.iter().take(3) {
            let _ = write!(out, "<p>then: {}</p>", html(title));
        }
        out.push_str("</section>\n<section><h2>Next step of a person</h2>");
        match &self.human {
            None => out.push_str("<p>None is left.</p>"),
            Some(human) => {
                let from = human.from.as_ref().map_or_else(|| "now".to_owned(), |at| format!("from {at}"));
                let _ = write!(
                    out,
                    "<p class=\"big\">{}</p><p>{}, {}</p><p>Done when: {}</p>",
                    html(&human.title),
                    html(&human.who),
                    html(&from),
                    html(&human.text)
                );
            }
        }
        out.push_str("</section>\n");
        if !self.waiting.is_empty() {
            out.push_str("<section><h2>Who is waited for</h2>");
            for (stage, words) in &self.waiting {
                let _ = write!(out, "<p>{}<br><code>{}</code></p>", html(words), html(stage));
            }
            out.push_str("</section>\n");
        }
    }

    fn times(&self, out: &mut String) {
        if let Some(no_return) = &self.no_return {
            let class = if no_return.over { " class=\"bad\"" } else { "" };
            let _ = writeln!(
                out,
                "<section{class}><h2>The way back</h2><p class=\"big\">{}</p></section>",
                html(&no_return.words())
            );
        }
        if let Some(ends) = &self.ends {
            let class = if ends.spare.is_some_and(|spare| spare < 0) { " class=\"bad\"" } else { "" };
            let _ = writeln!(
                out,
                "<section{class}><h2>Projected end</h2><p class=\"big\">{}</p></section>",
                html(&ends.words())
            );
        }
        if let Some(downtime) = &self.downtime {
            let _ = writeln!(
                out,
                "<section><h2>Without an answer</h2><p class=\"big\">{}</p></section>",
                html(downtime)
            );
        }
        if !self.budget.is_empty() {
            out.push_str("<section><h2>Budget of calls</h2>");
            for words in &self.budget {
                let _ = write!(out, "<p>{}</p>", html(words));
            }
            out.push_str("</section>\n");
        }
        if !self.asked.is_empty() {
            out.push_str("<section><h2>Nobody has measured</h2>");
            for (id, what) in &self.asked {
                let _ = write!(out, "<p>{}<br><code>{}</code></p>", html(what), html(id));
            }
            out.push_str("</section>\n");
        }
    }

    fn tables(&self, out: &mut String) {
        if !self.records.is_empty() {
            out.push_str(
                "<section class=\"wide\"><h2>Records</h2><table><tr><th>Kind<th class=\"n\">Read<th class=\"n\">Written\
                 <th class=\"n\">Rejected<th class=\"n\">Left out<th class=\"n\">Uncertain</tr>\n",
            );
            for (kind, totals) in &self.records {
                let _ = write!(out, "<tr><td>{}", html(kind));
                let numbers =
                    [totals.read, totals.written, totals.rejected, totals.filtered, totals.uncertain];
                for count in numbers {
                    let _ = write!(out, "<td class=\"n\">{}", number(count));
                }
                out.push_str("</tr>\n");
            }
            out.push_str("</table></section>\n");
        }
        if !self.rejects.is_empty() {
            out.push_str(
                "<section class=\"wide\" style=\"margin-top:1rem\"><h2>What did not go over</h2><table>\
                 <tr><th class=\"n\">Records<th>Kind<th>Cause<th>Stage</tr>\n",
            );
            for (stage, kind, cause, count) in &self.rejects {
                let _ = writeln!(
                    out,
                    "<tr><td class=\"n\">{}<td>{}<td>{}<td>{}</tr>",
                    number(*count),
                    html(kind),
                    html(cause),
                    html(stage)
                );
            }
            out.push_str("</table></section>\n");
        }
    }
}
