//! What the spec asks of the target, the target can do, or the loss is accepted. An error never rests on a fact that nobody
//! has confirmed: such a fact goes into the plan with its mark, and is tried before anything is loaded.

use cutover_catalog::capability::{
    Ability, AnyFact, AttachmentRoute, Capabilities, DedupeHow, VisibilityHow,
};
use cutover_catalog::fact::{Fact, Mark};
use cutover_catalog::kind::Route;
use cutover_catalog::{Catalog, Part};
use cutover_diagnostics::{Diagnostic, Span};
use cutover_ir::Id;
use cutover_ir::map::{Row, Source};
use cutover_plan::model::{
    Content, Fact as PlanFact, FactValue, LoadMode, Mark as PlanMark, SilenceProof, Verb,
};

use crate::context::Context;
use crate::rules::left_behind;
use crate::world::{KindView, System};

/// Checks what the spec asks of the target.
pub fn check(cx: &mut Context<'_>) {
    let world = cx.world;
    let (Some(source), Some(target)) = (world.source(), world.target()) else { return };
    let Some(catalog) = target.catalog.filter(|catalog| !catalog.generic) else { return };
    let asked = Asked { source, target, catalog, plan: plan_of(cx, target) };
    losses(cx, &asked);
    notes(cx, &asked);
    lookup(cx, &asked);
    silence(cx, &asked);
    kinds(cx, &asked);
    seats(cx, source);
}

struct Asked<'a> {
    source: &'a System<'a>,
    target: &'a System<'a>,
    catalog: &'a Catalog,
    plan: Option<String>,
}

/// The target's subscription.
fn plan_of(cx: &Context<'_>, target: &System<'_>) -> Option<String> {
    cx.draft.plan.systems.get(&*target.name).and_then(|system| system.plan.clone())
}

/// What a capability is worth here.
enum Answer {
    /// It can.
    Can,
    /// Nobody has confirmed what it can.
    Unknown,
    /// It cannot; perhaps why.
    Cannot(Option<String>),
}

impl Asked<'_> {
    /// The value of a capability, and whether somebody has confirmed it. The fact goes into the plan.
    fn look<'f, T>(
        &self,
        cx: &mut Context<'_>,
        name: &'static str,
        fact: &'f Option<Fact<T>>,
    ) -> Option<(&'f T, bool)>
    where
        Fact<T>: AnyFact,
    {
        let fact = fact.as_ref()?;
        let value = fact.on(self.plan.as_deref())?;
        let mark = self.catalog.mark_of(fact.mark, &fact.from);
        let words = AnyFact::words(fact, self.plan.as_deref()).unwrap_or_default();
        let title = Capabilities::NAMES.iter().find(|(n, _)| *n == name).map_or(name, |(_, title)| title);
        let sources: Vec<&str> = fact
            .from
            .iter()
            .filter_map(|key| self.catalog.sources.get(key))
            .map(|source| &*source.text)
            .collect();
        let id = format!("{}/capabilities/{name}", self.catalog.name);
        cx.draft.plan.facts.insert(
            id,
            PlanFact {
                system: self.target.name.to_string(),
                says: format!("{title}: {words}"),
                value: FactValue::Text(words),
                source: sources.join("; "),
                mark: plan_mark(mark),
                tier: self.plan.clone().filter(|_| fact.depends_on_plan()),
            },
        );
        Some((value, mark != Mark::Unverified))
    }

    fn ability(
        &self,
        cx: &mut Context<'_>,
        name: &'static str,
        fact: &Option<Fact<Ability>>,
        part: Part,
    ) -> Answer {
        let Some((ability, true)) = self.look(cx, name, fact) else { return Answer::Unknown };
        let other = match ability {
            Ability::Never => return Answer::Cannot(None),
            Ability::Database => Route::Database,
            Ability::AdminFile => Route::AdminFile,
            _ => return Answer::Can,
        };
        // What only another door lets in is lost at the one by which the records come.
        match self.route(part) {
            Some(route @ (Route::Api | Route::ImportEndpoint | Route::ModeSwitch)) if route != other => {
                Answer::Cannot(Some(format!(
                    "only {}; records come in by the {}",
                    ability.describe(),
                    route.describe()
                )))
            }
            _ => Answer::Can,
        }
    }

    /// The way by which records of a part get into the target.
    fn route(&self, part: Part) -> Option<Route> {
        let mut kind = self.target.kinds_of(part).next()?;
        let mut load = kind.kind.load.as_ref()?;
        // A catalog of a team's own may hold a circle; nothing is held over more than a few steps.
        for _ in 0..4 {
            if load.how != Route::WithParent {
                return Some(load.how);
            }
            kind = self.target.kind(kind.kind.with.as_deref()?)?;
            load = kind.kind.load.as_ref()?;
        }
        None
    }
}

fn plan_mark(mark: Mark) -> PlanMark {
    match mark {
        Mark::Verified => PlanMark::Verified,
        Mark::Documented => PlanMark::Documented,
        Mark::ThirdParty => PlanMark::ThirdParty,
        Mark::Unverified => PlanMark::Unverified,
    }
}

/// The first line that imports objects of a part of the desk.
fn imported(cx: &Context<'_>, part: Part) -> Option<Span> {
    let line = cx.decided.iter().find(|line| line.verb == Verb::Import && line.kind.kind.part == part)?;
    Some(line.span)
}

/// A thing that is lost unless the target can do something, and the word that accepts it.
struct Loss {
    word: &'static str,
    lost: &'static str,
    at: Option<Span>,
    answer: Answer,
}

/// Whole things that are lost: each is accepted by name.
fn losses(cx: &mut Context<'_>, asked: &Asked<'_>) {
    let can = &asked.catalog.capabilities;
    let mut losses = Vec::new();
    if let Some(at) = imported(cx, Part::Ticket) {
        let answer = asked.ability(cx, "backdate", &can.backdate, Part::Ticket);
        losses.push(Loss {
            word: "created_at",
            lost: "tickets are dated on the day of the import",
            at: Some(at),
            answer,
        });
    }
    if let Some(at) = imported(cx, Part::Comment) {
        let answer = asked.ability(cx, "backdate_comments", &can.backdate_comments, Part::Comment);
        losses.push(Loss {
            word: "comment_times",
            lost: "comments are dated on the day of the import",
            at: Some(at),
            answer,
        });
        let answer = asked.ability(cx, "author_per_comment", &can.author_per_comment, Part::Comment);
        losses.push(Loss {
            word: "authors",
            lost: "all comments have the same author",
            at: Some(at),
            answer,
        });
    }
    if let Some(at) = imported(cx, Part::Attachment) {
        let native = asked.look(cx, "attachments", &can.attachments);
        let answer = match native {
            Some((routes, true)) if !routes.contains(&AttachmentRoute::Native) => Answer::Cannot(None),
            _ => Answer::Can,
        };
        losses.push(Loss { word: "attachments", lost: "files do not arrive as files", at: Some(at), answer });
    }
    if let Some(at) = imported(cx, Part::History) {
        let answer = asked.ability(cx, "status_history", &can.status_history, Part::History);
        losses.push(Loss {
            word: "status_history",
            lost: "changes of status are not kept",
            at: Some(at),
            answer,
        });
    }
    if let Some(at) = keeps_threads(cx) {
        let answer = asked.ability(cx, "message_id", &can.message_id, Part::Comment);
        losses.push(Loss {
            word: "message_ids",
            lost: "replies to old mails make new tickets",
            at: Some(at),
            answer,
        });
    }
    if let Some(at) = promised(cx, asked.source) {
        let answer = asked.ability(cx, "sla_events", &can.sla_events, Part::SlaPolicy);
        losses.push(Loss {
            word: "sla_history",
            lost: "no results of service levels are kept",
            at: Some(at),
            answer,
        });
    }
    for Loss { word, lost, at, answer } in losses {
        let accepted = cx.draft.plan.items.contains_key(&Id::new(["accept", word]));
        let (Some(at), false) = (at, accepted) else { continue };
        let why = match answer {
            Answer::Unknown => continue,
            Answer::Can => {
                left_behind::check(cx, word, lost);
                continue;
            }
            Answer::Cannot(Some(why)) => format!("{} can do it {why}", asked.target.product()),
            Answer::Cannot(None) => format!("{} cannot do it", asked.target.product()),
        };
        cx.push(
            Diagnostic::error("capability/unsupported", "the new desk cannot keep something that the old one has")
                .primary(at, lost)
                .note(why)
                .help(format!("accept the loss: `accept {word}  in \"vault:...\"  owner ...  signed by ...  because \"...\"`")),
        );
    }
}

/// Where a map asks to keep mail threads.
fn keeps_threads(cx: &Context<'_>) -> Option<Span> {
    use cutover_syntax::keywords::{ClauseKw, ItemKw};
    cx.of(ItemKw::Map).find_map(|item| {
        let line = item.body_lines().iter().find(|line| line.has(ClauseKw::ThreadsKept))?;
        Some(item.line_span(line))
    })
}

/// Where the spec decides about service levels that the account has and that are not simply left behind.
fn promised(cx: &Context<'_>, source: &System<'_>) -> Option<Span> {
    let line =
        cx.decided.iter().find(|line| line.kind.kind.part == Part::SlaPolicy && line.verb != Verb::Retire)?;
    let has = source.objects(line.kind.name).is_some_and(|objects| !objects.is_empty())
        || line.kind.count().is_some_and(|count| count > 0);
    has.then_some(line.span)
}

/// Internal notes stay internal: there is no accepting that they become public.
fn notes(cx: &mut Context<'_>, asked: &Asked<'_>) {
    let Some(at) = imported(cx, Part::Comment) else { return };
    let internal = asked
        .source
        .kinds_of(Part::Comment)
        .any(|kind| kind.fields().any(|field| field.field.internal_when.is_some()));
    if !internal {
        return;
    }
    let visibility = asked.look(cx, "comment_visibility", &asked.catalog.capabilities.comment_visibility);
    if let Some((visibility, true)) = visibility
        && visibility.how == VisibilityHow::None
    {
        cx.push(
            Diagnostic::error("capability/public-notes", "internal notes would become public")
                .primary(at, format!("{} has no internal notes", asked.target.product()))
                .help("leave internal notes behind: part the comments with `where`"),
        );
    }
}

/// What changed since the first load can only be written again when the first load can be found.
fn lookup(cx: &mut Context<'_>, asked: &Asked<'_>) {
    let replacing = match cx.draft.plan.items.get("go_live").map(|item| &item.content) {
        Some(Content::GoLive(go)) => go.load.mode == LoadMode::Replace,
        _ => false,
    };
    if !replacing {
        return;
    }
    let dedupe = asked.look(cx, "dedupe", &asked.catalog.capabilities.dedupe);
    nameless(cx, dedupe.and_then(|(dedupe, _)| dedupe.field.as_deref()));
    if let Some((dedupe, true)) = dedupe
        && dedupe.how == DedupeHow::None
        && let Some(at) = cx.draft.places.get("go_live").copied()
    {
        cx.push(
            Diagnostic::error("capability/no-lookup", "records of the first load cannot be found again")
                .primary(at, "`replacing` needs a key by which a record is found")
                .note(format!("{} notices nothing that is loaded twice", asked.target.product()))
                .help("load everything in the window: `load everything`"),
        );
    }
}

/// Of tickets that are written again something in the new desk says which old one they are.
fn nameless(cx: &mut Context<'_>, by: Option<&str>) {
    let Some(tickets) = cx.world.source().and_then(|source| source.tickets()) else { return };
    // The number that people see is a key as well.
    let key = |from: &Source| match from {
        Source::Field(field) => {
            field == "id"
                || tickets.field(field).is_some_and(|view| view.field.canon.as_deref() == Some("number"))
        }
        _ => false,
    };
    let names = |row: &Row| {
        row.key || row.from.iter().any(key) || by.is_some_and(|by| row.to.iter().any(|to| to == by))
    };
    let mut found = Vec::new();
    for fact in cx.maps.maps.iter().filter(|fact| fact.source.name == tickets.name && !fact.broken) {
        let Some(Content::Map(map)) = cx.draft.plan.items.get(&fact.id).map(|item| &item.content) else {
            continue;
        };
        if map.rows.iter().any(names) {
            continue;
        }
        let Some(night) = cx.draft.places.get("go_live").copied() else { continue };
        let written = match by {
            Some(by) if by != "custom" => format!("`id -> {by}  as key`"),
            _ => "`id -> custom.old_number  as key`".to_owned(),
        };
        found.push(
            Diagnostic::error(
                "capability/no-lookup#no-key",
                "records of the first load cannot be found again",
            )
            .primary(fact.span, "no row of this map keeps the old key or number")
            .secondary(night, "what changed is written over what was loaded")
            .help(format!("carry the key into a field of the new desk: {written}")),
        );
    }
    cx.draft.diagnostics.extend(found);
}

/// Proofs of silence are ones that the target offers.
fn silence(cx: &mut Context<'_>, asked: &Asked<'_>) {
    use cutover_catalog::capability::SilenceProof as Offered;
    let proofs = match cx.draft.plan.items.get("go_live").map(|item| &item.content) {
        Some(Content::GoLive(go)) => go.silent.as_ref().map(|s| s.proven_by.clone()).unwrap_or_default(),
        _ => return,
    };
    let offered = asked.look(cx, "silence_on_import", &asked.catalog.capabilities.silence_on_import);
    let Some((offered, confirmed)) = offered else { return };
    for proof in proofs {
        let (kind, word) = match proof {
            SilenceProof::Counter => (Offered::Counter, "counter"),
            SilenceProof::Sink => (Offered::Sink, "sink"),
            SilenceProof::TriggersListed => (Offered::TriggersListed, "triggers_listed"),
            SilenceProof::Canary(_) => (Offered::Canary, "canary"),
        };
        if offered.proofs.contains(&kind) || !confirmed {
            continue;
        }
        let Some(at) = cx.draft.places.get("go_live").copied() else { continue };
        let list: Vec<String> = offered.proofs.iter().map(|proof| format!("`{}`", proof.name())).collect();
        cx.push(
            Diagnostic::error("capability/silence-proof", "the new desk cannot show its silence in this way")
                .primary(at, format!("{} does not offer `{word}`", asked.target.product()))
                .help(format!("what shows it here: {}", list.join(", "))),
        );
    }
}

/// Kinds that are imported or recreated exist in the target, can be loaded, and are part of its subscription.
fn kinds(cx: &mut Context<'_>, asked: &Asked<'_>) {
    let mut done = std::collections::BTreeSet::new();
    let mut found = Vec::new();
    for line in cx.decided.iter() {
        if !matches!(line.verb, Verb::Import | Verb::Recreate) || !done.insert((line.kind.name, line.verb)) {
            continue;
        }
        let to = counterparts(cx, asked, line.kind);
        let Some(first) = to.first() else {
            if line.verb == Verb::Recreate {
                found.push(
                    Diagnostic::error("capability/no-counterpart", "the new desk has nothing of this kind")
                        .primary(line.span, format!("{} has no {}", asked.target.product(), line.kind.plural))
                        .help("archive or retire them, with a reason"),
                );
            }
            continue;
        };
        if let Some(plan) = asked.plan.as_deref()
            && to.iter().all(|kind| !kind.kind.plans.is_empty() && !kind.kind.plans.contains(plan))
        {
            let list: Vec<String> = first.kind.plans.iter().map(|plan| format!("\"{plan}\"")).collect();
            found.push(
                Diagnostic::error(
                    "capability/subscription",
                    "the new desk's subscription does not have this",
                )
                .primary(line.span, format!("{} come with {}", first.plural, list.join(", ")))
                .note(format!("the target is on \"{plan}\""))
                .help("change the subscription, or archive or retire them with a reason"),
            );
            continue;
        }
        let never = |kind: &&KindView<'_>| {
            kind.kind.load.as_ref().is_some_and(|load| {
                load.how == Route::Never
                    && asked.catalog.mark_within(kind.kind, load.mark, &load.from) != Mark::Unverified
            })
        };
        if line.verb == Verb::Import && to.iter().all(never) {
            found.push(
                Diagnostic::error(
                    "capability/not-loadable",
                    "objects of this kind cannot be loaded into the new desk",
                )
                .primary(
                    line.span,
                    format!("{} takes no {} from outside", asked.target.product(), first.plural),
                )
                .help("recreate, archive or retire them"),
            );
        }
    }
    for diagnostic in found {
        cx.push(diagnostic);
    }
}

/// The target kinds into which objects of a kind go: by the maps, else the same part of a desk.
fn counterparts<'a>(cx: &Context<'_>, asked: &Asked<'a>, kind: &KindView<'_>) -> Vec<&'a KindView<'a>> {
    let mut to: Vec<&KindView<'_>> = Vec::new();
    for item in cx.draft.plan.items.values() {
        if let Content::Map(map) = &item.content
            && map.source == kind.name
        {
            to.extend(asked.target.kind(&map.target));
        }
    }
    if to.is_empty() {
        to.extend(asked.target.kinds_of(kind.kind.part));
        // Products with one kind for all people have no kind of their own for agents; some know queues, some groups.
        let other = match kind.kind.part {
            Part::Agent => Some(Part::User),
            Part::Queue => Some(Part::Group),
            Part::Group => Some(Part::Queue),
            _ => None,
        };
        if to.is_empty() {
            to.extend(other.into_iter().flat_map(|part| asked.target.kinds_of(part)));
        }
    }
    to
}

/// No more people are imported than there are licences.
fn seats(cx: &mut Context<'_>, source: &System<'_>) {
    let mut found = Vec::new();
    for line in cx.decided.iter() {
        let Some(Content::Scope(part)) = cx.draft.plan.items.get(&line.id).map(|item| &item.content) else {
            continue;
        };
        let Some(seats) = part.seats else { continue };
        let people = match &part.which {
            cutover_plan::model::Selection::Where(asked) if !crate::lower::scope::asks_active(asked) => {
                continue;
            }
            cutover_plan::model::Selection::Where(_) => {
                source.objects(line.kind.name).map(|o| o.iter().filter(|one| !one.inactive).count())
            }
            cutover_plan::model::Selection::All => source.objects(line.kind.name).map(<[_]>::len),
            _ => continue,
        };
        let Some(people) = people.and_then(|n| u64::try_from(n).ok()).filter(|people| *people > seats) else {
            continue;
        };
        found.push(
            Diagnostic::error("capability/seats", "more people are imported than there are licences")
                .primary(line.span, format!("{people} of them, and {seats} licences"))
                .help("retire some of them, or buy licences and raise the number"),
        );
    }
    for diagnostic in found {
        cx.push(diagnostic);
    }
}
