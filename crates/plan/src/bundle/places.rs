//! `plan.map.json`: where each id stands in the spec.

use std::collections::BTreeMap;

use cutover_ir::Id;
use serde::{Deserialize, Serialize};

use crate::canonical::push_text;
use crate::model::FORMAT;

/// A place in the spec.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file, relative to the project.
    pub file: String,
    /// Line from 1.
    pub line: u32,
    /// Column from 1, in characters.
    pub column: u32,
}

/// Where each id of a plan stands: items, rows, stages. Not digested, so moving a line changes no plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    places: BTreeMap<Id, Place>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlacesFile {
    files: Vec<String>,
    format: String,
    places: BTreeMap<Id, (usize, u32, u32)>,
    plan: String,
}

impl FromIterator<(Id, Place)> for Places {
    /// Places in the order of their ids are taken in one go. Of several for one id the last one stays.
    fn from_iter<I: IntoIterator<Item = (Id, Place)>>(places: I) -> Self {
        Self { places: places.into_iter().collect() }
    }
}

impl Places {
    /// Notes a place. The first one noted for an id stays.
    pub fn insert(&mut self, id: Id, place: Place) {
        self.places.entry(id).or_insert(place);
    }

    /// The place of an id, or of the nearest id that it is a part of.
    #[must_use]
    pub fn get(&self, id: &Id) -> Option<&Place> {
        let mut text = id.as_str();
        loop {
            if let Some(place) = self.places.get(text) {
                return Some(place);
            }
            text = text.rsplit_once('/')?.0;
        }
    }

    /// All places by id.
    pub fn iter(&self) -> impl Iterator<Item = (&Id, &Place)> {
        self.places.iter()
    }

    /// The text of `plan.map.json`: one place a line, `[file, line, column]`, the file as its position in `files`.
    #[must_use]
    pub fn encode(&self, plan_digest: &str) -> String {
        use std::fmt::Write as _;
        let mut names: Vec<&str> = self.places.values().map(|place| place.file.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        let mut out = String::with_capacity(self.places.len() * 48 + 200);
        out.push_str("{\n \"files\": [");
        for (index, name) in names.iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            push_text(&mut out, name);
        }
        out.push_str("],\n \"format\": ");
        push_text(&mut out, FORMAT);
        out.push_str(",\n \"places\": {");
        let mut last = ("", 0);
        for (index, (id, place)) in self.places.iter().enumerate() {
            out.push_str(if index > 0 { ",\n  " } else { "\n  " });
            push_text(&mut out, id.as_str());
            if last.0 != place.file {
                last = (&place.file, names.binary_search(&place.file.as_str()).unwrap_or_default());
            }
            // Writing to a String cannot fail.
            let _ = write!(out, ": [{},{},{}]", last.1, place.line, place.column);
        }
        out.push_str("\n },\n \"plan\": ");
        push_text(&mut out, plan_digest);
        out.push_str("\n}\n");
        out
    }

    /// Reads `plan.map.json`: the places, and the digest of the plan to which they belong.
    ///
    /// # Errors
    /// When it is not JSON of that shape: the message says where.
    pub fn decode(text: &str) -> Result<(Places, String), String> {
        let file: PlacesFile = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let mut places = BTreeMap::new();
        for (id, (index, line, column)) in file.places {
            let name = file
                .files
                .get(index)
                .ok_or_else(|| format!("{id} stands in file {index}, which is not listed"))?;
            places.insert(id, Place { file: name.clone(), line, column });
        }
        Ok((Places { places }, file.plan))
    }
}

#[cfg(test)]
mod tests {
    use cutover_ir::Id;

    use super::{Place, Places};

    #[test]
    fn places_come_back() {
        let mut places = Places::default();
        let place = |file: &str, line| Place { file: file.to_owned(), line, column: 3 };
        places.insert(Id::new(["map", "ticket"]), place("b.cutover", 1));
        places.insert(Id::new(["map", "ticket", "to", "\"x\""]), place("a.cutover", 2));
        let text = places.encode("d1");
        assert_eq!(Places::decode(&text), Ok((places.clone(), "d1".to_owned())));
        assert_eq!(places.get(&Id::new(["map", "ticket", "drop", "y"])).map(|place| place.line), Some(1));
        assert_eq!(places.get(&Id::new(["wave", "x"])), None);
        assert!(Places::decode(&text.replace("[1,1,3]", "[2,1,3]")).is_err());
        let (empty, _) = Places::decode(&Places::default().encode("")).unwrap_or_default();
        assert_eq!(empty, Places::default());
    }
}
