//! `rehearse`, `wave` and `go live`: the trial, the parts, the night.

use std::collections::BTreeMap;

use cutover_catalog::capability::SilenceProof as Offered;
use cutover_diagnostics::{Diagnostic, Span};
use cutover_ir::Id;
use cutover_ir::measure::Sample;
use cutover_plan::model::{
    AcceptedLoss, Content, GoLive, LateLoad, LoadMode, Moment, Night, Placement, Ref, Rehearsal, Silence,
    SilenceProof, Wave,
};
use cutover_syntax::keywords::{ClauseKw, ItemKw, StmtKw};
use cutover_syntax::tree::{Item, Line, Term, TermKind, Terms};
use cutover_syntax::value::{self, ValueKind, plain_name};

use crate::context::{Context, name_of};
use crate::lower::{scope, words};
use crate::read::list::{self, Noun};
use crate::read::{common, moment, names, predicate, quantity};
use crate::select::{self, Chosen};

/// Lowers `rehearse`, `wave` and `go live`.
pub fn lower(cx: &mut Context<'_>) {
    for item in cx.of(ItemKw::Rehearse).collect::<Vec<_>>() {
        rehearse(cx, item);
    }
    waves(cx);
    go_live(cx);
}

fn rehearse(cx: &mut Context<'_>, item: &Item) {
    let Some(head) = item.head() else { return };
    let world = cx.world;
    let mut made = Rehearsal {
        system: "sandbox".to_owned(),
        sample: Vec::new(),
        spread_over: Vec::new(),
        include: Vec::new(),
        run: Vec::new(),
        tests: Vec::new(),
        desks: Vec::new(),
    };
    for line in item.body_lines() {
        match line.statement {
            Some(StmtKw::Sample) => {
                let at = item.line_span(line);
                cx.draft.spots.insert(Id::new(["rehearsal", "sample"]), at);
                let sample = list::samples(cx, world.source(), item, line.lead);
                made.spread_over.extend(spread(cx, item, line, sample.first()));
                made.sample.extend(sample);
            }
            Some(StmtKw::Include) => {
                let count =
                    value::read(item, item.get(line.lead)).and_then(|(v, _)| quantity::count(cx, item, &v));
                let Some(clause) = line.clause(ClauseKw::EachOf) else { continue };
                let strata = list::words(cx, item, clause.terms, "a group of records", words::STRATA);
                let Some(count) = count else { continue };
                made.include.extend(strata.into_iter().map(|of| Sample { count, of }));
            }
            Some(StmtKw::Run) => {
                cx.draft.spots.insert(Id::new(["rehearsal", "run"]), item.line_span(line));
                made.run.extend(list::words(cx, item, line.lead, "something that is rehearsed", words::RUNS));
            }
            _ => {}
        }
    }
    let id = Id::new(["rehearsal"]);
    if made.run.is_empty() && !item.body_lines().iter().any(|l| l.statement == Some(StmtKw::Run)) {
        made.run = words::RUNS.iter().map(|word| (*word).to_owned()).collect();
        cx.draft.take_default(&id.child("run"), "what is rehearsed", "everything");
    }
    made.run.sort();
    made.run.dedup();
    if made.run.iter().any(|word| word == "tests") {
        made.tests =
            cx.names.all(ItemKw::Test).into_iter().map(|name| Ref(Id::new(["test", name]))).collect();
    }
    let item_made = common::plan_item(cx, item, head, Content::Rehearsal(made));
    cx.draft.add(id, item.line_span(head), item_made);
}

/// Fields over which a sample is spread: of the kind that is sampled.
fn spread(cx: &mut Context<'_>, item: &Item, line: &Line, sample: Option<&Sample>) -> Vec<String> {
    let Some(clause) = line.clause(ClauseKw::SpreadOver) else { return Vec::new() };
    let world = cx.world;
    let Some(kind) = sample.and_then(|sample| world.source()?.kind(&sample.of)) else { return Vec::new() };
    let mut fields = Vec::new();
    for part in list::parts(item, clause.terms) {
        let [term] = part else { continue };
        let path = plain_name(item.raw(*term)).into_owned();
        if let Some(place) = predicate::place(cx, kind, &path, item.span(term.range)) {
            fields.push(place.path.into_owned());
        }
    }
    fields
}

/// A wave as it is written.
struct Written<'a> {
    item: &'a Item,
    head: &'a Line,
    name: String,
    noun: Noun<'a>,
    chosen: Chosen,
    placement: Placement,
    /// When it is over, which orders the waves before the window.
    by: Option<Moment>,
}

fn waves(cx: &mut Context<'_>) {
    let world = cx.world;
    let Some(source) = world.source() else { return };
    let mut written: Vec<Written<'_>> = Vec::new();
    for item in cx.of(ItemKw::Wave).collect::<Vec<_>>() {
        let (Some(head), Some((name, _))) = (item.head(), name_of(item)) else { continue };
        let lead = Terms { start: head.lead.start + 1, ..head.lead };
        let mut nouns = list::nouns(cx, source, item, &list::parts(item, lead), false);
        if let [_, second, ..] = nouns.as_slice() {
            cx.push(
                Diagnostic::error("waves/one-kind", "a wave loads records of one kind")
                    .primary(second.span, "a second kind")
                    .help("what belongs to a ticket is loaded with it; give other kinds a wave of their own"),
            );
        }
        if nouns.is_empty() {
            continue;
        }
        let noun = nouns.swap_remove(0);
        let chosen = match head.clause(ClauseKw::Where) {
            Some(clause) if noun.rest => {
                let found = Diagnostic::error(
                    "scope/rest-where#wave",
                    "what the other waves leave is chosen by a condition too",
                );
                let condition = item.span(clause.range).to(item.span_of(clause.terms));
                cx.push(scope::beside_rest(found, condition, &noun));
                Chosen::Rest
            }
            _ if noun.rest => Chosen::Rest,
            Some(clause) => {
                let asked = predicate::read(cx, noun.kind, item, clause.terms);
                if let Some(word) = select::opaque_word(noun.kind, &asked) {
                    cx.push(
                        Diagnostic::error(
                            "waves/opaque",
                            "only the running system knows which records are in this wave",
                        )
                        .primary(
                            item.span_of(clause.terms),
                            format!("`{word}` cannot be answered from a record"),
                        )
                        .help("part waves by fields, such as status and time of the last change"),
                    );
                }
                Chosen::Where(asked)
            }
            None => Chosen::All,
        };
        let (placement, by) = placement(cx, item, head);
        written.push(Written { item, head, name, noun, chosen, placement, by });
    }
    // Not the order of the lines: waves before the window come first, the earlier one before the later one.
    written.sort_by(|a, b| {
        let key = |w: &Written<'_>| (w.placement, w.by.as_ref().map(|moment| moment.at), w.name.clone());
        key(a).cmp(&key(b))
    });
    let lines = select::ByKind::of(written.iter().map(|wave| (wave.noun.kind.name, &wave.chosen)));
    for (at, wave) in written.iter().enumerate() {
        let which = lines.selection(wave.noun.kind.name, &wave.chosen);
        let reopened_as = wave.head.clause(ClauseKw::ReopenedAs).and_then(|clause| {
            let terms = wave.item.get(clause.terms).to_vec();
            list::phrase(cx, wave.item, &terms, "what a late reply becomes", words::REOPENED_AS)
        });
        let id = Id::new(["wave", &wave.name]);
        if let Some(records) = crate::count::of(wave.noun.kind, &which) {
            cx.draft.plan.figures.records.insert(id.clone(), records);
        }
        let content = Wave {
            order: u32::try_from(at + 1).unwrap_or(u32::MAX),
            kind: wave.noun.kind.name.to_owned(),
            which,
            placement: wave.placement,
            by: wave.by.clone().filter(|by| cx.window.as_ref().is_some_and(|window| by.at < window.start)),
            gated_by: gates(cx, wave.item, wave.head),
            reopened_as,
        };
        cx.draft.clauses(&id, wave.item, wave.head);
        let made = common::plan_item(cx, wave.item, wave.head, Content::Wave(content));
        cx.draft.add(id, wave.noun.span, made);
    }
    let mut by_kind: BTreeMap<&str, Vec<(&Chosen, Span)>> = BTreeMap::new();
    for wave in &written {
        by_kind.entry(wave.noun.kind.name).or_default().push((&wave.chosen, wave.noun.span));
    }
    for lines in by_kind.values() {
        for problem in select::problems(lines) {
            partition(cx, problem);
        }
    }
}

/// Waves of one kind part its records.
fn partition(cx: &mut Context<'_>, problem: select::Problem) {
    let diagnostic = match problem {
        select::Problem::Twice(second, first) | select::Problem::RestTwice(second, first) => {
            Diagnostic::error("waves/twice", "the same records are in two waves")
                .primary(second, "a second time")
                .secondary(first, "the first time")
                .help("each record goes over once; part the waves by a condition and `the rest`")
        }
        // Waves name no objects; whether they leave a gap is proven, with a record that shows it.
        select::Problem::Open(_) | select::Problem::Unnamed(..) | select::Problem::Mixed(..) => return,
    };
    cx.push(diagnostic);
}

/// `before window`, `in window`; without either, in the window.
fn placement(cx: &mut Context<'_>, item: &Item, head: &Line) -> (Placement, Option<Moment>) {
    if let Some(clause) = head.clause(ClauseKw::Before) {
        let by = moment::moment(cx, item, clause.terms);
        if let Some((by, window)) = by.as_ref().zip(cx.window.as_ref())
            && by.at > window.start
        {
            let span = item.span_of(clause.terms);
            cx.push(
                Diagnostic::error("waves/late", "a wave before the window is over before it")
                    .primary(span, "after the window begins")
                    .help("write `before window`, or `in window` for a wave of the night"),
            );
            return (Placement::In, None);
        }
        return (Placement::Before, by);
    }
    if let Some(clause) = head.clause(ClauseKw::In) {
        let terms = item.get(clause.terms).to_vec();
        let _ = list::phrase(cx, item, &terms, "when a wave is loaded", &["window"]);
    }
    (Placement::In, None)
}

/// Checks and criteria that a wave waits for.
fn gates(cx: &mut Context<'_>, item: &Item, head: &Line) -> Vec<Ref> {
    let Some(clause) = head.clause(ClauseKw::GatedBy) else { return Vec::new() };
    let mut gates = Vec::new();
    for part in list::parts(item, clause.terms) {
        let Some(term) = part.first().copied() else { continue };
        let span = item.span(term.range);
        if term.kind == TermKind::Hole {
            cx.draft.hole(span, "what the wave waits for");
            continue;
        }
        let name = plain_name(item.raw(term)).into_owned();
        let found = [(ItemKw::Check, "check"), (ItemKw::Criterion, "criterion")]
            .into_iter()
            .find(|(keyword, _)| cx.names.item(*keyword, &name).is_some());
        if let Some((_, kind)) = found {
            gates.push(Ref(Id::new([kind, &name])));
            continue;
        }
        let mut known = cx.names.all(ItemKw::Check);
        known.extend(cx.names.all(ItemKw::Criterion));
        let diagnostic = Diagnostic::error("names/unknown-item#gate", "no item has this name")
            .primary(span, format!("neither a check nor a criterion is called `{name}`"));
        let diagnostic = names::did_you_mean(diagnostic, span, &name, known);
        cx.push(diagnostic);
    }
    gates.sort();
    gates.dedup();
    gates
}

fn go_live(cx: &mut Context<'_>) {
    let Some(item) = cx.one(ItemKw::GoLive) else { return };
    let Some(head) = item.head() else { return };
    let id = Id::new(["go_live"]);
    let lines = |keyword| item.body_lines().iter().filter(move |l| l.statement == Some(keyword));
    let mut hold = Vec::new();
    for line in lines(StmtKw::Hold) {
        hold.extend(inbound(cx, item, line.lead).unwrap_or_default());
    }
    for line in lines(StmtKw::Drain) {
        let Some(drained) = inbound(cx, item, line.lead) else { continue };
        if let Some(missing) = hold.iter().find(|held| !drained.contains(held)) {
            cx.push(
                Diagnostic::error("golive/not-drained", "mail that is held is never let through")
                    .primary(item.line_span(line), format!("`{}` is held and not drained", missing.0))
                    .help("write `drain inbound`"),
            );
        }
    }
    let told = drained_not_held(cx, item, &hold);
    not_held(cx, item, &hold, &told);
    if !hold.is_empty() && lines(StmtKw::Drain).next().is_none() {
        cx.push(
            Diagnostic::error("golive/no-drain", "mail is held and never let through")
                .primary(item.head_span(), "nothing is drained")
                .help("add `drain inbound` as the last line"),
        );
    }
    hold.sort();
    hold.dedup();
    for line in item.body_lines() {
        if let Some(statement) = line.statement {
            cx.draft.spots.insert(id.child(statement.text()), item.line_span(line));
        }
    }
    let load = once(cx, item, StmtKw::Load).and_then(|line| load(cx, item, line, &id));
    if lines(StmtKw::Hold).next().is_none() && !cx.names.all(ItemKw::Inbound).is_empty() {
        cx.push(
            Diagnostic::error("golive/no-hold", "mail goes on arriving in the old desk while it is left")
                .primary(item.head_span(), "nothing is held")
                .help(
                    "begin with `hold inbound` and end with `drain inbound`: what arrives in between waits",
                ),
        );
    }
    let silent = match once(cx, item, StmtKw::Silent) {
        Some(line) => silence(cx, item, line),
        None => silence_by_default(cx, &id),
    };
    let mut switch = Vec::new();
    let mut signers = Vec::new();
    cx.draft.clauses(&id, item, head);
    for line in lines(StmtKw::Switch) {
        cx.draft.clauses(&id, item, line);
        switch.extend(channels(cx, item, line.lead));
        signers.extend(common::signers(cx, item, line));
    }
    for (keyword, why) in [
        (StmtKw::Load, "nothing is loaded in the window"),
        (StmtKw::Switch, "customers go on writing to the old desk"),
    ] {
        if lines(keyword).next().is_none() {
            cx.push(
                Diagnostic::error("golive/incomplete", "going live lacks a step")
                    .primary(item.head_span(), format!("no `{keyword}`: {why}"))
                    .help("it reads: `hold inbound; load everything; switch email; drain inbound`"),
            );
        }
    }
    let waves = cx.names.all(ItemKw::Wave).into_iter().map(|name| Ref(Id::new(["wave", name]))).collect();
    let load = load.unwrap_or(LateLoad { kind: None, mode: LoadMode::Create });
    let planned = cx.draft.plan.migration.window.as_ref();
    let window =
        planned.map(|planned| Night { start: planned.start, end: planned.end, zone: planned.zone.clone() });
    let back = cx.items.iter().any(|item| item.keyword == Some(ItemKw::Rollback));
    let way_back = back.then(|| Ref(Id::new(["rollback"])));
    // What it carries is known when every item is.
    let (carries, desks) = (Vec::new(), Vec::new());
    let content = GoLive { hold, load, silent, switch, waves, carries, way_back, window, desks };
    let mut made = common::plan_item(cx, item, head, Content::GoLive(content));
    for signer in signers {
        if !made.signed_by.contains(&signer) {
            made.signed_by.push(signer);
        }
    }
    cx.draft.add(id, item.head_span(), made);
}

/// The night has one load and one silence. The first is read; further ones are reported.
fn once<'i>(cx: &mut Context<'_>, item: &'i Item, keyword: StmtKw) -> Option<&'i Line> {
    let mut lines = item.body_lines().iter().filter(|line| line.statement == Some(keyword));
    let first = lines.next()?;
    for second in lines {
        cx.push(
            Diagnostic::error("golive/twice", "going live has a step twice")
                .primary(item.line_span(second), format!("a second `{keyword}`"))
                .secondary(item.line_span(first), "the first one")
                .help("keep one of them"),
        );
    }
    Some(first)
}

/// Where some addresses are held, all are: what arrives at another one lies in the old desk, after the last look at it.
fn not_held(cx: &mut Context<'_>, item: &Item, hold: &[Ref], told: &[String]) {
    let lines = || item.body_lines().iter().filter(|line| line.statement == Some(StmtKw::Hold));
    // A name that is not known is reported, and may mean the one that is missing.
    let named: usize = lines().map(|line| list::parts(item, line.lead).len()).sum();
    let all = lines().any(|line| common::words(item, line.lead).contains("inbound"));
    if hold.is_empty() || all || hold.len() < named {
        return;
    }
    let known: Vec<String> = cx.names.all(ItemKw::Inbound).into_iter().map(str::to_owned).collect();
    let missing: Vec<String> = known
        .into_iter()
        .filter(|name| !told.contains(name) && !hold.contains(&Ref(Id::new(["inbound", name]))))
        .map(|name| format!("`{name}`"))
        .collect();
    let Some(line) = lines().next().filter(|_| !missing.is_empty()) else { return };
    let are = if missing.len() == 1 { "is" } else { "are" };
    cx.push(
        Diagnostic::error(
            "golive/not-held",
            "mail goes on arriving at an address while the old desk is left",
        )
        .primary(item.line_span(line), format!("{} {are} not held", missing.join(", ")))
        .note("what arrives there in the night comes after the last look at the old desk, and is in neither")
        .help("hold all of them: `hold inbound`, and `drain inbound` at the end"),
    );
}

/// Mail that is not held has nothing that could be let through; the names of such addresses. `drain inbound` lets through what is held.
fn drained_not_held(cx: &mut Context<'_>, item: &Item, hold: &[Ref]) -> Vec<String> {
    let mut told = Vec::new();
    // Where nothing is held, or an address is not known, that is reported.
    if hold.is_empty() {
        return told;
    }
    for line in item.body_lines().iter().filter(|line| line.statement == Some(StmtKw::Drain)) {
        for part in list::parts(item, line.lead) {
            let Some(term) = part.first().filter(|term| term.kind == TermKind::Word) else { continue };
            let name = plain_name(item.raw(*term)).into_owned();
            if name == "inbound" || cx.names.item(ItemKw::Inbound, &name).is_none() {
                continue;
            }
            if hold.contains(&Ref(Id::new(["inbound", &name]))) {
                continue;
            }
            cx.push(
                Diagnostic::error("golive/drained-not-held", "mail that is not held is let through")
                    .primary(item.span(term.range), format!("`{name}` is not held"))
                    .help(format!("hold it first, `hold {name}`, or drain only what is held")),
            );
            told.push(name);
        }
    }
    told
}

/// `inbound`: all addresses; or some by name. `None` when a name is not known, which is reported.
fn inbound(cx: &mut Context<'_>, item: &Item, terms: Terms) -> Option<Vec<Ref>> {
    let mut refs = Vec::new();
    for part in list::parts(item, terms) {
        let term = part.first().copied()?;
        if item.raw(term) == "inbound" {
            let all = cx.names.all(ItemKw::Inbound);
            refs.extend(all.into_iter().map(|name| Ref(Id::new(["inbound", name]))));
        } else {
            let (name, _) = names::declared(cx, ItemKw::Inbound, item, term)?;
            refs.push(Ref(Id::new(["inbound", &name])));
        }
    }
    Some(refs)
}

/// `everything`, or `changed tickets replacing`.
fn load(cx: &mut Context<'_>, item: &Item, line: &Line, id: &Id) -> Option<LateLoad> {
    let terms = item.get(line.lead).to_vec();
    match terms.as_slice() {
        [hole] if hole.kind == TermKind::Hole => {
            cx.draft.hole(item.span(hole.range), "what is loaded");
            None
        }
        [word] if item.raw(*word) == "everything" => {
            late_loss(cx, item, line, id, "what the load of the night leaves out".to_owned());
            Some(LateLoad { kind: None, mode: LoadMode::Create })
        }
        [changed, noun] if item.raw(*changed) == "changed" => {
            let world = cx.world;
            let source = world.source()?;
            let kind = names::kind(cx, source, item, *noun)?;
            let mode = match (line.has(ClauseKw::Replacing), line.has(ClauseKw::Appending)) {
                (true, false) => LoadMode::Replace,
                (false, true) => LoadMode::Append,
                _ => {
                    cx.push(
                        Diagnostic::error(
                            "golive/load-how",
                            "what changed since the first load is written in one way",
                        )
                        .primary(item.line_span(line), "does it replace what is there, or is it added?")
                        .help("write `replacing`, or `appending`"),
                    );
                    return None;
                }
            };
            let plural = kind.plural.replace('_', " ");
            let what = if mode == LoadMode::Replace {
                format!("changed {plural} replace what the first load wrote")
            } else {
                if !line.has(ClauseKw::Lossy) {
                    cx.push(
                        Diagnostic::error("golive/append-loss", "what changed since the first load stays as it was")
                            .primary(item.line_span(line), "edited messages and changed fields are not carried over")
                            .note(format!(
                                "`appending` brings new {plural}, and new messages of those that are there; what was loaded keeps its first version"
                            ))
                            .help(
                                "accept it: `lossy \"what was edited since keeps its first version\"`; or write `replacing`",
                            ),
                    );
                }
                format!(
                    "what was edited or changed in {plural} since the first load keeps its first version; what is new is added"
                )
            };
            late_loss(cx, item, line, id, what);
            Some(LateLoad { kind: Some(kind.name.to_owned()), mode })
        }
        _ => {
            let span = list::span_of(item, &terms)?;
            cx.push(
                Diagnostic::error("golive/load-what", "the night loads everything, or what changed")
                    .primary(span, "not understood here")
                    .help("write `load everything`, or `load changed tickets replacing`"),
            );
            None
        }
    }
}

/// What the load of the night loses, when the line says so.
fn late_loss(cx: &mut Context<'_>, item: &Item, line: &Line, id: &Id, what: String) {
    let Some(because) = common::text_clause(item, line, ClauseKw::Lossy) else { return };
    let id = id.child("load");
    cx.draft.place(id.clone(), item.line_span(line));
    let loss = AcceptedLoss { what, because, records: None, of: None, kept_in: None };
    cx.draft.plan.losses.insert(id, loss);
}

/// A night that says nothing of silence is silent all the same, proven by the first way that the target offers.
fn silence_by_default(cx: &mut Context<'_>, id: &Id) -> Option<Silence> {
    let world = cx.world;
    let target = world.target()?;
    let plan = cx.draft.plan.systems.get("target").and_then(|system| system.plan.clone());
    let fact = target.catalog?.capabilities.silence_on_import.as_ref()?;
    let proof = fact.on(plan.as_deref())?.proofs.iter().find_map(|proof| match proof {
        Offered::Counter => Some(SilenceProof::Counter),
        Offered::Sink => Some(SilenceProof::Sink),
        Offered::TriggersListed => Some(SilenceProof::TriggersListed),
        // A canary needs an address that only the team knows.
        Offered::Canary | Offered::None => None,
    })?;
    let words = match proof {
        SilenceProof::Counter => "the new desk counts what it sends",
        SilenceProof::Sink => "all its mail ends in a box that is looked at",
        _ => "the rules that could send are listed, and off",
    };
    cx.draft.take_default(
        &id.child("silent"),
        "how the new desk is kept quiet while records are loaded",
        format!("silent until the checks pass; proof: {words}"),
    );
    Some(Silence { tag: None, proven_by: vec![proof], until: "checks pass".to_owned() })
}

fn silence(cx: &mut Context<'_>, item: &Item, line: &Line) -> Option<Silence> {
    let tag = common::text_clause(item, line, ClauseKw::Tag);
    let mut proven_by = Vec::new();
    if let Some(clause) = line.clause(ClauseKw::ProvenBy) {
        for part in list::parts(item, clause.terms) {
            proven_by.extend(proof(cx, item, part));
        }
    }
    proven_by.sort();
    proven_by.dedup();
    let until = line.clause(ClauseKw::Until).and_then(|clause| {
        let terms = item.get(clause.terms).to_vec();
        list::phrase(cx, item, &terms, "the end of silence", &["checks pass"])
    });
    Some(Silence { tag, proven_by, until: until.unwrap_or_else(|| "checks pass".to_owned()) })
}

/// `triggers_listed`, `canary("canary@acme.example")`.
fn proof(cx: &mut Context<'_>, item: &Item, part: &[Term]) -> Option<SilenceProof> {
    let (read, _) = value::read(item, part)?;
    let first = part.first().copied()?;
    if let ValueKind::Call { name: "canary", args, .. } = &read.kind
        && let Some(ValueKind::Text(address)) = args.first().map(|arg| &arg.kind)
    {
        return Some(SilenceProof::Canary(address.to_string()));
    }
    let words = ["counter", "sink", "triggers_listed", "canary"];
    Some(match names::one_of(cx, item, first, "a proof of silence", &words)?.as_str() {
        "counter" => SilenceProof::Counter,
        "sink" => SilenceProof::Sink,
        "triggers_listed" => SilenceProof::TriggersListed,
        _ => {
            cx.push(
                Diagnostic::error("golive/canary", "a canary is an address of your own")
                    .primary(item.span(first.range), "which address?")
                    .help("write `canary(\"canary@acme.example\")`"),
            );
            return None;
        }
    })
}

/// Channels and integrations that are switched.
fn channels(cx: &mut Context<'_>, item: &Item, terms: Terms) -> Vec<String> {
    let declared: Vec<String> = cx.names.all(ItemKw::Integration).into_iter().map(str::to_owned).collect();
    let mut known: Vec<&str> = words::CHANNELS.to_vec();
    known.extend(
        declared.iter().map(String::as_str).filter(|name| *name != "none" && !words::CHANNELS.contains(name)),
    );
    list::words(cx, item, terms, "a channel or a declared integration", &known)
}
