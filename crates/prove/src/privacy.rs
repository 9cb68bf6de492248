//! What is personal stays where it is protected, and is deleted when its time is over.

use cutover_analysis::world::{KindView, World};
use cutover_catalog::Part;
use cutover_diagnostics::Diagnostic;
use cutover_ir::map::Source;
use cutover_ir::{Id, Type};
use cutover_plan::model::{Content, SystemRole, Verb};

use crate::lineage::promises_deletion;
use crate::reach::ends;
use crate::{Facts, fields};

pub(crate) fn check(facts: &Facts<'_>, out: &mut Vec<Diagnostic>) {
    kept(facts, out);
    places(facts, out);
    copied(facts, out);
    read_outside(facts, out);
    credentials(facts, out);
}

/// Whether objects of a part say who somebody is, or what they wrote.
const fn personal(part: Part) -> bool {
    matches!(
        part,
        Part::Ticket | Part::Comment | Part::Attachment | Part::Transcript | Part::User | Part::Agent
    )
}

fn is_personal(facts: &Facts<'_>, kind: &str) -> bool {
    let kind = facts.world.source().and_then(|source| source.kind(kind));
    kind.is_some_and(|kind| personal(kind.kind.part))
}

/// What is archived of people has a last day, and is deleted then.
fn kept(facts: &Facts<'_>, out: &mut Vec<Diagnostic>) {
    for (id, item) in facts.items() {
        let Content::Scope(part) = &item.content else { continue };
        // A reason that says so is answered as a promise that nothing keeps.
        let said = item.because.as_deref().is_some_and(promises_deletion);
        if part.verb != Verb::Archive || !is_personal(facts, &part.kind) || said {
            continue;
        }
        let (at, label) = match &part.until {
            Some(until) if until.then_delete => continue,
            Some(until) => (facts.clause(id, "until"), format!("and what happens on {}?", until.date)),
            None => (facts.place(id), "until when?".to_owned()),
        };
        let Some(at) = at else { continue };
        out.push(
            Diagnostic::warning("privacy/never-deleted", "what people wrote is kept and never deleted")
                .primary(at, label)
                .help("write the last day on which it is needed, and what happens then: `until 2028-01-01 then delete`"),
        );
    }
}

/// Whether a place is reported for the sake of privacy, so that its name need not be.
pub(crate) fn told(facts: &Facts<'_>, content: &Content, store: &str) -> bool {
    let personal = !matches!(content, Content::Scope(part) if !is_personal(facts, &part.kind));
    personal && open(store).is_some()
}

/// What is kept of people is kept in a store, and not where others read along.
fn places(facts: &Facts<'_>, out: &mut Vec<Diagnostic>) {
    for (id, item) in facts.items() {
        let (store, what) = match &item.content {
            Content::Scope(part) if is_personal(facts, &part.kind) => {
                (part.store.as_deref(), "what people wrote")
            }
            Content::Backup(backup) => (Some(backup.store.as_str()), "the whole backup"),
            Content::Accept(accept) => (accept.store.as_deref(), "what the new desk cannot hold"),
            Content::Rollback(rollback) => {
                (rollback.store.as_deref(), "what customers write after the switch")
            }
            _ => continue,
        };
        let Some((store, who)) = store.and_then(|store| Some((store, open(store)?))) else { continue };
        let Some(at) = facts.clause(id, "in").or_else(|| facts.place(id)) else { continue };
        out.push(
            Diagnostic::error("privacy/open-place", "what is personal is kept where others read along")
                .primary(at, format!("{what} in `{store}`: {who}"))
                .help("name a store whose readers somebody decides about: `in \"vault:...\"`"),
        );
    }
}

/// Who can read a place that is surely no protected store.
fn open(store: &str) -> Option<&'static str> {
    let scheme = store.split_once(':').map(|(scheme, _)| scheme);
    match scheme {
        Some("http" | "https" | "ftp") => Some("whoever has the address opens it"),
        Some("git" | "github" | "gitlab") => {
            Some("a repository keeps it for ever, for everybody who may read it")
        }
        Some("mailto" | "mail") => Some("a mailbox is copied and forwarded"),
        Some("slack" | "teams") => Some("everybody in the channel reads it"),
        Some(_) => None,
        None if store.starts_with('#') => Some("everybody in the channel reads it"),
        None if store.contains('@') => Some("a mailbox is copied and forwarded"),
        None if store.starts_with(['/', '~']) || store.contains('\\') => {
            Some("a folder of one machine, for everybody who may use that")
        }
        None if store.contains('/') => {
            Some("a folder of this project, which is in the repository for everybody who may read it")
        }
        None => None,
    }
}

/// What a field of a person says.
fn says<'w>(world: &'w World<'w>, kind: &'w KindView<'w>, path: &str) -> Option<&'static str> {
    // What is no person's own, and leads to nobody, is most of what stands in a map.
    if !matches!(kind.kind.part, Part::User | Part::Agent) && !path.contains('.') {
        return None;
    }
    let place = fields::place(world, kind, path)?;
    if !matches!(place.kind.kind.part, Part::User | Part::Agent) {
        return None;
    }
    match place.field.field.canon.as_deref()? {
        "email" => Some("e-mail address"),
        "phone" | "mobile" => Some("telephone number"),
        _ => None,
    }
}

/// Whoever is deleted is deleted with their address: it is not copied into tickets, where nobody looks for it.
fn copied(facts: &Facts<'_>, out: &mut Vec<Diagnostic>) {
    let Some((source, target)) = facts.world.source().zip(facts.world.target()) else { return };
    for (_, item) in facts.items() {
        let Content::Map(map) = &item.content else { continue };
        let Some((of, kind)) = source.kind(&map.source).zip(target.kind(&map.target)) else { continue };
        if matches!(kind.kind.part, Part::User | Part::Agent) {
            continue;
        }
        for row in map.rows.iter().filter(|row| !row.by_catalog) {
            // A hash of it tells nobody who it is.
            if row.pipe.iter().any(|call| call.function.contains("hash")) {
                continue;
            }
            let said = row.from.iter().find_map(|from| match from {
                Source::Field(path) => Some((path, says(facts.world, of, path)?)),
                _ => None,
            });
            let Some((path, what)) = said else { continue };
            let text = row.to.iter().zip(&row.types).find(|(to, ty)| {
                let canon = kind.field(to).and_then(|field| field.field.canon.as_deref());
                let own = matches!(canon, Some("email" | "phone" | "mobile" | "requester" | "recipient"));
                !own && matches!(
                    ty.required(),
                    Type::Text { .. } | Type::Html { .. } | Type::Tags | Type::List(_)
                )
            });
            let Some((to, _)) = text else { continue };
            let Some(at) = facts.place(&row.id) else { continue };
            out.push(
                Diagnostic::warning("privacy/copied", "what says who somebody is leaves the place where it is deleted")
                    .primary(at, format!("the {what} `{path}` is written into `{to}` of each {}", kind.title().to_lowercase()))
                    .note("who asks to be forgotten is deleted as a person; what stands in other records stays, and is exported with them")
                    .help("leave it with the person, to whom the record refers anyway; or say why it is needed: `allow \"privacy/copied\"  until ...  because \"...\"`"),
            );
        }
    }
}

/// Who reads personal fields outside of the desk is somebody's decision.
fn read_outside(facts: &Facts<'_>, out: &mut Vec<Diagnostic>) {
    for (id, item) in facts.items() {
        let Content::Consumer(consumer) = &item.content else { continue };
        let read = consumer.reads.iter().find_map(|path| {
            let (kind, field) = path.split_once('.')?;
            Some((path, says(facts.world, facts.world.source()?.kind(kind)?, field)?))
        });
        let Some(((path, what), at)) = read.zip(facts.clause(id, "reads")) else { continue };
        out.push(
            Diagnostic::warning("privacy/read-outside", "what says who somebody is leaves the desk")
                .primary(at, format!("`{path}` is a person's {what}"))
                .help("let it read an id instead; or say on what ground it may: `allow \"privacy/read-outside\"  until ...  because \"...\"`"),
        );
    }
}

/// A credential works until the last thing is over for which its desk is asked.
fn credentials(facts: &Facts<'_>, out: &mut Vec<Diagnostic>) {
    let Some(window) = &facts.plan.migration.window else { return };
    for (name, system) in &facts.plan.systems {
        let used = match system.role {
            SystemRole::Source => ends::last_day(facts).map(|(id, day)| (day, id, "the old desk is read")),
            SystemRole::Target => ends::longest_use(facts, window).map(|used| (used.day, used.id, used.what)),
            _ => None,
        };
        let Some((day, id, what)) = used else { continue };
        // What ends before the window does is told where it is read.
        for secret in system.secrets.iter().filter(|s| s.until < day && s.until >= window.end.utc_date()) {
            let Some(at) = facts.place(&Id::new(["secret", name, &secret.name])) else { continue };
            let finding =
                Diagnostic::error("secrets/ends-early#used", "a secret ends before the migration does")
                    .primary(at, format!("its last day is {}, and {what} until {day}", secret.until));
            let finding = match facts.place(id) {
                Some(place) => finding.secondary(place, "until then the program asks this desk"),
                None => finding,
            };
            out.push(finding.help(format!("get one that lives until {day} at least")));
        }
    }
}
