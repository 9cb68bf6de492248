//! `train/long-session`.

use cutover_analysis::read::list;
use cutover_diagnostics::{Applicability, Edit};
use cutover_syntax::keywords::ItemKw;

use crate::Run;
use crate::rule::{Fix, Level, Opt, Rule};
use cutover_plan::model::Stricter;

pub(super) const RULE: Rule = Rule {
    code: "train/long-session",
    level: Level::Warning,
    summary: "a training session holds too much",
    what: "One line of a training, which is one session, has more topics than people take in at once",
    why: "Short sessions with one task each are remembered; a long meeting is attended",
    since: "0.1",
    fix: Fix::Unsafe,
    options: &[Opt { name: "most", default: 3, stricter: Stricter::Smaller, says: "topics of one session" }],
    check,
};

fn check(run: &mut Run<'_, '_>) {
    let most = run.number("most");
    let items = run.facts.files.iter().flat_map(|file| &file.items);
    for item in items.filter(|item| item.keyword == Some(ItemKw::Train)) {
        for line in item.body_lines() {
            let topics = list::parts(item, line.lead);
            let count = u64::try_from(topics.len()).unwrap_or(u64::MAX);
            if count <= most {
                continue;
            }
            let span = item.span_of(line.lead);
            let words: Vec<String> = topics.iter().map(|topic| list::joined(item, topic)).collect();
            let edit = Edit { span, replacement: words.join("; ") };
            let finding = run
                .found(span, format!("{count} topics in one session"))
                .help("one line is one session: divide it with `;` or a new line")
                .suggest("make a session of each topic", [edit], Applicability::Unsafe);
            run.push(finding);
        }
    }
}
