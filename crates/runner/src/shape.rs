//! Records of an export as the plan names their fields. What a catalog knows of the layout of an export is used here, so that nobody has
//! to say it again in the environment: columns, lists of custom fields, yes and no the other way round, times as other systems write them.
//!
//! Whatever a record has stays in it, but for members that carry the name of a field and mean something else.

use std::collections::BTreeMap;

use cutover_catalog::catalog::{CustomForm, Encoding, TimeForm};
use cutover_catalog::exports::name_of;
use cutover_catalog::{Catalog, Field, Shape as Form};
use cutover_connect::Fields;
use cutover_ir::time::Instant;
use serde_json::{Map, Value};

use crate::sample::value_at;

/// How records of a kind that stand in one sort of file become records of the plan.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shape {
    /// Where the key stands.
    pub(crate) key: Option<String>,
    /// From places to fields, in the order in which they count.
    pub(crate) columns: Vec<Column>,
    /// Fields that every record has the same value in.
    pub(crate) fixed: Vec<(String, String)>,
    /// Where custom fields stand, and which they are.
    pub(crate) custom: Option<Custom>,
    /// Values that a record must have at these places to be one at all.
    pub(crate) only: Vec<(String, Vec<String>)>,
    /// How members are written.
    pub(crate) encoding: Encoding,
}

/// A place that fills a field.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    /// `via.channel`; `tags[].name` takes the name of each object of a list.
    pub(crate) place: String,
    pub(crate) field: String,
    pub(crate) holds: Holds,
    /// Whether the place says the opposite of the field.
    pub(crate) negated: bool,
}

/// What a field holds, as far as exports write it in several ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holds {
    Flag,
    Instant,
    List,
    Other,
}

/// Custom fields of a kind.
#[derive(Clone, Debug)]
pub(crate) struct Custom {
    pub(crate) form: CustomForm,
    pub(crate) at: String,
    /// From the keys that records use to fields: `cf_region` to `custom.region`.
    pub(crate) fields: BTreeMap<String, String>,
}

impl Holds {
    fn of(field: &Field) -> Holds {
        match field.ty.shape {
            Form::Bool => Holds::Flag,
            Form::Instant => Holds::Instant,
            Form::List(_) | Form::Choices | Form::Tags => Holds::List,
            _ => Holds::Other,
        }
    }
}

impl Column {
    /// A column of a kind of the catalog. A place that is the field's own name says what the field says.
    pub(crate) fn of(catalog: &Catalog, kind: &str, place: &str, field: &str) -> Column {
        let known = catalog.kinds.get(kind).and_then(|kind| kind.fields.get(field));
        Column {
            place: place.to_owned(),
            field: field.to_owned(),
            holds: known.map_or(Holds::Other, Holds::of),
            negated: known.is_some_and(|known| known.negated) && place != field,
        }
    }
}

impl Custom {
    /// The custom fields of a kind: by the account's id, by their name, and by whatever a definition has in common with one of them.
    pub(crate) fn learn(&mut self, names: &BTreeMap<String, Option<String>>, same: &[Vec<String>]) {
        for (field, account_id) in names {
            let Some(name) = field.strip_prefix("custom.") else { continue };
            self.fields.entry(name.to_owned()).or_insert_with(|| field.clone());
            let Some(id) = account_id else { continue };
            self.fields.insert(id.clone(), field.clone());
            for known in same.iter().filter(|known| known.contains(id)) {
                for key in known {
                    self.fields.entry(key.clone()).or_insert_with(|| field.clone());
                }
            }
        }
    }

    fn field(&self, key: &str) -> Option<&str> {
        let plain = || self.fields.get(&name_of(key));
        let bare = || self.fields.get(&name_of(key.strip_prefix("cf_")?));
        self.fields.get(key).or_else(plain).or_else(bare).map(String::as_str)
    }

    /// All custom fields of a record with their values.
    fn values(&self, record: &Value) -> Vec<(String, Value)> {
        let mut all = Vec::new();
        let mut put = |key: &str, value: &Value| {
            if let Some(field) = self.field(key) {
                all.push((field.to_owned(), value.clone()));
            }
        };
        match self.form {
            CustomForm::Object => {
                for (key, value) in
                    value_at(record, &self.at).and_then(Value::as_object).into_iter().flatten()
                {
                    put(key, value);
                }
            }
            CustomForm::IdValueList | CustomForm::NameValuesList => {
                let (name, of) = match self.form {
                    CustomForm::IdValueList => ("id", "value"),
                    _ => ("name", "values"),
                };
                for one in value_at(record, &self.at).and_then(Value::as_array).into_iter().flatten() {
                    if let (Some(key), Some(value)) = (one.get(name).and_then(plain), one.get(of)) {
                        put(&key, value);
                    }
                }
            }
            CustomForm::Prefix => {
                let (outer, prefix) = self.at.rsplit_once('.').map_or(("", self.at.as_str()), |split| split);
                let object = if outer.is_empty() { Some(record) } else { value_at(record, outer) };
                for (key, value) in object.and_then(Value::as_object).into_iter().flatten() {
                    if let Some(bare) = key.strip_prefix(prefix) {
                        put(if self.fields.contains_key(key) { key } else { bare }, value);
                    }
                }
            }
        }
        all
    }
}

impl Shape {
    /// Why something that stands where records of the kind do is none; `None` when it is one.
    pub(crate) fn other_than(&self, record: &Value) -> Option<&str> {
        let other = self.only.iter().find(|(place, values)| {
            let value = value_at(record, place).and_then(plain);
            !value.is_some_and(|value| values.contains(&value))
        });
        other.map(|(place, _)| place.as_str())
    }

    /// Whether there is nothing to do.
    pub(crate) fn is_plain(&self) -> bool {
        self.key.as_deref().is_none_or(|key| key == "id")
            && self.columns.iter().all(|column| column.place == column.field && column.holds == Holds::Other)
            && self.fixed.is_empty()
            && self.custom.is_none()
            && self.only.is_empty()
    }

    /// The record as the plan names its fields. What it does not touch stays as it stands, to the byte.
    pub(crate) fn text(&self, text: &str, record: &Value) -> String {
        let given = self.given(record);
        let Some(fields) = Fields::of(text) else { return text.to_owned() };
        let mut out = String::with_capacity(text.len() + 256);
        let mut put = |name: &str, value: &str| {
            out.push(if out.is_empty() { '{' } else { ',' });
            out.push_str(&Value::from(name).to_string());
            out.push(':');
            out.push_str(value);
        };
        for (name, value) in &fields.0 {
            if !given.contains_key(&**name) {
                put(name, value.get());
            }
        }
        for (name, value) in &given {
            put(name, &value.to_string());
        }
        if out.is_empty() { "{}".to_owned() } else { out + "}" }
    }

    /// The same of a record that stands in another one.
    pub(crate) fn shaped(&self, record: &Value) -> Map<String, Value> {
        let mut whole = record.as_object().cloned().unwrap_or_default();
        whole.extend(self.given(record));
        whole
    }

    /// What the layout adds.
    fn given(&self, record: &Value) -> Map<String, Value> {
        let mut given: Map<String, Value> = Map::new();
        for (field, value) in &self.fixed {
            given.insert(field.clone(), Value::from(value.as_str()));
        }
        for column in &self.columns {
            if given.get(&column.field).is_some_and(|known| !known.is_null()) {
                continue;
            }
            if let Some(value) = found(record, &column.place) {
                given.insert(column.field.clone(), self.value(column, value));
            }
        }
        if let Some(custom) = &self.custom {
            given.extend(custom.values(record));
        }
        if let Some(key) = self.key.as_deref().filter(|key| *key != "id")
            && let Some(key) = value_at(record, key).filter(|key| !key.is_null())
        {
            given.insert("id".to_owned(), key.clone());
        }
        given
    }

    /// A value as JSON has it, where the export writes it in a way of its own.
    fn value(&self, column: &Column, value: Value) -> Value {
        let encoding = &self.encoding;
        let text = value.as_str();
        if text.is_some_and(|text| encoding.nulls.contains(text)) {
            return Value::Null;
        }
        match column.holds {
            Holds::Flag => {
                let word = encoding.booleans.as_ref().and_then(|[yes, no]| {
                    let text = text?;
                    (text == &**yes).then_some(true).or_else(|| (text == &**no).then_some(false))
                });
                match word.or_else(|| crate::host::flag(&value)) {
                    Some(flag) => Value::from(flag != column.negated),
                    None => value,
                }
            }
            Holds::Instant => instant(encoding.times, &value).unwrap_or(value),
            Holds::List => match (&encoding.lists, text) {
                (Some(between), Some(text)) => text
                    .split(&**between)
                    .map(str::trim)
                    .filter(|one| !one.is_empty())
                    .map(Value::from)
                    .collect::<Vec<_>>()
                    .into(),
                _ => value,
            },
            Holds::Other => value,
        }
    }
}

/// An instant as a plan reads it; `None` where it stands there like that already, or is none.
fn instant(form: TimeForm, value: &Value) -> Option<Value> {
    let seconds = match form {
        TimeForm::Rfc3339 => return None,
        TimeForm::SqlUtc => {
            let text = value.as_str()?;
            let zone = text.ends_with('Z') || text.get(10..).is_some_and(|rest| rest.contains(['+', '-']));
            let text = if zone {
                text.replacen(" UTC", "Z", 1)
            } else {
                format!("{}Z", text.replacen(" UTC", "", 1))
            };
            return Instant::parse(&text).map(|at| at.to_string().into());
        }
        TimeForm::UnixSeconds => number(value)?,
        TimeForm::UnixMillis => number(value)? / 1000.0,
    };
    #[expect(clippy::cast_possible_truncation, reason = "seconds of any date fit")]
    Some(Instant::from_seconds(seconds.floor() as i64).to_string().into())
}

fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok()).filter(|number| number.abs() < 1e15)
}

/// What stands at a place: `tags[].name` is the names of all objects of a list.
fn found(record: &Value, place: &str) -> Option<Value> {
    let Some((list, member)) = place.split_once("[].") else { return value_at(record, place).cloned() };
    let list = value_at(record, list)?.as_array()?;
    Some(list.iter().filter_map(|one| value_at(one, member)).cloned().collect::<Vec<_>>().into())
}

/// A value as plain text.
pub(crate) fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use cutover_catalog::catalog::{CustomForm, Encoding, TimeForm};
    use serde_json::{Value, json};

    use super::{Column, Custom, Holds, Shape};

    fn column(place: &str, field: &str, holds: Holds, negated: bool) -> Column {
        Column { place: place.to_owned(), field: field.to_owned(), holds, negated }
    }

    #[test]
    fn what_an_export_says_in_its_own_way_is_said_as_the_plan_does() {
        let shape = Shape {
            key: Some("Name".to_owned()),
            columns: vec![
                column("public", "internal", Holds::Flag, true),
                column("stats.done", "resolved_at", Holds::Instant, false),
                column("labels[].name", "tags", Holds::List, false),
                column("first", "subject", Holds::Other, false),
                column("second", "subject", Holds::Other, false),
                column("state", "active", Holds::Flag, false),
            ],
            fixed: vec![("kind".to_owned(), "note".to_owned())],
            encoding: Encoding {
                times: TimeForm::SqlUtc,
                booleans: Some(["on".into(), "off".into()]),
                ..Encoding::default()
            },
            ..Shape::default()
        };
        let record = json!({
            "id": 7, "Name": "ana", "public": true, "stats": { "done": "2026-12-05 20:00:00" },
            "labels": [{ "name": "a" }, { "name": "b" }], "first": null, "second": "s", "state": "off"
        });
        let shaped = Value::Object(shape.shaped(&record));
        let text = shape.text(&record.to_string(), &record);
        assert_eq!(serde_json::from_str::<Value>(&text).ok(), Some(shaped.clone()));
        assert!(
            shape.text("{\"n\":12.30,\"Name\":\"ana\"}", &json!({ "Name": "ana" })).contains("\"n\":12.30")
        );
        for (field, expected) in [
            ("id", json!("ana")),
            ("internal", json!(false)),
            ("public", json!(true)),
            ("resolved_at", json!("2026-12-05T20:00:00Z")),
            ("tags", json!(["a", "b"])),
            ("subject", json!("s")),
            ("active", json!(false)),
            ("kind", json!("note")),
        ] {
            assert_eq!(shaped.get(field), Some(&expected), "{field}");
        }
    }

    #[test]
    fn custom_fields_are_found_by_id_name_and_definition() {
        let names = [
            ("custom.region".to_owned(), Some("17".to_owned())),
            ("custom.product_area".to_owned(), Some("2".to_owned())),
            ("custom.tier".to_owned(), Some("99".to_owned())),
        ];
        let same = [vec!["99".to_owned(), "cf_old_tier".to_owned()]];
        let values = |form, at: &str, record: &Value| {
            let mut custom = Custom { form, at: at.to_owned(), fields: Default::default() };
            custom.learn(&names.clone().into_iter().collect(), &same);
            let mut all = custom.values(record);
            all.sort_by(|one, other| one.0.cmp(&other.0));
            all
        };
        let three = vec![
            ("custom.product_area".to_owned(), json!("x")),
            ("custom.region".to_owned(), json!("y")),
            ("custom.tier".to_owned(), json!("z")),
        ];
        let record =
            json!({ "fields": { "Product area": "x", "cf_region": "y", "cf_old_tier": "z", "other": 1 } });
        assert_eq!(values(CustomForm::Object, "fields", &record), three);
        let record = json!({ "fields": [{ "id": 2, "value": "x" }, { "id": 17, "value": "y" }, { "id": "99", "value": "z" }, { "id": 5 }] });
        assert_eq!(values(CustomForm::IdValueList, "fields", &record), three);
        let record = json!({ "deep": { "f_2": "x", "f_17": "y", "f_99": "z", "g_2": 0 } });
        assert_eq!(values(CustomForm::Prefix, "deep.f_", &record), three);
    }

    #[test]
    fn only_what_has_the_value_is_a_record() {
        let only = vec![("event_type".to_owned(), vec!["Comment".to_owned()])];
        let shape = Shape { only, ..Shape::default() };
        assert_eq!(shape.other_than(&json!({ "event_type": "Comment" })), None);
        assert_eq!(shape.other_than(&json!({ "event_type": "Change" })), Some("event_type"));
        assert_eq!(shape.other_than(&json!({})), Some("event_type"));
    }
}
