//! What must hold in an inventory beyond its form: it fits the catalog of its platform, and its numbers fit each other.

use crate::catalog::Catalog;
use crate::fact::Names;
use crate::inventory::{Inventory, Object, Profile};
use crate::kind::Kind;
use crate::opening::{Closed, Opening};
use crate::rules::Broken;
use crate::table::Table;

/// The version of the form of inventories that this program reads.
pub const FORMAT: u32 = 1;

/// All rules that an inventory breaks, in the order of its parts.
#[must_use]
pub fn broken(inventory: &Inventory, catalog: &Catalog) -> Vec<Broken> {
    let mut check = Check { inventory, catalog, broken: Vec::new() };
    check.head();
    check.custom_fields();
    check.options_and_states();
    check.objects();
    for (name, profile) in inventory.profile.iter() {
        check.profile(name, profile);
    }
    check.broken
}

struct Check<'a> {
    inventory: &'a Inventory,
    catalog: &'a Catalog,
    broken: Vec<Broken>,
}

impl<'a> Check<'a> {
    fn report(&mut self, path: &[&str], text: impl Into<String>) {
        self.broken
            .push(Broken { path: path.iter().map(|part| (*part).to_owned()).collect(), text: text.into() });
    }

    fn kind(&mut self, path: &[&str], name: &str) -> Option<&'a Kind> {
        let found =
            self.inventory.schema.get(name).map(|kind| &**kind).or_else(|| self.catalog.kinds.get(name));
        if found.is_none() {
            let other = self.catalog.kinds.iter().find(|(_, kind)| {
                *kind.plural == *name || kind.aliases.0.iter().any(|alias| **alias == *name)
            });
            let hint = other.map(|(name, _)| format!("; inventories call it `{name}`")).unwrap_or_default();
            self.report(path, format!("{} has no kind `{name}`{hint}", self.catalog.title));
        }
        found
    }

    fn head(&mut self) {
        let inventory = self.inventory;
        if inventory.format != FORMAT {
            self.report(&["format"], format!("this program reads format {FORMAT}, not {}", inventory.format));
        }
        // A team's catalog takes inventories of the product that it adds to.
        if inventory.platform != self.catalog.name && self.catalog.extended() != Some(&*inventory.platform) {
            self.report(
                &["platform"],
                format!("the inventory is of `{}`, not of `{}`", inventory.platform, self.catalog.name),
            );
        }
        if inventory.account.is_empty() {
            self.report(&["account"], "an inventory needs the name of its account");
        }
        if inventory.taken.is_none() {
            self.report(&["taken"], "an inventory needs the day on which it was taken");
        }
        if let Some(plan) = &inventory.plan
            && self.catalog.plan(plan).is_none()
            && !self.catalog.plans.is_empty()
        {
            let names: Vec<_> = self.catalog.plans.keys().collect();
            self.report(
                &["plan"],
                format!("{} has no plan `{plan}`, only {}", self.catalog.title, names.join(", ")),
            );
        }
        if !inventory.schema.is_empty() && !self.catalog.generic {
            self.report(&["schema"], "only inventories of generic platforms declare kinds");
        }
        for (name, kind) in inventory.schema.iter() {
            if !crate::field_type::is_name(name) {
                self.report(&["schema", name], "a kind's name has lower-case letters, digits and `_`");
            }
            for (field_name, field) in kind.fields.iter() {
                for of in field.ty.shape.references() {
                    if !inventory.schema.contains(of) && !self.catalog.kinds.contains(of) {
                        self.report(
                            &["schema", name, "fields", field_name],
                            format!("the type names `{of}`, which is no kind"),
                        );
                    }
                }
            }
        }
    }

    fn custom_fields(&mut self) {
        for (kind_name, fields) in self.inventory.custom_fields.iter() {
            let Some(kind) = self.kind(&["custom_fields", kind_name], kind_name) else { continue };
            if kind.custom_fields.is_none() {
                self.report(
                    &["custom_fields", kind_name],
                    format!("{} has no custom fields of this kind", self.catalog.title),
                );
            }
            for (name, field) in fields.iter() {
                let path = ["custom_fields", kind_name, name];
                if name.is_empty() || name.contains('.') {
                    self.report(&path, "a custom field's name is written without `custom.` and without dots");
                }
                if field.ty.shape.is_choice() && field.options.is_empty() {
                    self.report(&path, "a choice needs its options");
                }
            }
        }
    }

    fn options_and_states(&mut self) {
        for (kind_name, fields) in self.inventory.options.iter() {
            let Some(kind) = self.kind(&["options", kind_name], kind_name) else { continue };
            for (name, _) in fields.iter() {
                match kind.fields.get(name) {
                    Some(field) if field.ty.shape.is_choice() => {}
                    Some(_) => self.report(&["options", kind_name, name], "this field is no choice"),
                    None => self.report(&["options", kind_name, name], format!("there is no field `{name}`")),
                }
            }
        }
        for (kind_name, states) in self.inventory.states.iter() {
            let Some(kind) = self.kind(&["states", kind_name], kind_name) else { continue };
            if kind.states.is_none() {
                self.report(&["states", kind_name], "this kind has no states");
            }
            for (name, state) in states.iter() {
                if state.class != state.category.class() {
                    self.report(
                        &["states", kind_name, name],
                        format!("the class does not fit the category `{}`", state.category.name()),
                    );
                }
            }
        }
    }

    fn objects(&mut self) {
        for (kind_name, objects) in self.inventory.objects.iter() {
            if self.kind(&["objects", kind_name], kind_name).is_none() {
                continue;
            }
            for object in objects {
                self.opening(kind_name, object);
            }
            let mut names: Vec<_> = objects.iter().map(|object| (&object.name, &object.id)).collect();
            names.sort();
            let twice = names.windows(2).find_map(|pair| match pair {
                [a, b] if a == b => Some(a.0),
                _ => None,
            });
            if let Some(name) = twice {
                self.report(
                    &["objects", kind_name],
                    format!("`{name}` stands twice; objects of one name need their ids"),
                );
            }
        }
    }

    /// Hours and holidays of a calendar can be read.
    fn opening(&mut self, kind: &str, object: &Object) {
        let path = ["objects", kind];
        let name = &object.name;
        if let Some(wrong) = object.hours.iter().find(|hours| Opening::parse(hours).is_none()) {
            self.report(
                &path,
                format!("the hours `{wrong}` of `{name}` are not like `mon, tue 09:00 to 17:00`"),
            );
        }
        let without_length = |hours: &&str| Opening::parse(hours).is_some_and(|hours| hours.from == hours.to);
        if let Some(wrong) = object.hours.iter().find(without_length) {
            self.report(
                &path,
                format!(
                    "the hours `{wrong}` of `{name}` end when they begin; a whole day is `00:00 to 24:00`"
                ),
            );
        }
        let holidays = object.holidays.iter().flat_map(Names::iter);
        if let Some(wrong) = holidays.into_iter().find(|day| Closed::parse(day).is_none()) {
            self.report(
                &path,
                format!("the holiday `{wrong}` of `{name}` is not like `2026-12-25` or `12-25`"),
            );
        }
    }

    fn profile(&mut self, kind_name: &str, profile: &Profile) {
        let Some(kind) = self.kind(&["profile", kind_name], kind_name) else { return };
        let total: u64 = profile.by_status.iter().map(|(_, count)| *count).fold(0, u64::saturating_add);
        if total > profile.count {
            self.report(
                &["profile", kind_name, "by_status"],
                format!("the statuses add up to {total}, more than the count {}", profile.count),
            );
        }
        if let Some(states) = &kind.states {
            let own = self.inventory.states.get(kind_name);
            for (status, _) in profile.by_status.iter() {
                if !states.values.contains(status) && !own.is_some_and(|own| own.contains(status)) {
                    let text = format!(
                        "`{status}` is no status of {}; declare it under `states`",
                        self.catalog.title
                    );
                    self.report(&["profile", kind_name, "by_status", status], text);
                }
            }
        }
        for (field_name, field) in profile.fields.iter() {
            let path = ["profile", kind_name, "fields", field_name];
            if !self.has_field(kind_name, kind, field_name) {
                self.report(&path, format!("there is no field `{field_name}`"));
            }
            if field.present > profile.count {
                self.report(&path, format!("{} values in {} objects", field.present, profile.count));
            }
            if sum(&field.values).saturating_add(field.other_values) > field.present.max(profile.count)
                && !is_list(kind, field_name)
            {
                self.report(&path, "the values add up to more than there are objects");
            }
            if !field.lengths.is_sorted_by(|a, b| a.0 < b.0) {
                self.report(&path, "the bounds of `lengths` must rise");
            }
        }
        for (part, table) in [("orphans", &profile.orphans), ("duplicates", &profile.duplicates)] {
            for (field, _) in table.iter() {
                if !self.has_field(kind_name, kind, field) {
                    self.report(&["profile", kind_name, part, field], format!("there is no field `{field}`"));
                }
            }
        }
    }

    fn has_field(&self, kind_name: &str, kind: &Kind, field: &str) -> bool {
        match field.strip_prefix("custom.") {
            Some(custom) => {
                self.inventory.custom_fields.get(kind_name).is_some_and(|fields| fields.contains(custom))
            }
            None => kind.fields.contains(field),
        }
    }
}

fn sum(table: &Table<u64>) -> u64 {
    table.values().fold(0, |sum, count| sum.saturating_add(*count))
}

/// Whether an object may have several values of the field.
fn is_list(kind: &Kind, field: &str) -> bool {
    use crate::field_type::Shape;
    kind.fields
        .get(field)
        .is_none_or(|field| matches!(field.ty.shape, Shape::Tags | Shape::Choices | Shape::List(_)))
}
