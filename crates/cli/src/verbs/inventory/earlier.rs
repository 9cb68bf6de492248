//! An inventory that stands already where a scan writes: what people wrote into it and no export tells is kept, anything else is never written over.

use std::io::ErrorKind;
use std::path::Path;

use cutover_catalog::inventory::Object;
use cutover_catalog::{Inventory, Table, yaml};
use cutover_plan::text::words::list;

use crate::failure::Failure;

/// The inventory that stands at a path; nothing when nothing stands there.
///
/// # Errors
/// When what stands there is no inventory of the platform, or of another account than the one that was named: it would be lost.
pub(super) fn read(path: &Path, platform: &str, account: Option<&str>) -> Result<Option<Inventory>, Failure> {
    let lost = |what: String| {
        Err(Failure::new(format!("{} {what}, and the scan would take its place", path.display()))
            .help("name another file behind `-o`, or move this one away first"))
    };
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Failure::new(format!("cannot write {}", path.display())).because(error)),
    };
    if bytes.is_empty() {
        return Ok(None);
    }
    let known: Option<Inventory> = String::from_utf8(bytes).ok().and_then(|text| yaml::read(&text).ok());
    let Some(known) = known else { return lost("is no inventory that can be read".to_owned()) };
    if *known.platform != *platform {
        return lost(format!("is an inventory of `{}`", known.platform));
    }
    match account {
        Some(account) if !known.account.is_empty() && *known.account != *account => {
            lost(format!("is the inventory of the account `{}`", known.account))
        }
        _ => Ok(Some(known)),
    }
}

/// What was done with an earlier inventory, for people.
#[derive(Default)]
pub(super) struct Told {
    /// Parts that were kept.
    pub(super) kept: Vec<String>,
    /// Kinds that it counted and the export does not hold.
    pub(super) gone: Vec<String>,
}

/// Takes over what the export does not tell. `named` is whether the account was named in the call.
pub(super) fn keep(new: &mut Inventory, old: Inventory, named: bool) -> Told {
    let mut told = Told::default();
    let mut kept = |what: &str| told.kept.push(what.to_owned());
    if !named && !old.account.is_empty() && old.account != new.account {
        new.account = old.account;
        kept("the account's name");
    }
    if new.plan.is_none() && old.plan.is_some() {
        new.plan = old.plan;
        kept("its plan");
    }
    if new.time_zone.is_none() && old.time_zone.is_some() {
        new.time_zone = old.time_zone;
        kept("its time zone");
    }
    if new.credentials.is_empty() && !old.credentials.is_empty() {
        new.credentials = old.credentials;
        kept("credentials");
    }
    absent(&mut new.schema, old.schema, |_| kept("kinds of its own"));
    absent(&mut new.custom_fields, old.custom_fields, |kind| kept(&format!("custom fields of {kind}")));
    absent(&mut new.options, old.options, |kind| kept(&format!("options of {kind}")));
    for (kind, objects) in old.objects.into_rows() {
        match new.objects.get_mut(&kind) {
            None => {
                new.objects.set(&kind, objects);
                kept(&format!("objects of {kind}"));
            }
            Some(found) => {
                let more = objects.into_iter().filter(|object| fill(found, object)).count();
                if more > 0 {
                    kept(&format!("what was written about objects of {kind}"));
                }
            }
        }
    }
    told.gone = old.profile.keys().filter(|kind| !new.profile.contains(kind)).map(str::to_owned).collect();
    told
}

/// Adds the rows whose names are not there yet.
fn absent<V>(new: &mut Table<V>, old: Table<V>, mut kept: impl FnMut(&str)) {
    for (name, value) in old.into_rows() {
        if !new.contains(&name) {
            new.set(&name, value);
            kept(&name);
        }
    }
}

/// Fills what is not known of the object with the same id or name. Whether there was anything.
fn fill(objects: &mut [Object], old: &Object) -> bool {
    let same = |object: &&mut Object| match (&object.id, &old.id) {
        (Some(new), Some(old)) => new == old,
        _ => object.name == old.name,
    };
    let Some(object) = objects.iter_mut().find(same) else { return false };
    let before = object.clone();
    let Object {
        name: _,
        id,
        inactive: _,
        last_used,
        used,
        role,
        groups,
        ty,
        address,
        time_zone,
        hours,
        holidays,
        answers,
        uses,
    } = old.clone();
    object.id = object.id.take().or(id);
    object.last_used = object.last_used.or(last_used);
    object.used = object.used.or(used);
    object.role = object.role.take().or(role);
    object.ty = object.ty.take().or(ty);
    object.address = object.address.take().or(address);
    object.time_zone = object.time_zone.take().or(time_zone);
    object.holidays = object.holidays.take().or(holidays);
    object.answers = object.answers.or(answers);
    for (new, old) in [(&mut object.groups, groups), (&mut object.hours, hours), (&mut object.uses, uses)] {
        if new.is_empty() {
            *new = old;
        }
    }
    *object != before
}

impl Told {
    /// In sentences, one a line.
    pub(super) fn lines(&self, path: &Path) -> Vec<String> {
        let path = path.display();
        let kept = (!self.kept.is_empty()).then(|| {
            format!(
                "{path}: kept from the earlier inventory, since the export does not tell it: {}",
                list(&self.kept)
            )
        });
        let gone = (!self.gone.is_empty()).then(|| {
            format!("{path}: the earlier inventory counted what this export does not hold, and is left out now: {}", list(&self.gone))
        });
        kept.into_iter().chain(gone).collect()
    }
}
