//! The address at which nothing may arrive is one of the company's own: a mail to a stranger is what it should show, and not do.

use cutover_diagnostics::Diagnostic;
use cutover_ir::Id;
use cutover_plan::model::{Content, SilenceProof};

use crate::context::Context;

/// Compares the domains of canaries with those of the inbound addresses and of the team.
pub fn check(cx: &mut Context<'_>) {
    let id = Id::new(["go_live"]);
    let Some(Content::GoLive(night)) = cx.draft.plan.items.get(&id).map(|item| &item.content) else { return };
    let mut own: Vec<String> = cx
        .draft
        .plan
        .items
        .values()
        .filter_map(|item| match &item.content {
            Content::Inbound(inbound) => domain(&inbound.address),
            _ => None,
        })
        .collect();
    let inbound: Vec<String> = cx
        .draft
        .plan
        .items
        .values()
        .filter_map(|item| match &item.content {
            Content::Inbound(inbound) => Some(inbound.address.trim().to_lowercase()),
            _ => None,
        })
        .collect();
    own.extend(cx.draft.plan.people.values().filter_map(|person| domain(person.contact.as_deref()?)));
    own.sort();
    own.dedup();
    // Without any address nobody can know which one is the company's.
    if own.is_empty() {
        return;
    }
    let at = cx.draft.spots.get(&id.child("silent")).or_else(|| cx.draft.places.get(&id)).copied();
    let mut found = Vec::new();
    for proof in night.silent.iter().flat_map(|silent| &silent.proven_by) {
        let SilenceProof::Canary(address) = proof else { continue };
        let Some((domain, at)) = domain(address).zip(at) else { continue };
        if inbound.contains(&address.trim().to_lowercase()) {
            found.push(
                Diagnostic::error(
                    "golive/canary-inbound",
                    "customers write to the address at which nothing may arrive",
                )
                .primary(at, format!("`{address}` is an inbound address of this spec"))
                .note("the first customer who writes there looks like a mail of the new desk")
                .help("take an address that only the team reads"),
            );
            continue;
        }
        if own.iter().any(|own| related(own, &domain)) {
            continue;
        }
        found.push(
            Diagnostic::warning(
                "golive/canary-elsewhere",
                "nothing says that a canary is an address of your own",
            )
            .primary(at, format!("no inbound address and nobody of the team is at `{domain}`"))
            .note("test mails go there, and whatever the new desk sends by mistake")
            .help("take an address at a domain of the company, which only the team reads"),
        );
    }
    cx.draft.diagnostics.extend(found);
}

/// The domain of an address, in small letters.
fn domain(address: &str) -> Option<String> {
    let (_, domain) = address.rsplit_once('@')?;
    let domain = domain.trim().trim_end_matches('>').to_lowercase();
    domain.contains('.').then_some(domain)
}

/// Whether two domains are one company's: one is the other, or lies below it.
fn related(one: &str, other: &str) -> bool {
    let below = |low: &str, high: &str| low.strip_suffix(high).is_some_and(|rest| rest.ends_with('.'));
    one == other || below(one, other) || below(other, one)
}
