//! The report of a run: what was planned, what happened, what did not go over, what is lost.

use std::fmt::Write as _;

use cutover_plan::Plan;
use cutover_plan::model::Content;
use cutover_plan::text::numbers::{number, span};

use crate::context::Context;
use crate::export::OTHERS;
use crate::journal::{Counts, Journal, State};
use crate::problem::Problem;
use crate::status::{elsewhere, local};
use crate::view::view;

/// A piece of a report.
enum Block {
    Heading(String),
    Text(String),
    Table(Vec<&'static str>, Vec<Vec<String>>),
}

/// A report, to be written as Markdown or as one HTML page.
pub struct Report {
    title: String,
    blocks: Vec<Block>,
}

/// Collects the report of a run out of its journal. No text of a record is in it.
pub(crate) fn report(ctx: &Context<'_>) -> Result<Report, Problem> {
    let plan = ctx.plan;
    let mut blocks = Vec::new();
    let account = ctx.journal.value("account")?.unwrap_or_default();
    let begun: i64 = ctx.journal.value("begun")?.and_then(|begun| begun.parse().ok()).unwrap_or_default();
    blocks.push(Block::Text(format!(
        "Account {account}. Plan {}. Begun {}, reported {}.",
        plan.digest,
        local(plan, begun),
        local(plan, ctx.clock.now())
    )));
    if let Some(by) = crate::ship::taken_over(ctx.journal, ctx.environment)? {
        blocks.push(Block::Text(format!("Out of date: {}.", elsewhere(&by))));
    }
    verdict(ctx, &mut blocks)?;
    checks(ctx, &mut blocks)?;
    waivers(ctx, &mut blocks)?;
    triggers(ctx, &mut blocks)?;
    if let Some(words) = ctx.journal.value("due dates")? {
        blocks.push(Block::Heading("Due dates".to_owned()));
        blocks.push(Block::Text(format!("By the last comparison: {words}.")));
    }
    rejects(ctx.journal, &mut blocks)?;
    in_doubt(ctx, &mut blocks)?;
    losses(ctx, &mut blocks)?;
    not_read(ctx, &mut blocks)?;
    stages(ctx, &mut blocks)?;
    records(ctx, &mut blocks)?;
    events(ctx, &mut blocks)?;
    Ok(Report { title: format!("{RUN_OF}{}", plan.migration.title), blocks })
}

/// Whether it worked, and what is missing: what whoever reads only one screen wants to know.
fn verdict(ctx: &Context<'_>, blocks: &mut Vec<Block>) -> Result<(), Problem> {
    let view = view(ctx)?;
    let title = |id: &str| {
        let stage = ctx.plan.stages.iter().find(|stage| stage.id.as_str() == id);
        stage.map_or_else(|| id.to_owned(), |stage| stage.title.clone())
    };
    let (over, of) = view.over;
    let mut text = match (&view.paused, view.failed.first()) {
        (Some((by, why)), _) => format!("The run is paused by {}: {why}.", name(ctx.plan, by)),
        (None, Some((stage, _))) => format!("“{}” did not pass.", title(stage)),
        (None, None) if over == of => "The run is complete: every stage is over.".to_owned(),
        (None, None) => match view.next.first() {
            Some((_, title)) => format!("The run is not over; `cutover run` goes on with “{title}”."),
            None => "The run is not over: it waits for people.".to_owned(),
        },
    };
    text.push_str(&format!(" {over} of {of} stages are over."));
    if let Some(downtime) = &view.downtime {
        text.push_str(&format!(" Customers were without an answer for {downtime}."));
    }
    blocks.push(Block::Heading("Result".to_owned()));
    blocks.push(Block::Text(text));
    let rows: Vec<Vec<String>> = view
        .records
        .iter()
        .map(|(kind, totals)| {
            let counts = [totals.read, totals.written, totals.rejected, totals.filtered, totals.uncertain];
            let mut row = vec![kind.clone()];
            row.extend(counts.map(number));
            row
        })
        .collect();
    if !rows.is_empty() {
        blocks.push(Block::Table(
            vec!["Kind", "In the old desk", "Went over", "Did not", "Left out by the scope", "In doubt"],
            rows,
        ));
    }
    Ok(())
}

/// A person by name; what is none as it is.
fn name(plan: &Plan, by: &str) -> String {
    plan.people.get(by).map_or_else(|| by.to_owned(), |person| person.name.clone())
}

/// Who let what pass, why, and until when.
fn waivers(ctx: &Context<'_>, blocks: &mut Vec<Block>) -> Result<(), Problem> {
    let mut get = ctx
        .journal
        .db
        .prepare_cached("SELECT at, who, subject, text FROM event WHERE what = 'waive' ORDER BY seq")?;
    let mut rows = get.query([])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let (at, who, subject): (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let title = ctx.plan.items.get(subject.as_str()).and_then(|item| item.title.clone());
        let until = crate::waive::until(ctx, &subject)?;
        let until = until.map_or_else(|| "for good".to_owned(), |until| local(ctx.plan, until));
        let what = title.map_or_else(|| subject.clone(), |title| format!("{title} ({subject})"));
        let up_to = crate::waive::up_to(ctx, &subject)?;
        all.push(vec![what, name(ctx.plan, &who), local(ctx.plan, at), up_to, until, row.get(3)?]);
    }
    if !all.is_empty() {
        blocks.push(Block::Heading("Waived".to_owned()));
        blocks.push(Block::Table(vec!["What", "By", "When", "Up to", "Until", "Why"], all));
    }
    Ok(())
}

/// Planned against actual. Pieces of one kind that were read in one go are one row.
fn stages(ctx: &Context<'_>, blocks: &mut Vec<Block>) -> Result<(), Problem> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    let (mut over, mut pieces) = (0, 0);
    for stage in &ctx.plan.stages {
        let row = ctx.journal.stage(stage.id.as_str())?;
        over += usize::from(row.state == State::Done);
        if row.state == State::Done && row.note.starts_with("read together with ") {
            pieces += 1;
            continue;
        }
        let planned = stage.estimate.as_deref().map_or_else(String::new, |estimate| span(estimate.seconds));
        let actual = match (row.began, row.ended) {
            (Some(began), Some(ended)) => span(u64::try_from(ended.saturating_sub(began)).unwrap_or(0)),
            _ => String::new(),
        };
        rows.push(vec![
            stage.title.clone(),
            row.state.word().to_owned(),
            planned,
            actual,
            row.note,
            stage.id.to_string(),
        ]);
    }
    blocks.push(Block::Heading("Stages".to_owned()));
    let mut text = format!("{over} of {} stages are over.", ctx.plan.stages.len());
    if pieces > 0 {
        text.push_str(&format!(
            " {pieces} pieces of exports were read together with others and are not listed."
        ));
    }
    blocks.push(Block::Text(text));
    blocks.push(Block::Table(vec!["Stage", "State", "Planned", "Took", "How it went", "Id"], rows));
    Ok(())
}

fn records(ctx: &Context<'_>, blocks: &mut Vec<Block>) -> Result<(), Problem> {
    let (mut rows, mut all) = (Vec::new(), Counts::default());
    for stage in &ctx.plan.stages {
        for (kind, counts) in ctx.journal.counts(stage.id.as_str())? {
            if ctx.loads.contains_key(stage.id.as_str()) {
                all.add(&counts);
            }
            let numbers = [counts.read, counts.written, counts.rejected, counts.filtered, counts.uncertain];
            let mut row = vec![stage.id.to_string(), kind];
            row.extend(numbers.iter().map(u64::to_string));
            row.push(if counts.add_up() { "yes" } else { "NO" }.to_owned());
            rows.push(row);
        }
    }
    blocks.push(Block::Heading("Records".to_owned()));
    blocks.push(Block::Text(format!(
        "The load stages looked at {} records: {} were written, {} rejected, {} left out, {} are uncertain.",
        all.read, all.written, all.rejected, all.filtered, all.uncertain
    )));
    let head = vec!["Stage", "Kind", "Read", "Written", "Rejected", "Left out", "Uncertain", "Adds up"];
    blocks.push(Block::Table(head, rows));
    let mut get = ctx.journal.db.prepare_cached(
        "SELECT stage, kind, part, records FROM filtered WHERE records > 0 ORDER BY stage, kind, part",
    )?;
    let rows = get.query_map([], |row| {
        let part: String = row.get(2)?;
        let part =
            if part.is_empty() { "no part of the scope takes them in this stage".to_owned() } else { part };
        Ok(vec![row.get(0)?, row.get(1)?, part, row.get::<_, i64>(3)?.to_string()])
    })?;
    let rows: Vec<Vec<String>> = rows.collect::<Result<_, _>>()?;
    if !rows.is_empty() {
        blocks.push(Block::Text("What was left out, and by what.".to_owned()));
        blocks.push(Block::Table(vec!["Stage", "Kind", "By", "Records"], rows));
    }
    Ok(())
}

/// The pass / fail matrix: each check with what its stage found.
fn checks(ctx: &Context<'_>, blocks: &mut Vec<Block>) -> Result<(), Problem> {
    let mut rows = Vec::new();
    for (id, item) in &ctx.plan.items {
        if !matches!(item.content, Content::Check(_) | Content::Criterion(_) | Content::Objective(_)) {
            continue;
        }
        let mut said = Vec::new();
        for stage in ctx.plan.stages.iter().filter(|stage| stage.items.iter().any(|of| of.0 == *id)) {
            let row = ctx.journal.stage(stage.id.as_str())?;
            let about = row.note.split("; ").filter(|part| part.starts_with(id.as_str())).map(str::to_owned);
            said.extend(about);
        }
        let words = said.iter().map(|part| part.strip_prefix(id.as_str()).unwrap_or(part).trim());
        let words = words.collect::<Vec<_>>().join("; ");
        let result = if said.is_empty() { "not measured yet".to_owned() } else { words };
        let verdict = match said.as_slice() {
            [] => "open",
            said if said
                .iter()
                .any(|part| part.contains(" does not pass") || part.contains(" is not measured")) =>
            {
                "FAIL"
            }
            said if said.iter().any(|part| part.contains(" is waived by ")) => "waived",
            _ => "pass",
        };
        rows.push(vec![
            verdict.to_owned(),
            id.to_string(),
            item.title.clone().unwrap_or_default(),
            item.owner.clone().unwrap_or_default(),
            result,
        ]);
    }
    blocks.push(Block::Heading("Checks".to_owned()));
    blocks.push(Block::Table(vec!["Verdict", "Check", "What", "Owner", "Result"], rows));
    Ok(())
}

/// What could have stopped the run, and what was found last.
fn triggers(ctx: &Context<'_>, blocks: &mut Vec<Block>) -> Result<(), Problem> {
    let mut rows = Vec::new();
    for (id, item) in &ctx.plan.items {
        let Content::Trigger(trigger) = &item.content else { continue };
        let last = ctx.journal.value(&format!("looked {id}"))?;
        let found = match last.as_deref().and_then(|last| last.split_once('|')) {
            Some((at, words)) => {
                let at = at.parse().map_or_else(|_| String::new(), |at| local(ctx.plan, at));
                format!("{words}, {at}")
            }
            None if crate::trigger::by_batch(&trigger.fires) => "looked at behind each batch".to_owned(),
            None => "nobody measured it".to_owned(),
        };
        let fired = ctx
            .journal
            .db
            .prepare_cached("SELECT 1 FROM event WHERE what = 'pause' AND who = ?1")?
            .exists([id.as_str()])?;
        let fired = if fired { "fired" } else { "" };
        let rule = cutover_plan::text::words::measure(ctx.plan, &trigger.fires);
        rows.push(vec![id.to_string(), rule, found, fired.to_owned()]);
    }
    if !rows.is_empty() {
        blocks.push(Block::Heading("Triggers".to_owned()));
        blocks.push(Block::Table(vec!["Trigger", "Fires at", "Found last", ""], rows));
    }
    Ok(())
}

/// What was not read, and what was not compared: the rest was looked at whole.
fn not_read(ctx: &Context<'_>, blocks: &mut Vec<Block>) -> Result<(), Problem> {
    let mut rows = Vec::new();
    if let Some(others) = ctx.journal.value(OTHERS)?.filter(|others| !others.is_empty()) {
        rows.push(vec!["the source".to_owned(), format!("no kind of the plan reads: {others}")]);
    }
    for stage in &ctx.plan.stages {
        let id = stage.id.as_str();
        let row = ctx.journal.stage(id)?;
        if ctx.loads.contains_key(id) || row.state == State::Waiting {
            continue;
        }
        if matches!(stage.operation, cutover_plan::model::Operation::Export { .. }) {
            for (kind, counts) in ctx.journal.counts(id)? {
                if counts.rejected > 0 {
                    rows.push(vec![id.to_owned(), format!("{} {kind} could not be read", counts.rejected)]);
                }
            }
        }
        let parts = row.note.split([';', ',']).map(str::trim);
        rows.extend(
            parts
                .filter(|part| part.contains("not compared"))
                .map(|part| vec![id.to_owned(), part.to_owned()]),
        );
    }
    rows.extend(on_their_word(ctx)?);
    blocks.push(Block::Heading("What was not read or not compared".to_owned()));
    if rows.is_empty() {
        blocks.push(Block::Text(
            "Every record was read, and every field that was written was compared with what the new desk gives back; nothing was sampled."
                .to_owned(),
        ));
    } else {
        blocks.push(Block::Text(
            "Every other record was read, and every other field compared with what the new desk gives back; nothing was sampled."
                .to_owned(),
        ));
        blocks.push(Block::Table(vec!["Where", "What"], rows));
    }
    Ok(())
}

/// What this program cannot measure: what people said of it counts, and what nobody said is open.
fn on_their_word(ctx: &Context<'_>) -> Result<Vec<Vec<String>>, Problem> {
    let mut all = Vec::new();
    for (id, item) in &ctx.plan.items {
        let what = match &item.content {
            Content::Check(_) | Content::Criterion(_) | Content::Objective(_) => {
                let mut get = ctx.journal.db.prepare_cached(
                    "SELECT who FROM event WHERE what IN ('did', 'measured') AND (subject = ?1 OR subject LIKE ?1 || '/%') ORDER BY seq DESC LIMIT 1",
                )?;
                let mut rows = get.query([id.as_str()])?;
                match rows.next()? {
                    Some(row) => format!("on the word of {}", name(ctx.plan, &row.get::<_, String>(0)?)),
                    None => continue,
                }
            }
            Content::Trigger(trigger) => {
                let looked = crate::trigger::by_batch(&trigger.fires)
                    || ctx.journal.value(&format!("looked {id}"))?.is_some();
                if looked {
                    continue;
                }
                "nobody measured it".to_owned()
            }
            _ => continue,
        };
        let title = item.title.clone().unwrap_or_default();
        all.push(vec![id.to_string(), if title.is_empty() { what } else { format!("{title}: {what}") }]);
    }
    Ok(all)
}

fn rejects(journal: &Journal, blocks: &mut Vec<Block>) -> Result<(), Problem> {
    let mut get = journal.db.prepare_cached(
        "SELECT stage, kind, code, rule, field, count(*), min(why) FROM reject
         GROUP BY stage, kind, code, rule, field ORDER BY count(*) DESC, stage, kind, code, rule, field LIMIT 500",
    )?;
    let rows = get.query_map([], |row| {
        Ok(vec![
            row.get::<_, i64>(5)?.to_string(),
            row.get(0)?,
            row.get(1)?,
            row.get(2)?,
            row.get(3)?,
            row.get(4)?,
            row.get(6)?,
        ])
    })?;
    let rows: Vec<Vec<String>> = rows.collect::<Result<_, _>>()?;
    blocks.push(Block::Heading("What did not go over".to_owned()));
    if rows.is_empty() {
        blocks.push(Block::Text("Nothing was rejected.".to_owned()));
    } else {
        blocks
            .push(Block::Table(vec!["Records", "Stage", "Kind", "Cause", "Rule", "Field", "In words"], rows));
    }
    Ok(())
}

/// What nobody knows the new desk to have, one by one: somebody has to look for each.
fn in_doubt(ctx: &Context<'_>, blocks: &mut Vec<Block>) -> Result<(), Problem> {
    let all = crate::settle::in_doubt(ctx)?;
    if all.is_empty() {
        return Ok(());
    }
    blocks.push(Block::Heading("In doubt".to_owned()));
    blocks.push(Block::Text(format!(
        "The answer to {} records was lost, and the new desk cannot be asked for them. None was sent again: somebody looks for each and settles it.",
        all.len()
    )));
    let rows = all.into_iter().map(|doubt| vec![doubt.kind, doubt.key, doubt.mark, doubt.stage]).collect();
    blocks.push(Block::Table(vec!["Kind", "Key", "By which it would be known", "Stage"], rows));
    Ok(())
}

fn losses(ctx: &Context<'_>, blocks: &mut Vec<Block>) -> Result<(), Problem> {
    let counted = crate::losses::counted(ctx)?;
    let rows: Vec<Vec<String>> = ctx
        .plan
        .losses
        .iter()
        .map(|(id, loss)| {
            let listed = loss.records.map_or_else(String::new, number);
            let here = counted.get(id).map_or_else(|| "not counted".to_owned(), |count| number(*count));
            vec![loss.what.clone(), loss.because.clone(), here, listed, id.to_string()]
        })
        .collect();
    if !rows.is_empty() {
        blocks.push(Block::Heading("Accepted losses".to_owned()));
        blocks.push(Block::Table(
            vec![
                "What is lost",
                "Why that is accepted",
                "Records in this run",
                "Records in the inventory",
                "Where",
            ],
            rows,
        ));
    }
    Ok(())
}

fn events(ctx: &Context<'_>, blocks: &mut Vec<Block>) -> Result<(), Problem> {
    let mut get =
        ctx.journal.db.prepare_cached("SELECT at, what, who, subject, text FROM event ORDER BY seq")?;
    let rows = get.query_map([], |row| {
        Ok(vec![local(ctx.plan, row.get(0)?), row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?])
    })?;
    let rows: Vec<Vec<String>> = rows.collect::<Result<_, _>>()?;
    if !rows.is_empty() {
        blocks.push(Block::Heading("What people did and said".to_owned()));
        blocks.push(Block::Table(vec!["When", "What", "Who", "About", "Words"], rows));
    }
    Ok(())
}

/// How the title of a report begins.
const RUN_OF: &str = "Run of ";
/// How the page of a report begins, up to its title.
const START: &str = "<!DOCTYPE html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>";

impl Report {
    /// Whether a file that begins so is a report, of whatever run: one may be written over another.
    #[must_use]
    pub fn is_one(head: &str) -> bool {
        let titled = |rest: &str| rest.starts_with(RUN_OF);
        head.strip_prefix(START).is_some_and(titled)
            || (head.strip_prefix("# ").is_some_and(titled) && head.contains("\nAccount "))
    }

    /// As Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut out = format!("# {}\n", cell(&self.title));
        for block in &self.blocks {
            out.push('\n');
            match block {
                Block::Heading(text) => {
                    let _ = writeln!(out, "## {text}");
                }
                Block::Text(text) => {
                    let _ = writeln!(out, "{}", cell(text));
                }
                Block::Table(head, rows) => {
                    let _ = writeln!(out, "| {} |\n|{}", head.join(" | "), "---|".repeat(head.len()));
                    for row in rows {
                        let cells: Vec<String> = row.iter().map(|text| cell(text)).collect();
                        let _ = writeln!(out, "| {} |", cells.join(" | "));
                    }
                }
            }
        }
        out
    }

    /// As one HTML page that needs nothing else.
    #[must_use]
    pub fn page(&self) -> String {
        let mut out = format!(
            "{START}{0}</title>\n<style>\
             body{{font:16px/1.5 system-ui,sans-serif;margin:2em auto;max-width:75em;padding:0 1em}}\
             table{{border-collapse:collapse;display:block;overflow-x:auto}}\
             td,th{{border:1px solid #ccc;padding:.25em .6em;text-align:left;vertical-align:top}}th{{background:#f4f4f4}}\
             </style>\n<h1>{0}</h1>\n",
            html(&self.title)
        );
        for block in &self.blocks {
            match block {
                Block::Heading(text) => {
                    let _ = writeln!(out, "<h2>{}</h2>", html(text));
                }
                Block::Text(text) => {
                    let _ = writeln!(out, "<p>{}</p>", html(text));
                }
                Block::Table(head, rows) => {
                    let head: Vec<String> = head.iter().map(|text| html(text)).collect();
                    let _ = writeln!(out, "<table>\n<tr><th>{}</tr>", head.join("<th>"));
                    for row in rows {
                        let cells: Vec<String> = row.iter().map(|text| html(text)).collect();
                        let _ = writeln!(out, "<tr><td>{}</tr>", cells.join("<td>"));
                    }
                    out.push_str("</table>\n");
                }
            }
        }
        out.push_str("</html>\n");
        out
    }
}

/// Text that changes no table and no shape of a page: a person's own words may hold anything.
pub(crate) fn cell(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '|' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '\\' | '#' => {
                // Ids are full of underscores, which mean nothing inside of words.
                if c != '_' {
                    out.push('\\');
                }
                out.push(c);
            }
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

pub(crate) fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
