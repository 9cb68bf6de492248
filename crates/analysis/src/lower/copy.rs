//! `backup` and `export`: copies of the old desk.

use std::collections::BTreeMap;

use cutover_diagnostics::{Diagnostic, Span};
use cutover_ir::Id;
use cutover_plan::model::{Backup, ChunkRule, Content, Export, ExportPart, Ref};
use cutover_syntax::keywords::{ClauseKw, ItemKw, StmtKw};
use cutover_syntax::tree::{Item, Line, Term, TermKind};
use cutover_syntax::value::plain_name;

use crate::context::Context;
use crate::lower::around::each;
use crate::lower::{checks, scope, words};
use crate::read::list::{self, Noun};
use crate::read::{common, names, predicate};
use crate::select::{self, Chosen};
use crate::world::System;

/// Lowers `backup` and `export`.
pub fn lower(cx: &mut Context<'_>) {
    each(cx, ItemKw::Backup, backup);
    each(cx, ItemKw::Export, export);
}

fn backup<'a>(cx: &mut Context<'a>, item: &'a Item, head: &'a Line, name: &str) {
    let world = cx.world;
    let mut parts: Vec<String> = Vec::new();
    let mut restore = Vec::new();
    let mut signers = Vec::new();
    let mut restore_before = None;
    for line in item.body_lines() {
        if line.statement == Some(StmtKw::Restore) {
            restore.extend(list::samples(cx, world.source(), item, line.lead));
            signers.extend(common::signers(cx, item, line));
            restore_before = restore_before.or(before_rehearsal(cx, item, line));
            let at = item.line_span(line);
            cx.draft.spots.insert(Id::new(["backup", name, "restore"]), at);
            continue;
        }
        for part in list::parts(item, line.lead) {
            parts.extend(backed_up(cx, item, part));
        }
    }
    parts.sort();
    parts.dedup();
    let id = Id::new(["backup", name]);
    if !restore.is_empty() && restore_before.is_none() {
        cx.draft.take_default(
            &id.child("restore_before"),
            "by when the restore test is proven",
            "before the rehearsal",
        );
        restore_before = Some(Ref(Id::new(["rehearsal"])));
    }
    let Some(store) = common::place(item, head) else { return };
    let content = Content::Backup(Backup { store, parts, restore, restore_before });
    let mut made = common::plan_item(cx, item, head, content);
    made.title = None;
    made.signed_by.extend(signers);
    made.signed_by.sort();
    made.signed_by.dedup();
    cx.draft.clauses(&id, item, head);
    cx.draft.add(id, item.line_span(head), made);
}

/// A part of a backup: a kind of the source, `configuration`, or `everything`.
fn backed_up(cx: &mut Context<'_>, item: &Item, part: &[Term]) -> Option<String> {
    let first = part.first().copied()?;
    let word = plain_name(item.raw(first)).into_owned();
    checks::nothing_more(cx, item, part.get(1..).unwrap_or_default());
    if word == "everything" || word == "configuration" {
        return Some(word);
    }
    let world = cx.world;
    let source = world.source()?;
    names::kind(cx, source, item, first).map(|kind| kind.plural.clone())
}

/// `before rehearsal`: the only moment that leaves time to find out that a backup is worth nothing.
fn before_rehearsal(cx: &mut Context<'_>, item: &Item, line: &Line) -> Option<Ref> {
    let clause = line.clause(ClauseKw::Before)?;
    let term = item.get(clause.terms).first().copied()?;
    let word = item.raw(term);
    if term.kind == TermKind::Hole {
        cx.draft.hole(item.span(term.range), "by when the restore test is proven");
        return None;
    }
    if matches!(word, "rehearsal" | "rehearse") {
        return Some(Ref(Id::new(["rehearsal"])));
    }
    let span = item.span_of(clause.terms);
    cx.push(
        Diagnostic::error("backup/restore-late", "the restore test comes too late")
            .primary(span, "nothing may be written before a restore has worked")
            .help("write `before rehearsal`"),
    );
    None
}

fn export<'a>(cx: &mut Context<'a>, item: &'a Item, head: &'a Line, name: &str) {
    let world = cx.world;
    let Some(source) = world.source() else { return };
    let mut lines: Vec<(Noun<'a>, Chosen, Option<ChunkRule>)> = Vec::new();
    let mut verify: Vec<String> = Vec::new();
    let mut sample = Vec::new();
    let mut signers = Vec::new();
    for line in item.body_lines() {
        match line.statement {
            Some(StmtKw::Verify) => {
                verify.extend(list::words(
                    cx,
                    item,
                    line.lead,
                    "something that is verified",
                    words::EXPORT_VERIFIED,
                ));
            }
            Some(StmtKw::Sample) => {
                sample.extend(list::samples(cx, world.source(), item, line.lead));
                signers.extend(common::signers(cx, item, line));
            }
            _ => part_lines(cx, source, item, line, &mut lines),
        }
    }
    verify.sort();
    verify.dedup();
    let root = Id::new(["export", name]);
    let parts = parts(cx, &root, lines);
    let mut made = common::plan_item(cx, item, head, Content::Export(Export { parts, verify, sample }));
    made.title = None;
    made.signed_by = signers;
    made.signed_by.sort();
    made.signed_by.dedup();
    cx.draft.add(root, item.line_span(head), made);
}

fn part_lines<'a>(
    cx: &mut Context<'a>,
    source: &'a System<'a>,
    item: &'a Item,
    line: &Line,
    lines: &mut Vec<(Noun<'a>, Chosen, Option<ChunkRule>)>,
) {
    for noun in list::nouns(cx, source, item, &list::parts(item, line.lead), false) {
        let chosen = match line.clause(ClauseKw::Where) {
            Some(clause) if noun.rest => {
                let found = Diagnostic::error(
                    "scope/rest-where#export",
                    "what the other lines leave is chosen by a condition too",
                );
                let condition = item.span(clause.range).to(item.span_of(clause.terms));
                cx.push(scope::beside_rest(found, condition, &noun));
                Chosen::Rest
            }
            _ if noun.rest => Chosen::Rest,
            Some(clause) => Chosen::Where(predicate::read(cx, noun.kind, item, clause.terms)),
            None => Chosen::All,
        };
        let chunks = chunk_rule(cx, item, line, &noun);
        lines.push((noun, chosen, chunks));
    }
}

/// `chunked by quarter of updated_at`, `chunked by status`.
fn chunk_rule<'a>(cx: &mut Context<'a>, item: &Item, line: &Line, noun: &Noun<'a>) -> Option<ChunkRule> {
    let clause = line.clause(ClauseKw::ChunkedBy)?;
    let term = item.get(clause.terms).first().copied()?;
    if term.kind == TermKind::Hole {
        cx.draft.hole(item.span(term.range), "how the export is cut");
        return None;
    }
    let Some(of) = line.clause(ClauseKw::Of) else {
        let path = plain_name(item.raw(term)).into_owned();
        if words::PIECES.contains(&path.as_str()) {
            let span = item.span_of(clause.terms);
            cx.push(
                Diagnostic::error("export/of-which-time", "pieces of time are cut by a time")
                    .primary(span, format!("{path} of what?"))
                    .help(format!("name a field: `chunked by {path} of updated_at`")),
            );
            return None;
        }
        let field = names::field(cx, noun.kind, &path, item.span(term.range))?;
        return Some(ChunkRule { by: "value".to_owned(), field: field.path() });
    };
    let by = names::one_of(cx, item, term, "a piece of time", words::PIECES)?;
    let field = item.get(of.terms).first().copied()?;
    let (path, span) = (plain_name(item.raw(field)).into_owned(), item.span(field.range));
    let found = names::field(cx, noun.kind, &path, span)?;
    let ty = noun.kind.type_of(found);
    if !matches!(ty.required(), cutover_ir::Type::Instant | cutover_ir::Type::Date) {
        cx.push(
            Diagnostic::error("export/not-a-time", "an export is cut by a field that is no time")
                .primary(span, "this holds no time")
                .note(format!("`{path}` holds: {}", ty.required())),
        );
        return None;
    }
    Some(ChunkRule { by, field: found.path() })
}

fn parts(
    cx: &mut Context<'_>,
    root: &Id,
    lines: Vec<(Noun<'_>, Chosen, Option<ChunkRule>)>,
) -> Vec<ExportPart> {
    let others = select::ByKind::of(lines.iter().map(|(noun, chosen, _)| (noun.kind.name, chosen)));
    let mut by_kind: BTreeMap<String, Vec<(&Chosen, Span)>> = BTreeMap::new();
    for (noun, chosen, _) in &lines {
        by_kind.entry(noun.kind.name.to_owned()).or_default().push((chosen, noun.span));
    }
    for chosen in by_kind.values() {
        for problem in select::problems(chosen) {
            problems(cx, problem);
        }
    }
    let ids =
        select::ids(root, cx.zone(), lines.iter().map(|(noun, chosen, _)| (vec![noun.kind.name], chosen)));
    let mut made: Vec<ExportPart> = Vec::new();
    for ((noun, chosen, chunks), id) in lines.into_iter().zip(ids) {
        let which = others.selection(noun.kind.name, &chosen);
        cx.draft.place(id.clone(), noun.span);
        made.push(ExportPart { id, kind: noun.kind.name.to_owned(), which, chunks });
    }
    made.sort_by(|a, b| a.id.cmp(&b.id));
    // Two parts of one id are reported above.
    made.dedup_by(|a, b| a.id == b.id);
    made
}

fn problems(cx: &mut Context<'_>, problem: select::Problem) {
    let diagnostic = match problem {
        select::Problem::Twice(second, first) | select::Problem::RestTwice(second, first) => {
            Diagnostic::error("export/twice", "the same records are exported twice")
                .primary(second, "a second time")
                .secondary(first, "the first time")
        }
        select::Problem::Open(span) => {
            Diagnostic::error("export/gap", "some records of a kind are in no part of the export")
                .primary(span, "and all others?")
                .help("add a line with `the rest`")
        }
        select::Problem::Mixed(..) | select::Problem::Unnamed(..) => return,
    };
    cx.push(diagnostic);
}
