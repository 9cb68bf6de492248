//! Words of the catalog about a record at hand: what the environment says of them, else the fields that the catalog tests, else the member of
//! that name.

use std::collections::BTreeMap;

use cutover_plan::Plan;
use serde_json::Value;

use crate::environment::Binding;
use crate::flow::places;
use crate::host::flag;
use crate::sample::value_at;
use crate::shape::plain;

/// What is known of words, by kind and word: `user.active`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Words(BTreeMap<String, Vec<Test>>);

/// A test of one field; a word holds when all of its tests do.
#[derive(Clone, Debug)]
struct Test {
    places: Vec<String>,
    asks: Asks,
}

#[derive(Clone, Debug)]
enum Asks {
    /// Whether the member says yes; or no.
    Says(bool),
    /// One of these values.
    Is(Vec<String>),
    /// Whether there is any value.
    Present(bool),
}

impl Words {
    /// What the environment says, and the catalog where it says nothing.
    pub(crate) fn of(plan: &Plan, binding: &Binding) -> Words {
        let mut all = BTreeMap::new();
        for (name, kind) in crate::laid::catalog(plan).iter().flat_map(|catalog| catalog.kinds.iter()) {
            for (word, known) in kind.words.iter().filter(|(_, known)| !known.when.is_empty()) {
                let tests = known.when.iter().map(|(field, test)| {
                    let asks = match test.present {
                        Some(present) => Asks::Present(present),
                        None if test.is.iter().all(|value| matches!(value, "true" | "false")) => {
                            Asks::Says(test.is.contains("true"))
                        }
                        None => Asks::Is(test.is.iter().map(str::to_owned).collect()),
                    };
                    Test { places: places(plan, binding, name, field), asks }
                });
                let plain = |(_, test): (&str, &cutover_catalog::kind::FieldTest)| {
                    test.not_before.is_none() && test.future.is_none() && test.writable.is_none()
                };
                if known.when.iter().all(plain) {
                    all.insert(format!("{name}.{word}"), tests.collect());
                }
            }
        }
        for (word, place) in &binding.words {
            let (place, says) = match place.strip_prefix("not ") {
                Some(place) => (place.trim(), false),
                None => (place.as_str(), true),
            };
            all.insert(word.clone(), vec![Test { places: vec![place.to_owned()], asks: Asks::Says(says) }]);
        }
        Words(all)
    }

    /// Whether a word holds of a record; `None` where the record does not tell. A test that fails decides, whatever the others would say.
    pub(crate) fn holds(&self, kind: &str, word: &str, record: &Value) -> Option<bool> {
        let own;
        let tests = match self.0.get(&format!("{kind}.{word}")) {
            Some(tests) => tests,
            None => {
                own = vec![Test { places: vec![word.to_owned()], asks: Asks::Says(true) }];
                &own
            }
        };
        let mut all = Some(true);
        for test in tests {
            match test.holds(record) {
                Some(true) => {}
                Some(false) => return Some(false),
                None => all = None,
            }
        }
        all
    }

    /// Where a word is looked for, for people.
    pub(crate) fn shown(&self, kind: &str, word: &str) -> String {
        let tests = self.0.get(&format!("{kind}.{word}"));
        let places = tests.into_iter().flatten().filter_map(|test| test.places.first());
        let places: Vec<String> = places.map(|place| format!("`{place}`")).collect();
        if places.is_empty() { format!("`{word}`") } else { places.join(" and ") }
    }
}

impl Test {
    fn holds(&self, record: &Value) -> Option<bool> {
        let value = self.places.iter().find_map(|place| value_at(record, place));
        match &self.asks {
            Asks::Present(present) => {
                let value = value?;
                let empty = value.is_null() || value.as_str() == Some("");
                Some(empty != *present)
            }
            Asks::Says(says) => flag(value?).map(|flag| flag == *says),
            Asks::Is(values) => Some(values.contains(&plain(value?)?)),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Asks, Test, Words};

    #[test]
    fn all_tests_of_a_word_hold_and_one_that_fails_decides() {
        let test = |place: &str, asks| Test { places: vec![place.to_owned(), place.to_uppercase()], asks };
        let tests = vec![test("suspended", Asks::Says(false)), test("active", Asks::Says(true))];
        let words = Words([("user.active".to_owned(), tests)].into());
        for (record, expected) in [
            (json!({ "suspended": false, "active": true }), Some(true)),
            (json!({ "SUSPENDED": "no", "active": 1 }), Some(true)),
            (json!({ "suspended": true }), Some(false)),
            (json!({ "active": false }), Some(false)),
            (json!({ "active": true }), None),
            (json!({}), None),
        ] {
            assert_eq!(words.holds("user", "active", &record), expected, "{record}");
        }
        assert_eq!(
            words.holds("user", "vip", &json!({ "vip": "yes" })),
            Some(true),
            "the member of that name"
        );
        assert_eq!(words.shown("user", "active"), "`suspended` and `active`");
        assert_eq!(words.shown("agent", "active"), "`active`");
    }
}
