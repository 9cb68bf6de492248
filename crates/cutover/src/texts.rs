//! The texts that go out to people are finished, and hold no secret: nobody gets a mail with a gap in it at night, or with a password.

use std::sync::Arc;

use cutover_diagnostics::{Diagnostic, FileId, SourceMap, Span};
use cutover_ir::Id;
use cutover_plan::model::{CleanAction, Content, Plan};

use crate::foreign;
use crate::project::Project;

/// Words by which writers mark what is still to be written.
const MARKS: &[&str] = &["???", "TODO", "TBD", "FIXME", "lorem ipsum", "XX:XX", "HH:MM"];

/// The findings about the texts of announcements and of the way back. A text with a gap becomes one of the sources, so that it can be shown.
pub(crate) fn check(
    project: &mut Project,
    plan: &Plan,
    place: &dyn Fn(&Id, &str) -> Option<Span>,
) -> Vec<Diagnostic> {
    let named = plan.items.iter().filter_map(|(id, item)| match &item.content {
        Content::Announce(announce) => Some((id, "template", announce.template.as_deref()?)),
        Content::Rollback(rollback) => Some((id, "message", rollback.message.as_deref()?)),
        _ => None,
    });
    let mut found: Vec<Diagnostic> =
        named.filter_map(|(id, clause, digest)| one(project, place(id, clause)?, digest)).collect();
    found.extend(secrets(project, plan, place));
    found
}

/// Credentials in the texts and lists that a spec names: they lie in the same repository, and texts go out to everybody.
fn secrets(project: &mut Project, plan: &Plan, place: &dyn Fn(&Id, &str) -> Option<Span>) -> Vec<Diagnostic> {
    let mut named: Vec<(&str, Option<Span>, &str)> = Vec::new();
    for (id, item) in &plan.items {
        match &item.content {
            Content::Announce(announce) => {
                named.extend(
                    announce
                        .template
                        .as_deref()
                        .map(|digest| (digest, place(id, "template"), "sent to people as it is")),
                );
            }
            Content::Rollback(rollback) => {
                named.extend(
                    rollback
                        .message
                        .as_deref()
                        .map(|digest| (digest, place(id, "message"), "sent to people as it is")),
                );
            }
            Content::Clean(clean) => named.extend(clean.steps.iter().filter_map(|step| match &step.action {
                CleanAction::Merge { listed_in, .. } => Some((
                    listed_in.as_deref()?,
                    place(&step.id, "listed in"),
                    "this file goes into the plan",
                )),
                _ => None,
            })),
            _ => {}
        }
    }
    // One file may be named twice.
    named.sort_by_key(|(digest, ..)| *digest);
    named.dedup_by_key(|(digest, ..)| *digest);
    let mut found = Vec::new();
    for (digest, at, label) in named {
        let Some((path, asset)) = project.assets.iter().find(|(_, asset)| asset.digest == digest) else {
            continue;
        };
        let Ok(text) = std::str::from_utf8(&asset.bytes) else { continue };
        let seen = cutover_analysis::rules::credentials::seen(text);
        if seen.is_empty() {
            continue;
        }
        let file = source(&mut project.sources, path, text);
        for (range, what) in seen {
            let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
            let finding = Diagnostic::error("secrets/in-text#file", "a credential stands in a file of the project")
                .primary(Span::new(file, offset(range.start), offset(range.end)), format!("this looks like {what}"))
                .hide()
                .help("take it out of the file and of the history of the repository, and change it: whoever could read the file may have it");
            found.push(match at {
                Some(at) => finding.secondary(at, label),
                None => finding,
            });
        }
    }
    found
}

/// The source that a file is, once: what is hidden in it is hidden wherever it is shown.
pub(crate) fn source(sources: &mut SourceMap, path: &str, text: &str) -> FileId {
    let there = sources.files().find(|(_, file)| file.name() == path).map(|(id, _)| id);
    there.unwrap_or_else(|| sources.add(path, Arc::from(text)))
}

fn one(project: &mut Project, at: Span, digest: &str) -> Option<Diagnostic> {
    let (path, asset) = project.assets.iter().find(|(_, asset)| asset.digest == digest)?;
    if let Some(is) = foreign::no_text(path, &asset.bytes) {
        return Some(
            Diagnostic::error("announce/no-text", "a file of another kind stands in the place of a text for people")
                .primary(at, format!("`{path}` is {is}, and people would get it as it is"))
                .help("name the text that people are to read: plain text, Markdown or HTML, such as `\"announce/customers.md\"`"),
        );
    }
    let text = std::str::from_utf8(&asset.bytes).ok()?;
    if text.trim().is_empty() {
        return Some(
            Diagnostic::error("announce/unfinished#empty", "a text that people will get is not finished")
                .primary(at, "this file is empty")
                .help("write it before the plan is signed: it goes into the plan by its content"),
        );
    }
    if let Some((from, to)) = gap(text) {
        let file = source(&mut project.sources, path, text);
        let span = Span::new(file, u32::try_from(from).ok()?, u32::try_from(to).ok()?);
        return Some(
            Diagnostic::error("announce/unfinished#placeholder", "a text that people will get is not finished")
                .primary(span, "nobody puts a value here")
                .secondary(at, "sent to people as it is")
                .help("write what it stands for: desks fill in placeholders of their own templates, and this is none of them"),
        );
    }
    let (start, mark) = MARKS.iter().filter_map(|mark| Some((position(text, mark)?, *mark))).min()?;
    let file = source(&mut project.sources, path, text);
    let from = u32::try_from(start).ok()?;
    let to = u32::try_from(start + mark.len()).ok()?;
    Some(
        Diagnostic::error("announce/unfinished", "a text that people will get is not finished")
            .primary(Span::new(file, from, to), "still to be written")
            .secondary(at, "sent to people as it is")
            .help("write it before the plan is signed: it goes into the plan by its content"),
    )
}

/// The first placeholder, as templates of help desks write them: `{{ticket.id}}`, `{% if ... %}`.
fn gap(text: &str) -> Option<(usize, usize)> {
    [("{{", "}}"), ("{%", "%}")]
        .iter()
        .filter_map(|(opens, closes)| {
            let from = text.find(opens)?;
            let inside = text.get(from..)?.lines().next()?;
            Some((from, from + inside.find(closes)? + closes.len()))
        })
        .min()
}

/// Where a mark stands as a word of its own, whatever its case.
fn position(text: &str, mark: &str) -> Option<usize> {
    let same = |at: usize| text.get(at..at + mark.len()).is_some_and(|part| part.eq_ignore_ascii_case(mark));
    let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let alone = |at: usize| {
        let before = text.get(..at).and_then(|part| part.chars().next_back());
        let after = text.get(at + mark.len()..).and_then(|part| part.chars().next());
        !letter(before) && !letter(after)
    };
    // In other languages `todo` is a word, so capitals count for marks of capitals.
    let exact = mark.bytes().all(|b| !b.is_ascii_lowercase());
    text.char_indices().map(|(at, _)| at).find(|at| {
        same(*at) && alone(*at) && (!exact || text.get(*at..).is_some_and(|part| part.starts_with(mark)))
    })
}
