//! An ordered table of named rows, as a YAML or JSON mapping with distinct keys.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// Up to this many rows a scan is as fast as a search.
const SCANNED: usize = 8;

/// Named rows in the order in which they are written. A name stands once: reading a mapping with a repeated key fails.
///
/// Look-up by name takes logarithmic time.
///
/// Most tables of an account are empty; then the table is one word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table<V>(Option<Box<Rows<V>>>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Rows<V> {
    rows: Vec<(Box<str>, V)>,
    /// Positions of `rows` sorted by name; empty while the table is short.
    sorted: Vec<u32>,
}

impl<V> Default for Table<V> {
    fn default() -> Self {
        Self(None)
    }
}

impl<V> Default for Rows<V> {
    fn default() -> Self {
        Self { rows: Vec::new(), sorted: Vec::new() }
    }
}

impl<V> Table<V> {
    fn rows(&self) -> &[(Box<str>, V)] {
        self.0.as_deref().map_or(&[], |table| &table.rows)
    }

    fn rows_mut(&mut self) -> &mut [(Box<str>, V)] {
        self.0.as_deref_mut().map_or(&mut [], |table| &mut table.rows)
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows().len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows().is_empty()
    }

    /// The row of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&V> {
        self.position(name).and_then(|at| self.rows().get(at)).map(|(_, value)| value)
    }

    /// The row of this name, to change.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut V> {
        let at = self.position(name)?;
        self.rows_mut().get_mut(at).map(|(_, value)| value)
    }

    /// Whether there is a row of this name.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.position(name).is_some()
    }

    /// Position of the row of this name, counted from 0 in written order.
    #[must_use]
    pub fn position(&self, name: &str) -> Option<usize> {
        self.0.as_deref()?.position(name)
    }

    /// Name and row at a position in written order.
    #[must_use]
    pub fn at(&self, position: usize) -> Option<(&str, &V)> {
        self.rows().get(position).map(|(key, value)| (&**key, value))
    }

    /// Rows in written order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &V)> + ExactSizeIterator {
        self.rows().iter().map(|(key, value)| (&**key, value))
    }

    /// Rows in written order, to change.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&str, &mut V)> {
        self.rows_mut().iter_mut().map(|(key, value)| (&**key, value))
    }

    /// Names in written order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &str> + ExactSizeIterator {
        self.rows().iter().map(|(key, _)| &**key)
    }

    /// Rows in written order, without names.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> + ExactSizeIterator {
        self.rows().iter().map(|(_, value)| value)
    }

    /// Replaces the row of this name in its place, or adds it at the end. Linear in the number of rows when it adds.
    pub fn set(&mut self, name: &str, value: V) {
        if let Some(old) = self.get_mut(name) {
            *old = value;
            return;
        }
        let table = self.0.get_or_insert_default();
        table.rows.push((name.into(), value));
        table.sort();
    }

    /// Takes the rows of another table: same names are replaced in their place, new ones are added at the end.
    pub fn overlay(&mut self, other: Table<V>) {
        let Some(other) = other.0 else { return };
        let table = self.0.get_or_insert_default();
        for (name, value) in other.rows {
            match table.position(&name).and_then(|at| table.rows.get_mut(at)) {
                Some((_, old)) => *old = value,
                // The names of `other` are distinct, so that the index may wait until all are in.
                None => table.rows.push((name, value)),
            }
        }
        table.sort();
    }

    /// The rows in written order, owned.
    #[must_use]
    pub fn into_rows(self) -> Vec<(Box<str>, V)> {
        self.0.map_or_else(Vec::new, |table| table.rows)
    }

    /// Builds a table; `Err` is the first name that stands twice.
    ///
    /// # Errors
    /// The repeated name.
    pub fn from_rows(rows: Vec<(Box<str>, V)>) -> Result<Self, Box<str>> {
        if rows.is_empty() {
            return Ok(Self(None));
        }
        let table = Rows::of(rows);
        match table.repeated() {
            Some(name) => Err(name.into()),
            None => Ok(Self(Some(Box::new(table)))),
        }
    }
}

impl<V> Rows<V> {
    fn of(rows: Vec<(Box<str>, V)>) -> Self {
        let mut table = Self { rows, sorted: Vec::new() };
        table.sort();
        table
    }

    fn position(&self, name: &str) -> Option<usize> {
        if self.sorted.is_empty() {
            return self.rows.iter().position(|(key, _)| &**key == name);
        }
        let found = self.sorted.binary_search_by(|at| self.key(*at).cmp(name)).ok()?;
        self.sorted.get(found).map(|at| *at as usize)
    }

    fn key(&self, at: u32) -> &str {
        self.rows.get(at as usize).map_or("", |(key, _)| key)
    }

    fn sort(&mut self) {
        self.sorted.clear();
        if self.rows.len() > SCANNED {
            let mut sorted: Vec<u32> = (0..u32::try_from(self.rows.len()).unwrap_or(u32::MAX)).collect();
            sorted.sort_by(|a, b| self.key(*a).cmp(self.key(*b)));
            self.sorted = sorted;
        }
    }

    fn repeated(&self) -> Option<&str> {
        if self.sorted.is_empty() {
            return self.rows.iter().enumerate().find_map(|(at, (key, _))| {
                self.rows.iter().take(at).any(|(other, _)| other == key).then_some(&**key)
            });
        }
        self.sorted.windows(2).find_map(|pair| match pair {
            [a, b] if self.key(*a) == self.key(*b) => Some(self.key(*a)),
            _ => None,
        })
    }
}

impl<V> FromIterator<(Box<str>, V)> for Table<V> {
    /// Of rows with equal names the last one stays, in the place of the first.
    fn from_iter<I: IntoIterator<Item = (Box<str>, V)>>(rows: I) -> Self {
        let rows: Vec<(Box<str>, V)> = rows.into_iter().collect();
        if rows.is_empty() {
            return Self(None);
        }
        let table = Rows::of(rows);
        if table.repeated().is_some() {
            let mut kept = Self::default();
            for (name, value) in table.rows {
                kept.set(&name, value);
            }
            return kept;
        }
        Self(Some(Box::new(table)))
    }
}

impl<V: Serialize> Serialize for Table<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.len()))?;
        for (key, value) in self.rows() {
            map.serialize_entry(&**key, value)?;
        }
        map.end()
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Table<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Body<V>(PhantomData<V>);
        impl<'de, V: Deserialize<'de>> Visitor<'de> for Body<V> {
            type Value = Table<V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mapping of names")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Table<V>, A::Error> {
                let mut rows = Vec::new();
                while let Some(row) = map.next_entry::<Box<str>, V>()? {
                    rows.push(row);
                }
                // Tables are many and mostly short, and rows are large.
                rows.shrink_to_fit();
                Table::from_rows(rows)
                    .map_err(|name| A::Error::custom(format_args!("duplicate entry with key {name:?}")))
            }
        }
        deserializer.deserialize_map(Body(PhantomData))
    }
}
