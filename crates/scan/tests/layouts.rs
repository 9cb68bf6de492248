//! Every export layout of every catalog in the program: a tiny folder is made from the layout, and the scan reads all of it.
#![expect(clippy::panic, clippy::expect_used, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};

use cutover_catalog::catalog::{
    CustomColumns, CustomForm, Encoding, ExportFile, ExportFormat, ExportLayout, Nested, TimeForm,
};
use cutover_catalog::kind::Field;
use cutover_catalog::{Catalog, Kind, Shape, Table, builtin};
use cutover_scan::{ScanOptions, Severity, scan};
use serde_json::{Map, Value, json};

/// Objects of each file, and of each list in an object.
const OBJECTS: u64 = 2;

/// Makes objects from a layout, and counts what it makes.
struct Maker<'c> {
    catalog: &'c Catalog,
    layout: &'c ExportLayout,
    made: BTreeMap<String, u64>,
    filled: BTreeMap<(String, String), u64>,
    /// Kinds that were given a custom field.
    custom: BTreeSet<String>,
}

/// What of a file or of a list says how its objects look.
struct Of<'c> {
    kind: &'c str,
    key: Option<&'c str>,
    columns: &'c Table<Box<str>>,
    only: &'c Table<cutover_catalog::fact::Names>,
    nested: &'c [Nested],
    custom: Option<&'c CustomColumns>,
}

impl<'c> Maker<'c> {
    fn kind(&self, name: &str) -> &'c Kind {
        self.catalog.kinds.get(name).expect("a kind of the catalog")
    }

    /// The field that identifies objects of a kind in this layout.
    fn key_field(&self, kind: &str) -> Option<&'c Field> {
        fn nested<'c>(all: &'c [Nested], kind: &str) -> Option<(&'c str, &'c Table<Box<str>>)> {
            all.iter().find_map(|list| match &list.key {
                Some(key) if *list.kind == *kind => Some((&**key, &list.columns)),
                _ => nested(&list.nested, kind),
            })
        }
        let files = || self.layout.files.iter().filter(|file| file.adds.is_none());
        let top = files().find(|file| *file.kind == *kind).map(|file| (&*file.key, &file.columns));
        let (key, columns) = top.or_else(|| files().find_map(|file| nested(&file.nested, kind)))?;
        self.kind(kind).fields.get(columns.get(key)?)
    }

    /// The key of the object with that number; none when the layout has no objects of the kind.
    fn key(&self, kind: &str, number: u64) -> Option<Value> {
        let field = self.key_field(kind)?;
        Some(match &field.ty.shape {
            Shape::Int { .. } => json!(number),
            Shape::Ref(kinds) => return kinds.iter().find_map(|kind| self.key(kind, number)),
            _ => json!(format!("{kind}{number}")),
        })
    }

    fn value(&self, kind: &Kind, name: &str, field: &Field, shape: &Shape, form: &Encoding) -> Value {
        match (field.canon.as_deref(), shape) {
            (Some("hours"), Shape::Text(_)) => return json!("Monday 9:00-17:00"),
            (Some("holidays"), Shape::Text(_)) => return json!("2026-12-25"),
            _ => {}
        }
        match shape {
            Shape::Bool => form.booleans.as_ref().map_or(json!(true), |[yes, _]| json!(yes)),
            Shape::Int { min, .. } => json!((*min).max(1)),
            Shape::Decimal | Shape::Percent | Shape::Count => json!(1),
            Shape::Duration | Shape::Text(_) | Shape::Html(_) | Shape::Attachment | Shape::Phone => {
                json!("word")
            }
            Shape::Email => json!("somebody@people.example"),
            Shape::Url => json!("https://people.example"),
            Shape::Date => json!("2026-03-01"),
            Shape::Instant => match form.times {
                TimeForm::Rfc3339 => json!("2026-03-01T10:00:00Z"),
                TimeForm::SqlUtc => json!("2026-03-01 10:00:00"),
                TimeForm::UnixSeconds => json!(1_772_359_200_u64),
                TimeForm::UnixMillis => json!(1_772_359_200_000_u64),
            },
            Shape::Choice | Shape::Choices => {
                let states = kind.states.as_ref().filter(|states| &*states.field == name);
                let state = states.and_then(|states| states.values.iter().next());
                let state = state.map(|(name, state)| state.api.as_deref().unwrap_or(name));
                let option = field.options.0.iter().next();
                let option = option.map(|(name, option)| option.api.as_deref().unwrap_or(name));
                json!(state.or(option).unwrap_or("Own"))
            }
            Shape::Tags => json!("red"),
            Shape::Ref(kinds) => kinds.iter().find_map(|kind| self.key(kind, 1)).unwrap_or(Value::Null),
            Shape::List(item) => self.value(kind, name, field, item, form),
        }
    }

    fn object(&mut self, of: &Of<'_>, form: &Encoding, json: bool) -> Value {
        let kind = self.kind(of.kind);
        let number = self.made.entry(of.kind.to_owned()).or_default();
        *number += 1;
        let number = *number;
        let mut object = Value::Object(Map::new());
        for (path, name) in of.columns.iter() {
            let value = match kind.fields.get(name) {
                _ if of.key == Some(path) => self.key(of.kind, number).unwrap_or(json!(number)),
                None => json!("word"),
                Some(field) => {
                    let one = self.value(kind, name, field, &field.ty.shape, form);
                    let many = matches!(field.ty.shape, Shape::List(_) | Shape::Tags | Shape::Choices);
                    if many && json && !path.contains("[].") && one != Value::Null {
                        json!([one])
                    } else {
                        one
                    }
                }
            };
            let value =
                of.only.get(path).and_then(|only| only.iter().next()).map_or(value, |word| json!(word));
            if value != Value::Null && kind.fields.contains(name) {
                *self.filled.entry((of.kind.to_owned(), name.to_string())).or_default() += 1;
            }
            put(&mut object, path, value);
        }
        for (path, words) in of.only.iter() {
            put(&mut object, path, json!(words.iter().next()));
        }
        if let Some(key) = of.key.filter(|key| !of.columns.contains(key)) {
            put(&mut object, key, self.key(of.kind, number).unwrap_or(json!(number)));
        }
        if let Some(CustomColumns { form, at }) = of.custom {
            match form {
                CustomForm::IdValueList => {
                    put(&mut object, at, json!([{"id": 77, "name": "x", "value": "v"}]))
                }
                CustomForm::NameValuesList => put(&mut object, at, json!([{"name": "Own", "values": ["v"]}])),
                CustomForm::Object => put(&mut object, &format!("{at}.own"), json!("v")),
                CustomForm::Prefix => put(&mut object, &format!("{at}own"), json!("v")),
            }
            self.custom.insert(of.kind.to_owned());
        }
        for list in of.nested {
            let inner = Of {
                kind: &list.kind,
                key: list.key.as_deref(),
                columns: &list.columns,
                only: &list.only,
                nested: &list.nested,
                custom: None,
            };
            let items: Vec<Value> = (0..OBJECTS).map(|_| self.object(&inner, form, true)).collect();
            *self.filled.entry((list.kind.to_string(), list.parent.to_string())).or_default() += OBJECTS;
            put(&mut object, &list.at, Value::Array(items));
        }
        object
    }

    fn row(&mut self, file: &ExportFile) -> Value {
        let json = file.format != ExportFormat::Csv;
        if let Some(adds) = &file.adds {
            let kind = self.kind(&file.kind);
            let field = kind.fields.get(&adds.field).expect("a field");
            let mut object = Value::Object(Map::new());
            put(&mut object, &file.key, self.key(&file.kind, 1).expect("a key"));
            put(
                &mut object,
                &adds.value,
                self.value(kind, &adds.field, field, &field.ty.shape, &file.encoding),
            );
            return object;
        }
        let of = Of {
            kind: &file.kind,
            key: Some(&file.key),
            columns: &file.columns,
            only: &file.only,
            nested: &file.nested,
            custom: file.custom.as_ref(),
        };
        self.object(&of, &file.encoding, json)
    }
}

/// Puts a value where a path leads.
fn put(object: &mut Value, path: &str, value: Value) {
    if let Some((list, member)) = path.split_once("[].") {
        let mut item = Value::Object(Map::new());
        put(&mut item, member, value);
        return put(object, list, json!([item]));
    }
    let mut at = object;
    for part in path.split('.') {
        // `metrics[metric=first]`: of a list the element that says so.
        let filter = part.strip_suffix(']').and_then(|part| part.split_once('['));
        let name = filter.map_or(part, |(name, _)| name);
        at = at.as_object_mut().expect("an object").entry(name).or_insert_with(|| json!({}));
        if let Some((key, wanted)) = filter.and_then(|(_, filter)| filter.split_once('=')) {
            if !at.is_array() {
                *at = json!([]);
            }
            let list = at.as_array_mut().expect("a list");
            let found = list.iter().position(|element| element[key] == *wanted);
            let found = found.unwrap_or_else(|| {
                list.push(json!({ key: wanted }));
                list.len() - 1
            });
            at = list.get_mut(found).expect("an element");
        }
    }
    *at = value;
}

fn text(file: &ExportFile, objects: &[Value]) -> String {
    match file.format {
        ExportFormat::Jsonl => objects.iter().map(|object| format!("{object}\n")).collect(),
        ExportFormat::Json => {
            let mut page = json!({});
            match &file.array_at {
                Some(at) => put(&mut page, at, json!(objects)),
                None => page = json!(objects),
            }
            page.to_string()
        }
        ExportFormat::Csv => {
            let plain = |value: &Value| {
                value.as_str().map_or_else(
                    || if value.is_null() { String::new() } else { value.to_string() },
                    str::to_owned,
                )
            };
            let rows = objects.iter().map(|object| object.as_object().expect("a row"));
            let mut lines = Vec::new();
            for row in rows {
                if lines.is_empty() {
                    lines.push(row.keys().cloned().collect::<Vec<_>>().join(","));
                }
                lines.push(row.values().map(&plain).collect::<Vec<_>>().join(","));
            }
            lines.join("\n") + "\n"
        }
    }
}

#[test]
fn each_layout_is_read_whole() {
    let mut layouts = 0;
    for listed in builtin::list() {
        let catalog = Catalog::builtin(listed.name).expect("a catalog");
        for (name, layout) in catalog.exports.iter() {
            check(&catalog, name, layout);
            layouts += 1;
        }
        assert!(catalog.generic || !catalog.exports.is_empty(), "{}: nothing can be scanned", catalog.name);
    }
    assert!(layouts >= 15, "{layouts}");
}

fn check(catalog: &Catalog, name: &str, layout: &ExportLayout) {
    let mut maker =
        Maker { catalog, layout, made: BTreeMap::new(), filled: BTreeMap::new(), custom: BTreeSet::new() };
    let mut files: BTreeMap<String, (&ExportFile, Vec<Value>)> = BTreeMap::new();
    for file in &layout.files {
        let (_, objects) = files.entry(file.glob.replace('*', "-1")).or_insert_with(|| (file, Vec::new()));
        for _ in 0..OBJECTS {
            objects.push(maker.row(file));
        }
    }
    let dir = tempfile::tempdir().expect("a folder");
    for (name, (file, objects)) in &files {
        std::fs::write(dir.path().join(name), text(file, objects)).expect("a file");
    }
    // Words about the folder are no part of the export.
    std::fs::write(dir.path().join("README.md"), "made by a script").expect("a file");
    let options =
        ScanOptions { account: "small".to_owned(), layout: Some(name.to_owned()), ..ScanOptions::default() };
    let outcome = match scan(dir.path(), catalog, &options, &mut ()) {
        Ok(outcome) => outcome,
        Err(error) => panic!("{} {name}: {error}", catalog.name),
    };
    let warnings: Vec<_> = outcome
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Warning)
        .map(|finding| format!("{} {} {} {}", finding.code, finding.file, finding.subject, finding.message))
        .collect();
    assert!(warnings.is_empty(), "{} {name}: {warnings:#?}", catalog.name);
    assert_eq!(
        cutover_catalog::inventory_rules::broken(&outcome.inventory, catalog),
        [],
        "{} {name}",
        catalog.name
    );
    for (kind, made) in &maker.made {
        let profile = outcome.inventory.profile.get(kind);
        assert_eq!(profile.map(|profile| profile.count), Some(*made), "{} {name}: {kind}", catalog.name);
    }
    for kind in &maker.custom {
        let fields = outcome.inventory.custom_fields.get(kind);
        let measured = fields.is_some_and(|fields| !fields.is_empty());
        assert!(measured, "{} {name}: {kind} has no custom field", catalog.name);
    }
    for ((kind, field), filled) in &maker.filled {
        let profile = outcome.inventory.profile.get(kind).and_then(|profile| profile.fields.get(field));
        let seen = profile.map_or(0, |profile| profile.present - profile.unreadable);
        assert!(
            seen >= 1 && seen <= *filled,
            "{} {name}: {kind}.{field}: {profile:?} of {filled}",
            catalog.name
        );
    }
}
