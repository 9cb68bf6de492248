//! Which values a field has, and how many records have each.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Result;
use std::rc::Rc;

use crate::external::{Count, External, Spill, Text};
use crate::key;
use crate::value::{self, SHOWN};

/// Memory of each bag of values.
const TEXTS: usize = 512 << 10;
/// Records that must share a value before it is shown.
pub(crate) const SHARED: u64 = 5;
/// Counts of values by text.
#[derive(Debug)]
pub(crate) struct Values {
    front: HashMap<Box<str>, u64>,
    weight: usize,
    bag: External<Text>,
    /// Values that are too long to be shown, by their number.
    long: External<Count>,
    long_count: u64,
}

/// The outcome of counting.
pub(crate) struct Shown {
    pub(crate) values: Vec<(String, u64)>,
    pub(crate) distinct: u64,
    pub(crate) other: u64,
    pub(crate) undeclared: u64,
}

impl Values {
    pub(crate) fn new(spill: &Rc<Spill>) -> Self {
        Values {
            front: HashMap::new(),
            weight: 0,
            bag: External::new(spill, TEXTS),
            long: External::new(spill, TEXTS),
            long_count: 0,
        }
    }

    /// Counts a value.
    pub(crate) fn add(&mut self, text: &str) -> Result<()> {
        if let Some(count) = self.front.get_mut(text) {
            *count += 1;
            return Ok(());
        }
        // Four bytes a character at most.
        if text.len() > SHOWN && (text.len() > SHOWN * 4 || text.chars().count() > SHOWN) {
            self.long_count += 1;
            return self.long.push(Count::one(key::number(text)));
        }
        self.weight += text.len() + 48;
        self.front.insert(text.into(), 1);
        if self.weight > TEXTS { self.flush() } else { Ok(()) }
    }

    /// Gives memory back between files.
    pub(crate) fn rest(&mut self) -> Result<()> {
        self.flush()?;
        self.bag.rest()?;
        self.long.rest()
    }

    /// Moves the table into the bag, in order.
    fn flush(&mut self) -> Result<()> {
        self.weight = 0;
        let mut items: Vec<Text> = self.front.drain().map(|(text, count)| Text { text, count }).collect();
        self.front.shrink_to_fit();
        items.sort_unstable();
        for item in items {
            self.bag.push(item)?;
        }
        Ok(())
    }

    /// The values that may be shown, at most `cap` beside the options.
    pub(crate) fn shown(&mut self, options: &[String], shared: bool, cap: usize) -> Result<Shown> {
        self.flush()?;
        let mut shown =
            Shown { values: Vec::new(), distinct: 0, other: self.long_count, undeclared: self.long_count };
        let mut declared: BTreeMap<&str, u64> = BTreeMap::new();
        let mut others: Vec<Text> = Vec::new();
        let names: BTreeSet<&str> = options.iter().map(String::as_str).collect();
        let mut merged = self.bag.stream()?;
        while let Some(item) = merged.next()? {
            shown.distinct += 1;
            if let Some(name) = names.get(&*item.text) {
                declared.insert(name, item.count);
                continue;
            }
            shown.undeclared += item.count;
            if !shared || item.count < SHARED || value::is_private(&item.text) {
                shown.other += item.count;
                continue;
            }
            others.push(item);
            if others.len() >= cap.saturating_mul(2).max(16) {
                shown.other += keep_most(&mut others, cap);
            }
        }
        drop(merged);
        shown.other += keep_most(&mut others, cap);
        others.sort_unstable();
        let mut long = self.long.stream()?;
        while long.next()?.is_some() {
            shown.distinct += 1;
        }
        // Options in their own order, then what else was seen by name.
        for option in options {
            if let Some(count) = declared.get(option.as_str()) {
                shown.values.push((option.clone(), *count));
            }
        }
        shown.values.extend(others.into_iter().map(|item| (item.text.into(), item.count)));
        Ok(shown)
    }
}

/// Keeps the values that most records hold, and tells how many records hold the others.
fn keep_most(items: &mut Vec<Text>, cap: usize) -> u64 {
    if items.len() <= cap {
        return 0;
    }
    items.sort_unstable_by(|a, b| b.count.cmp(&a.count).then_with(|| a.text.cmp(&b.text)));
    items.drain(cap..).map(|item| item.count).sum()
}
