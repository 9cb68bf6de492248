//! Time zones that an inventory names: each is one, by its IANA name or by what the product calls it.

use std::collections::BTreeSet;

use cutover_analysis::read::near_zone;
use cutover_calendar::{Zone, zone_names};
use cutover_catalog::inventory::Inventory;
use cutover_catalog::zones::{iana_name, is_product_name, rails_zones};
use cutover_diagnostics::{Diagnostic, FileId, Span, suggest};

/// The zone that an account means by a name.
pub(crate) fn zone(name: &str) -> Option<Zone> {
    Zone::named(iana_name(name))
}

/// Names of time zones that are none, each where it stands.
pub(crate) fn check(file: FileId, text: &str, inventory: &Inventory) -> Vec<Diagnostic> {
    let objects = inventory.objects.iter().flat_map(|(_, objects)| objects);
    let named =
        objects.filter_map(|object| object.time_zone.as_deref()).chain(inventory.time_zone.as_deref());
    let wrong: BTreeSet<&str> = named.filter(|name| zone(name).is_none() && !is_product_name(name)).collect();
    let found = wrong.into_iter().map(|name| {
        let at = place(text, name).unwrap_or(0..0);
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let finding = Diagnostic::error("inventory/time-zone", "this inventory names a time zone that does not exist")
            .primary(
                Span::new(file, offset(at.start), offset(at.end)),
                "neither an IANA time zone nor a name by which the product calls one",
            );
        finding.help(match near(name) {
            Some(near) => format!("did you mean `{near}`? By a wrong zone every due time is wrong by hours"),
            None => "write the zone as the product shows it, or its IANA name, such as `Europe/Berlin`; by a wrong zone every due time is wrong by hours".to_owned(),
        })
    });
    found.collect()
}

/// What was probably meant.
fn near(name: &str) -> Option<String> {
    let all = zone_names();
    let own = || suggest::nearest(name, rails_zones().iter().map(|(_, own)| *own), 1).first().copied();
    near_zone::of(name, &all).or_else(own).map(str::to_owned)
}

/// Where a text names a zone.
fn place(text: &str, name: &str) -> Option<std::ops::Range<usize>> {
    let mut named = text.match_indices(name).map(|(at, _)| at);
    let at = named.find(|at| {
        let before = text.get(..*at).unwrap_or_default();
        let line = before.rsplit('\n').next().unwrap_or_default();
        line.trim_end_matches([' ', '"', '\'']).ends_with("time_zone:")
    })?;
    Some(at..at + name.len())
}
