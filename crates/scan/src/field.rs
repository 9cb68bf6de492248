//! Measures of one field over all records.

use std::collections::HashMap;
use std::io::Result;
use std::rc::Rc;

use cutover_catalog::catalog::Encoding;
use cutover_catalog::inventory::FieldProfile;
use cutover_catalog::{Field, Part, Shape, Table};
use cutover_ir::quantity::Decimal;
use cutover_ir::time::Instant;
use cutover_records::Cell;

use crate::external::{Count, External, Spill};
use crate::key;
use crate::lengths::Lengths;
use crate::value;
use crate::values::Values;

/// Memory of each bag of keys.
const KEYS: usize = 1 << 20;
/// Canonical fields that hold what people write or are called. Their values are never shown.
const FREE: [&str; 21] = [
    "old",
    "new",
    "subject",
    "description",
    "body",
    "body_text",
    "comment",
    "notes",
    "name",
    "first_name",
    "last_name",
    "title",
    "login",
    "signature",
    "address",
    "recipient",
    "number",
    "key",
    "external_id",
    "message_id",
    "social",
];

/// How much of a field's values is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Wanted {
    lengths: bool,
    values: bool,
    shared: bool,
    numbers: bool,
    times: bool,
    duplicates: bool,
    /// Whether items may be objects: options with a name and a value, what a rule does.
    objects: bool,
}

/// Measures of one field.
#[derive(Debug)]
pub(crate) struct FieldAcc {
    /// Its name; of a custom field without the `custom.` prefix.
    pub(crate) name: String,
    pub(crate) shape: Shape,
    /// Whether the type was not given but is to be found out from the values.
    pub(crate) inferred: bool,
    /// Records in which the field stands, with a value or without.
    pub(crate) seen: u64,
    pub(crate) present: u64,
    unreadable: u64,
    wanted: Wanted,
    /// Whether the product says the opposite of what the field means.
    negated: bool,
    options: Vec<String>,
    /// From the product's own values to option names, where they differ.
    api: HashMap<String, String>,
    lengths: Lengths,
    values: Option<Values>,
    total: i128,
    least: Option<Decimal>,
    most: Option<Decimal>,
    first: Option<Instant>,
    last: Option<Instant>,
    dates_only: bool,
    kinds_of_values: Inferred,
    /// Kinds that a reference may point to.
    pub(crate) targets: Vec<String>,
    /// Positions of those of them that the scan knows.
    pub(crate) target_positions: Vec<usize>,
    /// Positions of kinds whose objects it names as plain text: levels of service.
    pub(crate) named_positions: Vec<usize>,
    /// Keys that the references hold.
    pub(crate) references: Option<External<Count>>,
    /// Values that no two objects should share.
    pub(crate) shared: Option<External<Count>>,
}

/// What all values so far could be.
#[derive(Clone, Copy, Debug)]
struct Inferred {
    boolean: bool,
    number: bool,
    whole: bool,
    instant: bool,
    address: bool,
    /// Several at once.
    list: bool,
}

impl FieldAcc {
    /// Measures of a field of a catalog or inventory.
    pub(crate) fn new(
        name: &str,
        field: &Field,
        part: Part,
        states: &[(String, Option<String>)],
        spill: &Rc<Spill>,
    ) -> Self {
        let canon = field.canon.as_deref();
        let mut acc = FieldAcc::plain(
            name,
            field.ty.shape.clone(),
            wanted(&field.ty.shape, canon, field.unique, part),
            spill,
        );
        acc.negated = field.negated;
        for (option, facts) in field.options.0.iter() {
            acc.option(option, facts.api.as_deref());
        }
        for (state, api) in states {
            acc.option(state, api.as_deref());
        }
        acc
    }

    /// Measures of a field of which nothing is known but its name.
    pub(crate) fn unknown(name: &str, part: Part, spill: &Rc<Spill>) -> Self {
        // A column of names says so by its own name.
        let shared = !is_person(part) && !FREE.contains(&name) && !name.ends_with("_name");
        let wanted = Wanted {
            lengths: true,
            values: true,
            shared,
            numbers: true,
            times: true,
            duplicates: false,
            objects: false,
        };
        let mut acc = FieldAcc::plain(name, Shape::Text(None), wanted, spill);
        acc.inferred = true;
        acc
    }

    fn plain(name: &str, shape: Shape, wanted: Wanted, spill: &Rc<Spill>) -> Self {
        let targets: Vec<String> = shape.references().iter().map(|kind| String::from(&**kind)).collect();
        FieldAcc {
            name: name.to_owned(),
            inferred: false,
            seen: 0,
            present: 0,
            unreadable: 0,
            wanted,
            negated: false,
            options: Vec::new(),
            api: HashMap::new(),
            lengths: Lengths::default(),
            values: wanted.values.then(|| Values::new(spill)),
            total: 0,
            least: None,
            most: None,
            first: None,
            last: None,
            dates_only: shape_item(&shape) == &Shape::Date,
            kinds_of_values: Inferred {
                boolean: true,
                number: true,
                whole: true,
                instant: true,
                address: true,
                list: false,
            },
            references: (!targets.is_empty()).then(|| External::new(spill, KEYS)),
            shared: wanted.duplicates.then(|| External::new(spill, KEYS)),
            targets,
            target_positions: Vec::new(),
            named_positions: Vec::new(),
            shape,
        }
    }

    fn option(&mut self, name: &str, api: Option<&str>) {
        if !self.options.iter().any(|option| option == name) {
            self.options.push(name.to_owned());
        }
        if let Some(api) = api {
            // Of two options with one value in the product the first is meant: the other needs more than this field to be told.
            self.api.entry(api.to_owned()).or_insert_with(|| name.to_owned());
        }
    }

    /// The option that a value of the product means, or the value itself.
    pub(crate) fn option_of<'a>(&'a self, value: &'a str) -> &'a str {
        self.api.get(value).map_or(value, String::as_str)
    }

    /// Yes or no, as the field means it.
    pub(crate) fn boolean(&self, cell: &Cell<'_>, encoding: &Encoding) -> Option<bool> {
        value::boolean(cell, encoding).map(|value| value != self.negated)
    }

    /// Whether that is an option of the field.
    pub(crate) fn declares(&self, option: &str) -> bool {
        self.options.iter().any(|known| known == option)
    }

    /// Whether the field declares options.
    pub(crate) fn has_options(&self) -> bool {
        !self.options.is_empty()
    }

    /// Takes in the values that rows of another table added to one object.
    pub(crate) fn feed_added(&mut self, values: &[String], encoding: &Encoding) -> Result<()> {
        self.present += 1;
        let cells: Vec<Cell<'_>> = values.iter().map(|value| Cell::Text(value.into())).collect();
        self.many(&cells, encoding)
    }

    /// Takes in the value of one record.
    pub(crate) fn feed(&mut self, cell: &Cell<'_>, encoding: &Encoding) -> Result<()> {
        if *cell == Cell::Missing {
            return Ok(());
        }
        self.seen += 1;
        if cell.is_empty() {
            return Ok(());
        }
        // Some products write every value as a list, also where one value is all that there can be.
        let listed = matches!(cell, Cell::List(_));
        if listed || matches!(self.shape, Shape::List(_) | Shape::Tags | Shape::Choices) {
            let items = value::items(cell, encoding);
            if items.is_empty() {
                return Ok(());
            }
            self.kinds_of_values.list |= listed && items.len() > 1;
            self.present += 1;
            return self.many(&items, encoding);
        }
        self.present += 1;
        self.many(std::slice::from_ref(cell), encoding)
    }

    fn many(&mut self, cells: &[Cell<'_>], encoding: &Encoding) -> Result<()> {
        // The shape leaves for a moment, so that no name of a reference is copied for each value.
        let shape = std::mem::replace(&mut self.shape, Shape::Bool);
        let result = cells.iter().try_for_each(|cell| self.one(shape_item(&shape), cell, encoding));
        self.shape = shape;
        result
    }

    fn one(&mut self, shape: &Shape, cell: &Cell<'_>, encoding: &Encoding) -> Result<()> {
        if matches!(cell, Cell::Object(_) | Cell::List(_) | Cell::Unreadable(_)) {
            self.unreadable += u64::from(!self.wanted.objects);
            return Ok(());
        }
        let Some(text) = cell.plain() else { return Ok(()) };
        if self.wanted.lengths {
            self.lengths.add(text);
        }
        if self.inferred {
            self.infer(cell, text, encoding);
            // JSON's own words, so that the words of a table that turns out to be of yes and no are the same.
            let word = ["true", "false"].into_iter().find(|word| text.eq_ignore_ascii_case(word));
            return self.value(word.unwrap_or(text));
        }
        match shape {
            Shape::Bool => match self.boolean(cell, encoding) {
                Some(value) => self.value(if value { "true" } else { "false" })?,
                None => self.unreadable += 1,
            },
            Shape::Int { min, max } => match value::number(cell) {
                Some(number) if number.to_int().is_some_and(|n| (*min..=*max).contains(&n)) => {
                    self.measure(number)
                }
                _ => self.unreadable += 1,
            },
            Shape::Decimal | Shape::Percent | Shape::Count | Shape::Duration => match value::number(cell) {
                Some(number) => self.measure(number),
                // Durations are also written as texts, in forms of the product's own.
                None if *shape == Shape::Duration => {}
                None => self.unreadable += 1,
            },
            Shape::Date => match value::date(cell, encoding) {
                Some(date) => self.moment(Instant::from_seconds(i64::from(date.days()) * 86_400)),
                None => self.unreadable += 1,
            },
            Shape::Instant => match value::instant(cell, encoding) {
                Some(instant) => self.moment(instant),
                None => self.unreadable += 1,
            },
            Shape::Ref(_) => {
                if let Some(references) = &mut self.references {
                    references.push(Count::one(key::number(text)))?;
                }
            }
            Shape::Choice
            | Shape::Choices
            | Shape::Tags
            | Shape::Text(_)
            | Shape::Email
            | Shape::Url
            | Shape::Phone => {
                if let Some(shared) = &mut self.shared {
                    shared.push(Count::one(key::number(&text.trim().to_lowercase())))?;
                }
                self.value(text)?;
            }
            Shape::Html(_) | Shape::Attachment => {}
            // Lists of lists are measured by their length alone.
            Shape::List(_) => {}
        }
        Ok(())
    }

    fn value(&mut self, text: &str) -> Result<()> {
        let Some(values) = &mut self.values else { return Ok(()) };
        let name = self.api.get(text).map_or(text, String::as_str);
        values.add(name)
    }

    fn measure(&mut self, number: Decimal) {
        self.total = self.total.saturating_add(number.scaled(0));
        self.least = Some(self.least.map_or(number, |least| least.min(number)));
        self.most = Some(self.most.map_or(number, |most| most.max(number)));
    }

    fn moment(&mut self, instant: Instant) {
        self.first = Some(self.first.map_or(instant, |first| first.min(instant)));
        self.last = Some(self.last.map_or(instant, |last| last.max(instant)));
    }

    fn infer(&mut self, cell: &Cell<'_>, text: &str, encoding: &Encoding) {
        let all = &mut self.kinds_of_values;
        all.boolean &= match cell {
            Cell::Bool(_) => true,
            Cell::Text(text) => text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false"),
            _ => false,
        };
        all.address &= text.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty()
                && domain.contains('.')
                && !domain.contains('@')
                && !text.contains(char::is_whitespace)
        });
        // A text with a leading zero is a code, not a number.
        let code = text.len() > 1 && text.starts_with('0') && !text.starts_with("0.");
        let number = if all.number && !code { value::number(cell) } else { None };
        all.number &= number.is_some();
        all.whole &= number.is_some_and(|n| n.to_int().is_some());
        let instant = if all.instant && matches!(cell, Cell::Text(_)) {
            let day = cutover_ir::time::Date::parse(text);
            let day = day.map(|date| Instant::from_seconds(i64::from(date.days()) * 86_400));
            self.dates_only = day.is_some() && (self.dates_only || self.first.is_none());
            day.or_else(|| value::instant(cell, encoding))
        } else {
            None
        };
        self.kinds_of_values.instant &= instant.is_some();
        if let Some(number) = number {
            self.measure(number);
        }
        if let Some(instant) = instant {
            self.moment(instant);
        }
    }

    /// Fixes the type of a custom field: of one that was to be found out, and of one that has several values at once.
    pub(crate) fn settle_type(&mut self) {
        if !self.inferred {
            if self.kinds_of_values.list {
                self.shape = match std::mem::replace(&mut self.shape, Shape::Bool) {
                    Shape::Choice => Shape::Choices,
                    list @ (Shape::List(_) | Shape::Choices | Shape::Tags) => list,
                    one => Shape::List(Box::new(one)),
                };
            }
            return;
        }
        let Inferred { boolean, number, whole, instant, address, list } = self.kinds_of_values;
        let one = match () {
            () if self.present == 0 => Shape::Text(None),
            () if boolean => Shape::Bool,
            () if number && whole => Shape::Int { min: i64::MIN, max: i64::MAX },
            () if number => Shape::Decimal,
            () if instant && self.dates_only => Shape::Date,
            () if instant => Shape::Instant,
            () if address => Shape::Email,
            () => Shape::Text(None),
        };
        let text = matches!(one, Shape::Text(_) | Shape::Email);
        if !number {
            (self.least, self.most) = (None, None);
        }
        if !instant {
            (self.first, self.last) = (None, None);
        }
        if !text {
            self.lengths = Lengths::default();
        }
        // Of numbers and times the number of different values is enough.
        self.wanted.shared &= text || boolean;
        self.shape = match one {
            Shape::Text(None) if list => Shape::Tags,
            one if list => Shape::List(Box::new(one)),
            one => one,
        };
    }

    /// Gives memory back between files.
    pub(crate) fn rest(&mut self) -> Result<()> {
        if let Some(values) = &mut self.values {
            values.rest()?;
        }
        for bag in [&mut self.references, &mut self.shared].into_iter().flatten() {
            bag.rest()?;
        }
        Ok(())
    }

    /// Number of objects that share their value with another one, and number of different values; where it was asked.
    pub(crate) fn duplicates(&mut self) -> Result<Option<(u64, u64)>> {
        let Some(shared) = &mut self.shared else { return Ok(None) };
        let (mut objects, mut distinct) = (0, 0);
        let mut merged = shared.stream()?;
        while let Some(item) = merged.next()? {
            distinct += 1;
            if item.count > 1 {
                objects += item.count;
            }
        }
        Ok(Some((objects, distinct)))
    }

    /// The profile, and the values that are not options of a field that declares some.
    pub(crate) fn profile(&mut self, cap: usize) -> Result<(FieldProfile, u64)> {
        let mut profile =
            FieldProfile { present: self.present, unreadable: self.unreadable, ..FieldProfile::default() };
        if self.wanted.lengths && self.lengths.longest > 0 {
            profile.longest = Some(self.lengths.longest);
            profile.lengths = self.lengths.pairs();
        }
        let mut undeclared = 0;
        if let Some(values) = &mut self.values {
            let yes_no = ["true".to_owned(), "false".to_owned()];
            let options = if *shape_item(&self.shape) == Shape::Bool { &yes_no[..] } else { &self.options };
            let shown = values.shown(options, self.wanted.shared, cap)?;
            profile.distinct = Some(shown.distinct);
            profile.other_values = shown.other;
            undeclared = shown.undeclared;
            profile.values = table(shown.values);
        }
        if let Some((_, distinct)) = self.duplicates()? {
            profile.distinct = Some(distinct);
        }
        if self.wanted.numbers {
            profile.min = self.least.map(|n| n.to_string().into());
            profile.max = self.most.map(|n| n.to_string().into());
        }
        if self.wanted.times && self.first.is_some() {
            let text = |instant: Instant| {
                if self.dates_only { instant.utc_date().to_string() } else { instant.to_string() }
            };
            profile.min = self.first.map(|i| text(i).into());
            profile.max = self.last.map(|i| text(i).into());
        }
        Ok((profile, undeclared))
    }

    /// The sum of the numbers, when there are some and it is not negative.
    pub(crate) fn sum(&self) -> Option<u64> {
        self.most.and(u64::try_from(self.total).ok())
    }

    /// The largest number.
    pub(crate) const fn largest(&self) -> Option<Decimal> {
        self.most
    }
}

/// What a list of that shape holds; the shape itself when it is no list.
fn shape_item(shape: &Shape) -> &Shape {
    match shape {
        Shape::List(inner) => inner,
        other => other,
    }
}

fn wanted(shape: &Shape, canon: Option<&str>, unique: bool, part: Part) -> Wanted {
    let person = is_person(part);
    let free = canon.is_some_and(|canon| FREE.contains(&canon));
    let item = shape_item(shape);
    let text = matches!(item, Shape::Text(_));
    let choice = matches!(item, Shape::Choice | Shape::Choices | Shape::Tags | Shape::Bool);
    let told_by_name = matches!(part, Part::Organization | Part::Group | Part::Queue | Part::CustomField);
    Wanted {
        lengths: matches!(
            item,
            Shape::Text(_) | Shape::Html(_) | Shape::Email | Shape::Url | Shape::Phone | Shape::Tags
        ),
        values: choice || (text && !free && !person),
        // Values of people and companies are shown only when the catalog declares them.
        shared: !person && (text || choice) && !free,
        numbers: matches!(
            item,
            Shape::Int { .. } | Shape::Decimal | Shape::Percent | Shape::Count | Shape::Duration
        ),
        times: matches!(item, Shape::Date | Shape::Instant),
        duplicates: (person && matches!(item, Shape::Email | Shape::Phone))
            || (unique && matches!(item, Shape::Email))
            || (text && (unique || matches!(canon, Some("external_id" | "number"))))
            || (text && told_by_name && canon == Some("name")),
        objects: matches!(canon, Some("options" | "hours" | "holidays" | "actions")),
    }
}

/// Kinds that stand for people and companies: only declared values of theirs are shown.
const fn is_person(part: Part) -> bool {
    matches!(part, Part::User | Part::Agent | Part::Organization)
}

/// A table of rows; of two with one name the first stays.
pub(crate) fn table<V>(rows: impl IntoIterator<Item = (String, V)>) -> Table<V> {
    let mut seen = std::collections::BTreeSet::new();
    let rows = rows.into_iter().filter(|(name, _)| seen.insert(name.clone()));
    let rows: Vec<(Box<str>, V)> = rows.map(|(name, value)| (name.into(), value)).collect();
    // Repeated names are gone, so that there is always a table.
    Table::from_rows(rows).unwrap_or_default()
}
