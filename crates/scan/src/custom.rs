//! Custom fields: their definitions, where an export has them, and their names.

use std::collections::{BTreeMap, BTreeSet};

use cutover_catalog::exports::name_of;
use cutover_catalog::kind::{FieldOption, Options};
use cutover_catalog::{Catalog, Field, FieldType, Shape};
use cutover_records::Cell;

use crate::field::table;

/// Custom fields that the account defines, by kind.
#[derive(Debug, Default)]
pub(crate) struct Definitions {
    /// By kind and name.
    fields: BTreeMap<(String, String), Field>,
    /// From the keys that records use to names.
    keys: BTreeMap<(String, String), String>,
}

/// A definition as it stands in a record.
pub(crate) struct Found<'a> {
    pub(crate) key: &'a str,
    /// The name in the API and the name for people.
    pub(crate) names: [Option<&'a str>; 2],
    pub(crate) ty: Option<&'a str>,
    pub(crate) kind: Option<&'a str>,
    pub(crate) options: Vec<Cell<'a>>,
}

impl Definitions {
    /// Takes in a definition. Its kind is the one that it names, else that of tickets.
    pub(crate) fn add(&mut self, catalog: &Catalog, tickets: Option<&str>, found: &Found<'_>) {
        // Without a word about the kind, a product's custom fields are those of tickets.
        let Some(kind) = found.kind.map_or(tickets, |kind| kind_of(catalog, kind)) else { return };
        let custom = catalog.kinds.get(kind).and_then(|kind| kind.custom_fields.as_ref());
        let ty = found
            .ty
            .and_then(|ty| custom.and_then(|custom| custom.types.get(ty)))
            .map(|custom| custom.ty.clone());
        let Some(ty) = ty else {
            // Standard fields of the product are listed among the others by some products.
            return;
        };
        let label = found.names.iter().flatten().next_back().copied().unwrap_or(found.key);
        let mut name = name_of(label);
        let taken = |name: &str| self.fields.contains_key(&(kind.to_owned(), name.to_owned()));
        if taken(&name) {
            name = format!("{name}_{}", name_of(found.key));
        }
        if taken(&name) {
            return;
        }
        let api = found.names.first().copied().flatten().unwrap_or(found.key);
        let mut field = Field::of(FieldType { optional: true, ..ty });
        field.title = Some(label.into());
        field.api = Some(api.into());
        if field.ty.shape.is_choice() || matches!(field.ty.shape, Shape::Tags) {
            field.options = options(&found.options);
        }
        if field.options.is_empty() {
            // A choice of which nobody says what can be chosen is a text.
            field.ty.shape = match field.ty.shape {
                Shape::Choice => Shape::Text(None),
                Shape::Choices => Shape::Tags,
                other => other,
            };
        }
        for key in found.names.iter().flatten().chain([&found.key]) {
            self.keys.entry((kind.to_owned(), (*key).to_owned())).or_insert_with(|| name.clone());
        }
        self.fields.insert((kind.to_owned(), name), field);
    }

    /// The name and the field of a key in records of a kind.
    pub(crate) fn get(&self, kind: &str, key: &str) -> Option<(&str, &Field)> {
        let name = self.keys.get(&(kind.to_owned(), key.to_owned()))?;
        let field = self.fields.get(&(kind.to_owned(), name.clone()))?;
        Some((name, field))
    }

    /// All definitions of a kind by name.
    pub(crate) fn of(&self, kind: &str) -> BTreeMap<String, Field> {
        let all = self.fields.iter().filter(|((of, _), _)| of == kind);
        all.map(|((_, name), field)| (name.clone(), field.clone())).collect()
    }
}

/// The kind that a product's own word means: `ticket`, `Tickets`, `RT::Queue-RT::Ticket`.
fn kind_of<'c>(catalog: &'c Catalog, word: &str) -> Option<&'c str> {
    let last =
        word.split(|c: char| !c.is_alphanumeric() && c != '_').rfind(|part| !part.is_empty())?.to_lowercase();
    let is = |(name, kind): &(&str, &cutover_catalog::Kind)| {
        let plural = if kind.plural.is_empty() { format!("{name}s") } else { kind.plural.to_string() };
        *name == last || plural == last || kind.aliases.contains(&last) || kind.api.as_deref() == Some(word)
    };
    catalog.kinds.iter().find(is).map(|(name, _)| name)
}

fn options(cells: &[Cell<'_>]) -> Options {
    let mut seen = BTreeSet::new();
    let mut rows: Vec<(String, FieldOption)> = Vec::new();
    for cell in cells {
        let (name, api) = match cell {
            Cell::Object(text) => {
                let Ok(object) = serde_json::from_str::<BTreeMap<String, serde_json::Value>>(text) else {
                    continue;
                };
                let text = |keys: &[&str]| {
                    keys.iter().find_map(|key| match object.get(*key) {
                        Some(serde_json::Value::String(text)) => Some(text.clone()),
                        Some(serde_json::Value::Number(number)) => Some(number.to_string()),
                        _ => None,
                    })
                };
                let value = text(&["value", "tag", "api", "id"]);
                let name = text(&["name", "label", "displayName", "title"]);
                match (name, value) {
                    (Some(name), value) => (name, value),
                    (None, Some(value)) => (value, None),
                    (None, None) => continue,
                }
            }
            other => match other.plain() {
                Some(text) => (text.to_owned(), None),
                None => continue,
            },
        };
        let api = api.filter(|api| *api != name);
        if seen.insert(name.clone()) {
            rows.push((name, FieldOption { api: api.map(Into::into), ..FieldOption::default() }));
        }
    }
    Options(table(rows))
}
