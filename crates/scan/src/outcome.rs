//! From what was gathered to the inventory.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::Result;

use cutover_catalog::catalog::Encoding;
use cutover_catalog::fact::Names;
use cutover_catalog::inventory::{Object, Profile, Sidecar};
use cutover_catalog::{Field, Inventory, Kind, Part, Shape, Table};
use cutover_ir::time::Instant;

use crate::ScanOutcome;
use crate::external::{Count, External, Merged};
use crate::field::table;
use crate::finding::{Findings, Severity};
use crate::kind::KindAcc;
use crate::opening;
use crate::withheld;
use crate::world::{World, plain_field};

/// Values shown of each field, when the options do not say.
const VALUES: usize = 1000;

fn values(count: u64) -> &'static str {
    if count == 1 { "value" } else { "values" }
}

/// Most values that are added to one field of one object.
const ADDED: usize = 10_000;

/// Counts of uses by kind and key, of objects that are listed.
type Uses = HashMap<(usize, u128), u64>;

pub(crate) fn finish(mut world: World<'_>, mut kinds: Vec<KindAcc<'_>>, layout: &str) -> Result<ScanOutcome> {
    // Half a count would be read as a whole one.
    kinds.iter_mut().for_each(|kind| kind.exported &= !kind.lost);
    let tickets_lost = world.tickets.and_then(|at| kinds.get(at)).is_some_and(|kind| kind.lost);
    let mut uses: Uses = HashMap::new();
    for (at, kind) in kinds.iter().enumerate() {
        uses.extend(kind.objects.iter().map(|(key, _)| ((at, *key), 0)));
    }
    count_keys(&mut kinds, &mut world.findings)?;
    take_added(&mut kinds, &mut world.findings)?;
    join(&mut kinds, &mut world.findings, &mut uses)?;
    find_duplicates(&mut kinds, &mut world.findings)?;
    let groups = group_names(&world, &kinds);
    let options = world.options;
    let mut inventory = Inventory {
        format: 1,
        platform: world.catalog.name.clone(),
        account: options.account.as_str().into(),
        plan: options.plan.as_deref().map(Into::into),
        taken: options.taken.or_else(|| world.newest.map(Instant::utc_date)),
        made_from: Some(
            options
                .made_from
                .clone()
                .unwrap_or_else(|| format!("scan of an export folder, layout {layout}"))
                .into(),
        ),
        ..Inventory::default()
    };
    if inventory.taken.is_none() {
        world.findings.plain(
            Severity::Warning,
            "scan/no-date",
            ("", ""),
            "no record has a time from which the day of the export could be told".to_owned(),
            "Give the day on which the export was taken: `--taken 2026-11-20`.",
            1,
        );
    }
    let cap = if options.values == 0 { VALUES } else { options.values };
    let mut custom_fields = Vec::new();
    let mut schema = Vec::new();
    let mut objects = Vec::new();
    let mut profiles = Vec::new();
    let mut states = HashSet::new();
    for (at, kind) in kinds.iter_mut().enumerate().filter(|(_, kind)| kind.exported) {
        let told = withheld::told(kind);
        withheld::note(kind, &told, &mut world.findings);
        tell_apart(kind);
        let profile = profile(kind, cap, &told, &mut world.findings, world.own_kinds)?;
        if world.tickets == Some(at) {
            states = told;
        }
        let custom = custom(kind, &world);
        if world.own_kinds {
            schema.push((kind.name.clone(), Box::new(own_kind(kind, &profile, custom))));
        } else if !custom.is_empty() {
            custom_fields.push((kind.name.clone(), custom));
        }
        profiles.push((kind.name.clone(), profile));
        let listed = listed(at, kind, &uses, &groups, &mut world.findings);
        if !listed.is_empty() {
            objects.push((kind.name.clone(), listed));
        }
    }
    let added =
        kinds.iter_mut().map(|kind| (kind.name.clone(), table(std::mem::take(&mut kind.added_states))));
    inventory.states = table(added.filter(|(_, states)| !states.is_empty()));
    inventory.custom_fields = table(custom_fields);
    inventory.schema = table(schema);
    inventory.objects = table(objects);
    inventory.profile = table(profiles);
    if world.gathering.beyond > 0 {
        world.findings.plain(
            Severity::Warning,
            "scan/too-many-unfinished",
            ("", &world.ticket_kind),
            "there are so many unfinished tickets that answers of agents and customers are missing for some"
                .to_owned(),
            "Check which states the catalog calls unfinished.",
            world.gathering.beyond,
        );
    }
    let unfinished = world.gathering.finish(&world.spill, &states)?;
    if let Some(name) = options.sidecar.as_ref().filter(|_| !tickets_lost) {
        inventory.unfinished = Some(Sidecar {
            file: name.as_str().into(),
            count: Some(unfinished.count()),
            sha256: Some(unfinished.sha256().into()),
        });
    }
    Ok(ScanOutcome {
        inventory,
        findings: world.findings.into_sorted(),
        layout: layout.to_owned(),
        unfinished,
    })
}

/// Finds keys that stand twice, and records without one.
fn count_keys(kinds: &mut [KindAcc<'_>], findings: &mut Findings) -> Result<()> {
    for kind in kinds.iter_mut().filter(|kind| kind.exported) {
        let mut objects = 0;
        let mut keys = kind.keys.stream()?;
        while let Some(key) = keys.next()? {
            if key.count > 1 {
                objects += key.count;
            }
        }
        drop(keys);
        let name = &kind.name;
        // Some tables have no key of their own: what stands for it refers to another object, and stands there often.
        let named =
            kind.key_field.as_deref().and_then(|name| kind.fields.iter().find(|field| field.name == name));
        let own = named.is_none_or(|field| field.targets.is_empty());
        if objects > 0 && own {
            if let Some(field) = &kind.key_field {
                kind.duplicates.insert(field.clone(), objects);
            }
            findings.plain(
                Severity::Warning,
                "scan/duplicate-record",
                ("", name),
                format!("{objects} records of {name} share their key with another one; each is counted"),
                "Export again, or remove the older copies: incremental exports give an object once for each change.",
                objects,
            );
        }
        if kind.without_key > 0 {
            findings.plain(
                Severity::Warning,
                "scan/no-key",
                ("", name),
                format!(
                    "{} of {name} {} no key",
                    if kind.without_key == 1 {
                        "1 record".to_owned()
                    } else {
                        format!("{} records", kind.without_key)
                    },
                    if kind.without_key == 1 { "has" } else { "have" }
                ),
                "Check that the layout names the right column as key.",
                kind.without_key,
            );
        }
    }
    Ok(())
}

/// Gives objects the values that other tables add to them.
fn take_added(kinds: &mut [KindAcc<'_>], findings: &mut Findings) -> Result<()> {
    for kind in kinds {
        for (name, mut lines) in std::mem::take(&mut kind.added) {
            let mut lost = 0;
            let mut closed = Vec::new();
            let holidays = kind.part == Part::Schedule && kind.roles.get("holidays").is_some();
            let mut keys = kind.keys.stream()?;
            let mut key = keys.next()?;
            let Some(field) = kind.fields.iter_mut().find(|field| field.name == name) else { continue };
            field.seen = field.seen.max(kind.count);
            let mut lines = lines.stream()?;
            let mut line = lines.next()?;
            while let Some(first) = line {
                let number = u128::from_str_radix(&first.key, 16).unwrap_or_default();
                // Lines come sorted, so that a value which stands twice follows itself.
                let mut values = vec![String::from_utf8_lossy(&first.body).into_owned()];
                let mut rows = 1;
                line = lines.next()?;
                while let Some(next) = line.take_if(|next| next.key == first.key) {
                    rows += 1;
                    let value = String::from_utf8_lossy(&next.body).into_owned();
                    if values.last() != Some(&value) && values.len() < ADDED {
                        values.push(value);
                    }
                    line = lines.next()?;
                }
                while key.is_some_and(|key| key.key() < number) {
                    key = keys.next()?;
                }
                if key.is_some_and(|key| key.key() == number) {
                    field.feed_added(&values, &Encoding::default())?;
                    if holidays {
                        closed.push((number, values));
                    }
                } else {
                    lost += rows;
                }
            }
            if holidays {
                close(kind, &name, closed, findings);
            }
            if lost > 0 {
                findings.plain(
                    Severity::Warning,
                    "scan/orphan-row",
                    ("", &format!("{}.{name}", kind.name)),
                    format!(
                        "{lost} rows add to {name} of objects of {} that are not in the export",
                        kind.name
                    ),
                    "Export all of them, or remove the rows.",
                    lost,
                );
            }
        }
    }
    Ok(())
}

/// Tells calendars their holidays, out of a table of their own. Those that it does not name have none.
fn close(kind: &mut KindAcc<'_>, name: &str, mut closed: Vec<(u128, Vec<String>)>, findings: &mut Findings) {
    let mut unread = 0;
    for (number, object) in &mut kind.objects {
        let rows = closed.iter_mut().find(|(of, _)| of == number).map(|(_, rows)| std::mem::take(rows));
        let days = opening::days(&rows.unwrap_or_default());
        unread += u64::from(days.is_none());
        object.holidays = days;
    }
    if unread > 0 {
        opening::unread(findings, ("", &kind.name), name, unread);
    }
}

/// Holds each reference against the keys of the kinds that it may point to.
fn join(kinds: &mut [KindAcc<'_>], findings: &mut Findings, uses: &mut Uses) -> Result<()> {
    // Keys leave their kinds for the time of the join, so that a kind may refer to itself.
    let exported: Vec<bool> = kinds.iter().map(|kind| kind.exported).collect();
    let names: Vec<String> = kinds.iter().map(|kind| kind.name.clone()).collect();
    let with: Vec<Option<String>> =
        kinds.iter().map(|kind| kind.kind.with.as_deref().map(str::to_owned)).collect();
    let mut most: Vec<(usize, String, u64)> = Vec::new();
    for at in 0..kinds.len() {
        let fields = kinds.get(at).map_or(0, |kind| kind.fields.len());
        for position in 0..fields {
            let Some(kind) = kinds.get_mut(at) else { continue };
            let (name, part) = (kind.name.clone(), kind.part);
            let Some(field) = kind.fields.get_mut(position).filter(|field| field.present > 0) else {
                continue;
            };
            let Some(mut references) = field.references.take() else { continue };
            let (field_name, present) = (field.name.clone(), field.present);
            let targets = field.target_positions.clone();
            let complete = targets.len() == field.targets.len()
                && targets.iter().all(|target| exported.get(*target) == Some(&true));
            let wanted = field.targets.join(" or ");
            let joined = hold_against(&mut references, kinds, &targets, uses, part == Part::Ticket)?;
            if !complete {
                findings.plain(
                    Severity::Note,
                    "scan/unchecked-reference",
                    ("", &format!("{name}.{field_name}")),
                    format!("{present} references of {name}.{field_name} were not checked: {wanted} is not in the export"),
                    "Export that kind too.",
                    present,
                );
                continue;
            }
            if let Some(kind) = kinds.get_mut(at)
                && joined.orphans > 0
            {
                kind.orphans.insert(field_name, joined.orphans);
            }
            for target in targets {
                if with.get(at).and_then(Option::as_deref) == names.get(target).map(String::as_str)
                    && joined.most > 0
                {
                    most.push((target, name.clone(), joined.most));
                }
            }
        }
    }
    for (target, name, number) in most {
        if let Some(kind) = kinds.get_mut(target) {
            let entry = kind.most.entry(name).or_insert(0);
            *entry = (*entry).max(number);
        }
    }
    Ok(())
}

/// What a join found.
struct Joined {
    /// References that point at nothing.
    orphans: u64,
    /// Most references to one object.
    most: u64,
}

fn hold_against(
    references: &mut External<Count>,
    kinds: &mut [KindAcc<'_>],
    targets: &[usize],
    uses: &mut Uses,
    used: bool,
) -> Result<Joined> {
    let mut keys: Vec<(usize, Merged<'_, Count>, Option<Count>)> = Vec::new();
    for (at, kind) in kinds.iter_mut().enumerate().filter(|(at, _)| targets.contains(at)) {
        let mut stream = kind.keys.stream()?;
        let first = stream.next()?;
        keys.push((at, stream, first));
    }
    let mut joined = Joined { orphans: 0, most: 0 };
    let mut stream = references.stream()?;
    while let Some(reference) = stream.next()? {
        let mut found = false;
        for (at, keys, head) in &mut keys {
            while head.is_some_and(|head| head.key() < reference.key()) {
                *head = keys.next()?;
            }
            if head.is_some_and(|head| head.key() == reference.key()) {
                found = true;
                if let Some(count) = uses.get_mut(&(*at, reference.key())).filter(|_| used) {
                    *count += reference.count;
                }
            }
        }
        if found {
            joined.most = joined.most.max(reference.count);
        } else {
            joined.orphans += reference.count;
        }
    }
    Ok(joined)
}

/// Finds objects that share an address, a number or a name.
fn find_duplicates(kinds: &mut [KindAcc<'_>], findings: &mut Findings) -> Result<()> {
    for kind in kinds {
        for field in kind.fields.iter_mut() {
            let Some((objects, _)) = field.duplicates()?.filter(|(objects, _)| *objects > 0) else {
                continue;
            };
            kind.duplicates.insert(field.name.clone(), objects);
            let (name, field) = (&kind.name, &field.name);
            findings.plain(
                Severity::Note,
                "scan/duplicate-value",
                ("", &format!("{name}.{field}")),
                format!(
                    "{objects} objects of {name} share their {field} with another one, letter case aside"
                ),
                "Decide which of them are merged.",
                objects,
            );
        }
    }
    Ok(())
}

/// Names of the groups of each person, sorted.
fn group_names(world: &World<'_>, kinds: &[KindAcc<'_>]) -> HashMap<u128, Vec<Box<str>>> {
    let mut names: HashMap<u128, &str> = HashMap::new();
    for (at, kind) in kinds.iter().enumerate().filter(|(_, kind)| kind.part == Part::Group) {
        let all =
            kind.objects.iter().filter_map(|(key, _)| Some((*key, world.names.get(&(at, *key))?.as_str())));
        names.extend(all);
    }
    let mut groups: HashMap<u128, Vec<Box<str>>> = HashMap::new();
    let mut seen = HashSet::new();
    for (person, group) in &world.memberships {
        if let Some(name) = names.get(group).filter(|_| seen.insert((person, group))) {
            groups.entry(*person).or_default().push((*name).into());
        }
    }
    groups.values_mut().for_each(|names| names.sort_unstable());
    groups
}

/// Custom fields whose names meet get a part of the digest of their key, whichever came first.
fn tell_apart(kind: &mut KindAcc<'_>) {
    let mut count: BTreeMap<String, u32> = BTreeMap::new();
    for field in kind.custom.values() {
        *count.entry(field.name.clone()).or_insert(0) += 1;
    }
    for (key, field) in &mut kind.custom {
        if count.get(&field.name).is_some_and(|count| *count > 1) {
            let digest: String = crate::key::pseudonym("", "", "", key).chars().take(6).collect();
            field.name = format!("{}_{digest}", field.name);
        }
    }
}

fn profile(
    kind: &mut KindAcc<'_>,
    cap: usize,
    told: &HashSet<String>,
    findings: &mut Findings,
    own: bool,
) -> Result<Profile> {
    let mut fields = Vec::new();
    let mut bytes = None;
    for field in &mut kind.fields {
        if field.seen == 0 {
            continue;
        }
        let (mut profile, undeclared) = field.profile(cap)?;
        if kind.part == Part::Attachment
            && kind.kind.fields.get(&field.name).is_some_and(|f| f.canon.as_deref() == Some("size"))
        {
            bytes = field.sum();
            profile.longest = field.largest().and_then(|n| n.to_int()).and_then(|n| u64::try_from(n).ok());
        }
        let facts = kind.kind.fields.get(&field.name);
        if undeclared > 0
            && field.has_options()
            && field.shape.is_choice()
            && facts.is_some_and(|f| !f.open)
            && kind.kind.states.as_ref().is_none_or(|states| *states.field != *field.name)
        {
            findings.plain(
                Severity::Warning,
                "scan/unknown-option",
                ("", &format!("{}.{}", kind.name, field.name)),
                format!(
                    "{undeclared} {} of {}.{} {} not among the catalog's options",
                    values(undeclared),
                    kind.name,
                    field.name,
                    if undeclared == 1 { "is" } else { "are" }
                ),
                "Add the options under `options` of the inventory, or correct the catalog.",
                undeclared,
            );
        }
        if profile.unreadable > 0 {
            findings.plain(
                Severity::Warning,
                "scan/unreadable-value",
                ("", &format!("{}.{}", kind.name, field.name)),
                format!(
                    "{} {} of {}.{} cannot be read as the field's type",
                    profile.unreadable,
                    values(profile.unreadable),
                    kind.name,
                    field.name
                ),
                "Check how the layout says that times, yes and no, and lists are written.",
                profile.unreadable,
            );
        }
        fields.push((field.name.clone(), profile));
    }
    let mut custom = BTreeMap::new();
    for field in kind.custom.values_mut().filter(|field| field.seen > 0) {
        field.settle_type();
        let name = if own { field.name.clone() } else { format!("custom.{}", field.name) };
        custom.insert(name, field.profile(cap)?.0);
    }
    fields.extend(custom);
    let states = kind.kind.states.as_ref();
    let declared =
        states.map(|states| states.values.keys().map(str::to_owned).collect::<Vec<_>>()).unwrap_or_default();
    let mut by_status = Vec::new();
    for name in &declared {
        if let Some(count) = kind.by_status.remove(name) {
            by_status.push((name.clone(), count));
        }
    }
    let others = std::mem::take(&mut kind.by_status);
    by_status.extend(others.into_iter().filter(|(name, _)| told.contains(name)));
    Ok(Profile {
        count: kind.count,
        by_status: table(by_status),
        fields: table(fields),
        orphans: table(std::mem::take(&mut kind.orphans)),
        duplicates: table(std::mem::take(&mut kind.duplicates)),
        most: table(std::mem::take(&mut kind.most)),
        bytes,
        last_used: kind.last.map(Instant::utc_date),
    })
}

/// Custom fields that are defined or were seen, by name.
fn custom(kind: &KindAcc<'_>, world: &World<'_>) -> Table<Field> {
    let mut fields = world.definitions.of(&kind.name);
    for (key, field) in &kind.custom {
        if let Some(defined) = fields.get_mut(&field.name) {
            // What was found in records goes before what the definition says of the number of values.
            defined.ty.shape = field.shape.clone();
        }
        if !fields.contains_key(&field.name) {
            // A field without a single value has no type to be found out.
            let shape = if field.present == 0 { Shape::Text(None) } else { field.shape.clone() };
            fields.insert(field.name.clone(), plain_field(shape, key));
        }
    }
    table(fields)
}

/// A kind of the account itself, on a generic platform. A field whose values are all there and all different tells objects apart.
fn own_kind(kind: &KindAcc<'_>, profile: &Profile, fields: Table<Field>) -> Kind {
    let rows = fields.iter().map(|(name, field)| {
        let measured = profile.fields.get(name);
        let complete = measured.is_some_and(|of| of.present == profile.count);
        let mut field = field.clone();
        field.ty.optional = !complete;
        field.unique = complete && measured.is_some_and(|of| of.distinct == Some(profile.count));
        if field.api.as_deref() == Some(name) {
            field.api = None;
        }
        (name.to_owned(), field)
    });
    Kind { fields: table(rows.collect::<Vec<_>>()), plural: kind.name.as_str().into(), ..kind.kind.clone() }
}

fn listed(
    at: usize,
    kind: &mut KindAcc<'_>,
    uses: &Uses,
    groups: &HashMap<u128, Vec<Box<str>>>,
    findings: &mut Findings,
) -> Vec<Object> {
    if kind.objects_left_out > 0 {
        findings.plain(
            Severity::Warning,
            "scan/too-many-objects",
            ("", &kind.name),
            format!("{} objects of {} are not listed: there are too many", kind.objects_left_out, kind.name),
            "Check that they are configuration or people who answer; customers are never listed.",
            kind.objects_left_out,
        );
    }
    let mut objects = std::mem::take(&mut kind.objects);
    for (key, object) in &mut objects {
        object.used = uses.get(&(at, *key)).copied().filter(|count| *count > 0);
        if matches!(kind.part, Part::User | Part::Agent)
            && let Some(groups) = groups.get(key)
        {
            object.groups = Names(groups.clone().into());
        }
    }
    let mut objects: Vec<Object> = objects.into_iter().map(|(_, object)| object).collect();
    objects.sort_by(|a, b| (&a.name, &a.id, &a.ty, &a.role).cmp(&(&b.name, &b.id, &b.ty, &b.role)));
    // Some tables have several rows for one object.
    objects.dedup_by(|a, b| (&a.name, &a.id) == (&b.name, &b.id));
    objects
}
