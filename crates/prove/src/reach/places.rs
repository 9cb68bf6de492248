//! Places: what is kept lies in a store that somebody finds, and not in an account that ends.

use cutover_diagnostics::Diagnostic;
use cutover_ir::Id;
use cutover_ir::time::Date;
use cutover_plan::model::{Content, SystemRole};

use super::ends::last_day;
use crate::Facts;
use crate::privacy::told;

/// Something that is kept in a place, and until when.
struct Kept<'a> {
    id: &'a Id,
    /// The clause or line that names the place.
    clause: &'static str,
    store: &'a str,
    until: Option<Date>,
}

pub(super) fn check(facts: &Facts<'_>, out: &mut Vec<Diagnostic>) {
    let kept = facts.items().filter_map(|(id, item)| {
        let kept = |store, until| Kept { id, clause: "in", store, until };
        match &item.content {
            Content::Scope(part) => {
                Some(kept(part.store.as_deref()?, part.until.as_ref().map(|until| until.date)))
            }
            Content::Backup(backup) => Some(kept(&backup.store, None)),
            Content::Accept(accept) => Some(kept(accept.store.as_deref()?, None)),
            Content::Rollback(back) => Some(Kept { clause: "keep", ..kept(back.store.as_deref()?, None) }),
            _ => None,
        }
    });
    for kept in kept {
        match account(facts, kept.store) {
            // What customers wrote meanwhile may go back to where they write then.
            Some(_) if kept.clause == "keep" => {}
            Some((role, account)) => out.extend(outlives(facts, &kept, role, account)),
            None if facts.content(kept.id).is_some_and(|content| told(facts, content, kept.store)) => {}
            None => out.extend(unnamed(facts, &kept)),
        }
    }
}

/// What is kept of the old desk is not kept in an account that ends.
fn outlives(facts: &Facts<'_>, kept: &Kept<'_>, role: SystemRole, account: &str) -> Option<Diagnostic> {
    let last = last_day(facts).filter(|_| role == SystemRole::Source);
    if kept.until.zip(last).is_some_and(|(until, (_, end))| until <= end) {
        return None;
    }
    let what = match role {
        SystemRole::Source => "the old desk",
        _ => "the test account",
    };
    let until = kept.until.map_or("for good".to_owned(), |until| format!("until {until}"));
    let finding = Diagnostic::error(
        "reach/archive-outlives",
        "something is kept longer than the place in which it is kept",
    )
    .primary(
        facts.clause(kept.id, kept.clause)?,
        format!("kept {until} in `{account}`, which is {what} and ends"),
    )
    .help(
        "keep it in a place that stays: `in \"vault:...\"`, a store that has nothing to do with either desk",
    );
    Some(match last.and_then(|(id, day)| facts.clause(id, "until").zip(Some(day))) {
        Some((place, day)) => finding.secondary(place, format!("{day} is the last day of the old desk")),
        None => finding,
    })
}

/// A place is a store by its name and something in it. Words that only the author understands may mean the old desk itself.
fn unnamed(facts: &Facts<'_>, kept: &Kept<'_>) -> Option<Diagnostic> {
    let mut systems = facts.plan.systems.iter();
    let scheme = kept.store.split_once(':').map(|(scheme, _)| scheme);
    let desk = scheme.is_some_and(|scheme| {
        let meant = |role| matches!(role, SystemRole::Source | SystemRole::Sandbox);
        systems.any(|(name, system)| scheme == name || meant(system.role) && scheme == system.platform)
    });
    if is_named(kept.store) && !desk {
        return None;
    }
    let label = if desk {
        "a desk, and none of the accounts of this migration"
    } else {
        "whoever looks for it in two years, and the program tonight, find no store by these words"
    };
    let finding = Diagnostic::error("reach/unnamed-place", "what is kept lies in a place that is not named")
        .primary(facts.clause(kept.id, kept.clause)?, label);
    let finding = match last_day(facts) {
        Some((_, day)) => finding.note(format!(
            "if the old desk is meant: it ends after {day}, and all that is kept in it ends too"
        )),
        None => finding,
    };
    Some(finding.help(
        "write the store, a colon and the name in it: `in \"vault:acme-archive\"`; `[stores]` of a run says which folder that is",
    ))
}

/// `vault:acme-archive`, `s3://bucket/acme`.
fn is_named(store: &str) -> bool {
    let Some((store, inner)) = store.split_once(':') else { return false };
    let word = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '+');
    // One letter is a drive of somebody's machine, and what follows a blank is a sentence.
    let letters = store.chars().count() > 1 && store.chars().all(word);
    letters && inner.trim_start_matches('/').starts_with(|c: char| !c.is_whitespace())
}

/// The account that a place names, when it is one of the migration that ends: `acme-legacy`, `freshdesk:acme-legacy`, `source`.
fn account<'a>(facts: &Facts<'a>, store: &str) -> Option<(SystemRole, &'a str)> {
    let (scheme, inner) = match store.split_once(':') {
        Some((scheme, inner)) => (Some(scheme), inner),
        None => (None, store),
    };
    let first = inner.trim_start_matches('/').split('/').next().unwrap_or_default();
    let mut systems = facts.plan.systems.iter();
    systems.find_map(|(name, system)| {
        let ends = matches!(system.role, SystemRole::Source | SystemRole::Sandbox);
        // `vault:acme` is a store that bears the name of the account, and no account.
        let product = scheme.is_none_or(|scheme| scheme == system.platform);
        let named = product && (first == system.account || store == name);
        (ends && named && !system.account.is_empty()).then_some((system.role, &*system.account))
    })
}
