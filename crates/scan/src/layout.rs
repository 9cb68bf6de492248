//! From a catalog's export layout to readers: which file holds what, and where in a record each field stands.

use std::collections::{BTreeMap, BTreeSet};

use cutover_catalog::Catalog;
use cutover_catalog::catalog::{
    CustomColumns, CustomForm, Encoding, ExportFile, ExportFormat, ExportLayout, Nested,
};
use cutover_catalog::exports::fits;
use cutover_records::{Entry, Limits, Picker};

use crate::ScanError;

/// A file and how it is read.
#[derive(Debug)]
pub(crate) struct Reading<'c> {
    pub(crate) entry: &'c Entry,
    pub(crate) format: ExportFormat,
    pub(crate) array_at: Vec<String>,
    pub(crate) encoding: &'c Encoding,
    pub(crate) plan: RecordPlan,
}

/// Where the fields of a record stand.
#[derive(Debug)]
pub(crate) struct RecordPlan {
    pub(crate) kind: String,
    /// Position of the kind among those of the scan, and of the fields among those of the kind; set by `bind`.
    pub(crate) at: usize,
    pub(crate) bound: Vec<usize>,
    /// Paths or columns; a slot is a position in this list.
    pub(crate) paths: Vec<String>,
    /// Field names of the kind and the slots that hold them; the first slot with a value counts.
    pub(crate) fields: Vec<(String, Vec<usize>)>,
    /// Of slots that hold a list of objects: the path of what is taken from each.
    pub(crate) members: Vec<(usize, Vec<String>)>,
    /// Fields that every record has the same value in, and that value.
    pub(crate) fixed: Vec<(String, String)>,
    pub(crate) fixed_at: Vec<usize>,
    pub(crate) key: Option<usize>,
    pub(crate) custom: Option<CustomPlan>,
    pub(crate) nested: Vec<NestedPlan>,
    /// Values that a record must have at these slots to be read at all.
    pub(crate) only: Vec<(usize, Vec<String>)>,
    /// The record is a row that adds a value to a field of another object.
    pub(crate) adds: Option<Adds>,
    /// Paths that are known to carry nothing.
    pub(crate) ignored: BTreeSet<String>,
    /// Whether whatever else a record has is known to carry nothing.
    pub(crate) ignores_rest: bool,
    /// Reads JSON records. Tables bind columns instead.
    pub(crate) picker: Option<Picker>,
}

/// What a row adds to an object.
#[derive(Debug)]
pub(crate) struct Adds {
    /// The field.
    pub(crate) field: String,
    /// The slot of the value.
    pub(crate) value: usize,
    /// The slot of the last day of a range that begins with the value.
    pub(crate) until: Option<usize>,
}

/// Where custom fields stand.
#[derive(Debug)]
pub(crate) struct CustomPlan {
    pub(crate) slot: usize,
    pub(crate) prefix: Option<String>,
}

/// A list inside a record.
#[derive(Debug)]
pub(crate) struct NestedPlan {
    pub(crate) slot: usize,
    /// The field that refers to the outer object, and its position among those of the kind.
    pub(crate) parent: String,
    pub(crate) parent_at: usize,
    /// Slot, in the outer object, of the value that it refers to; the outer object's key when there is none.
    pub(crate) parent_key: Option<usize>,
    pub(crate) plan: RecordPlan,
}

/// Chooses the layout: the one that is named, else the one that knows most of the files, the first of equals.
pub(crate) fn choose<'c>(
    catalog: &'c Catalog,
    wanted: Option<&str>,
    files: &[Entry],
) -> Result<(&'c str, &'c ExportLayout), ScanError> {
    let known = || catalog.exports.keys().map(str::to_owned).collect();
    if let Some(wanted) = wanted {
        let found = catalog.exports.iter().find(|(name, _)| *name == wanted);
        return found.ok_or_else(|| ScanError::UnknownLayout { name: wanted.to_owned(), known: known() });
    }
    match catalog.layout_of(files.iter().map(|file| file.name.as_str())) {
        Some(layout) => Ok(layout),
        None => Err(none_fits(catalog, files, None)),
    }
}

/// No layout knows any of the files: says which files each one looks for.
pub(crate) fn none_fits(catalog: &Catalog, files: &[Entry], tried: Option<&str>) -> ScanError {
    /// So many names are enough to see what kind of export is meant.
    const SHOWN: usize = 6;
    let layouts = catalog.exports.iter().filter(|(name, _)| tried.is_none_or(|tried| tried == *name));
    let known = layouts.map(|(name, layout)| {
        let more = layout.files.len().saturating_sub(SHOWN);
        let globs: Vec<&str> = layout.files.iter().take(SHOWN).map(|of| &*of.glob).collect();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!("`{name}` looks for {}{more}", globs.join(", "))
    });
    ScanError::NoLayout { platform: catalog.name.to_string(), known: known.collect(), files: files.len() }
}

/// A file that is not read: its name, and why the layout passes it over if it knows it.
pub(crate) type Unread<'c> = (&'c str, Option<&'c str>);

/// The files that a layout knows, each with its reading, and those that are not read.
pub(crate) fn readings<'c>(
    layout: &'c ExportLayout,
    files: &'c [Entry],
    json_limits: Limits,
) -> Result<(Vec<Reading<'c>>, Vec<Unread<'c>>), ScanError> {
    let mut readings = Vec::new();
    let mut unknown = Vec::new();
    for entry in files {
        let mut known = false;
        for file in layout.files.iter().filter(|file| file.is(&entry.name)) {
            known = true;
            readings.push(Reading {
                entry,
                format: file.format,
                array_at: file
                    .array_at
                    .as_deref()
                    .map_or_else(Vec::new, |at| at.split('.').map(str::to_owned).collect()),
                encoding: &file.encoding,
                plan: plan(file, json_limits)?,
            });
        }
        if !known {
            let passed = layout.passed.iter().find(|(glob, _)| fits(glob, &entry.name));
            unknown.push((entry.name.as_str(), passed.map(|(_, why)| &**why)));
        }
    }
    Ok((readings, unknown))
}

/// The files of a generic platform: each is a kind of its own, and each column a field.
pub(crate) fn generic_readings<'c>(
    files: &'c [Entry],
    encoding: &'c Encoding,
    limits: Limits,
) -> Result<(Vec<Reading<'c>>, Vec<Unread<'c>>), ScanError> {
    let mut readings = Vec::new();
    let mut unknown = Vec::new();
    for entry in files {
        let file = entry.name.rsplit('/').next().unwrap_or_default();
        let (stem, extension) = file.rsplit_once('.').unwrap_or((file, ""));
        let format = match extension.to_ascii_lowercase().as_str() {
            "csv" => ExportFormat::Csv,
            "jsonl" | "ndjson" => ExportFormat::Jsonl,
            "json" => ExportFormat::Json,
            _ => {
                unknown.push((entry.name.as_str(), None));
                continue;
            }
        };
        let mut plan = RecordPlan::new(&cutover_catalog::exports::name_of(stem));
        let slot = plan.slot("*");
        plan.custom = Some(CustomPlan { slot, prefix: (format == ExportFormat::Csv).then(String::new) });
        if format != ExportFormat::Csv {
            let picker = Picker::new(&plan.paths, limits);
            plan.picker = Some(picker.map_err(|error| ScanError::Layout(error.to_string()))?);
        }
        readings.push(Reading { entry, format, array_at: Vec::new(), encoding, plan });
    }
    Ok((readings, unknown))
}

fn plan(file: &ExportFile, limits: Limits) -> Result<RecordPlan, ScanError> {
    let table = file.format == ExportFormat::Csv;
    let mut plan = RecordPlan::new(&file.kind);
    for (path, field) in file.columns.iter() {
        plan.field(path, field)?;
    }
    plan.fix(&file.fixed);
    plan.key = Some(plan.slot(&file.key));
    if let Some(custom) = &file.custom {
        plan.custom(custom, table);
    }
    for path in file.ignored.iter() {
        plan.ignore(path);
    }
    plan.only(&file.only);
    if let Some(adds) = &file.adds {
        let value = plan.slot(&adds.value);
        let until = adds.until.as_deref().map(|until| plan.slot(until));
        plan.adds = Some(Adds { field: adds.field.to_string(), value, until });
    }
    for nested in &file.nested {
        plan.nest(nested, limits)?;
    }
    if !table {
        plan.picker =
            Some(Picker::new(&plan.paths, limits).map_err(|error| ScanError::Layout(error.to_string()))?);
    }
    Ok(plan)
}

impl RecordPlan {
    fn new(kind: &str) -> Self {
        RecordPlan {
            kind: kind.to_owned(),
            at: 0,
            bound: Vec::new(),
            paths: Vec::new(),
            fields: Vec::new(),
            members: Vec::new(),
            fixed: Vec::new(),
            fixed_at: Vec::new(),
            key: None,
            custom: None,
            nested: Vec::new(),
            only: Vec::new(),
            adds: None,
            ignored: BTreeSet::new(),
            ignores_rest: false,
            picker: None,
        }
    }

    fn slot(&mut self, path: &str) -> usize {
        if let Some(slot) = self.paths.iter().position(|known| known == path) {
            return slot;
        }
        self.paths.push(path.to_owned());
        self.paths.len() - 1
    }

    fn field(&mut self, path: &str, field: &str) -> Result<(), ScanError> {
        let slot = match path.split_once("[].") {
            None => self.slot(path),
            Some((list, member)) => {
                let known = self.paths.iter().any(|known| known == list);
                let slot = self.slot(list);
                let member: Vec<String> = member.split('.').map(str::to_owned).collect();
                if known && !self.members.contains(&(slot, member.clone())) {
                    return Err(ScanError::Layout(format!("the list `{list}` is read in two ways")));
                }
                if !known {
                    self.members.push((slot, member));
                }
                slot
            }
        };
        match self.fields.iter_mut().find(|(name, _)| name == field) {
            Some((_, slots)) => slots.push(slot),
            None => self.fields.push((field.to_owned(), vec![slot])),
        }
        Ok(())
    }

    fn fix(&mut self, fixed: &cutover_catalog::Table<Box<str>>) {
        self.fixed = fixed.iter().map(|(field, value)| (field.to_owned(), value.to_string())).collect();
    }

    fn only(&mut self, only: &cutover_catalog::Table<cutover_catalog::fact::Names>) {
        for (path, values) in only.iter() {
            let slot = self.slot(path);
            self.only.push((slot, values.iter().map(str::to_owned).collect()));
        }
    }

    fn ignore(&mut self, path: &str) {
        if path == "*" {
            self.ignores_rest = true;
            return;
        }
        self.slot(path);
        self.ignored.insert(path.to_owned());
    }

    fn custom(&mut self, custom: &CustomColumns, table: bool) {
        let at = &*custom.at;
        let (path, prefix) = match custom.form {
            CustomForm::IdValueList => (format!("{at}[id=*].value"), None),
            CustomForm::NameValuesList => (format!("{at}[name=*].values"), None),
            CustomForm::Object => (format!("{at}.*"), None),
            CustomForm::Prefix => match at.rsplit_once('.') {
                Some((outer, prefix)) if !table => (format!("{outer}.*"), Some(prefix.to_owned())),
                _ => ("*".to_owned(), Some(at.to_owned())),
            },
        };
        // What else stands beside id and value of an element carries nothing of the record.
        match custom.form {
            CustomForm::IdValueList => self.ignored.insert(format!("{at}[id]")),
            CustomForm::NameValuesList => self.ignored.insert(format!("{at}[name]")),
            CustomForm::Object | CustomForm::Prefix => false,
        };
        let slot = self.slot(&path);
        self.custom = Some(CustomPlan { slot, prefix });
    }

    fn nest(&mut self, nested: &Nested, limits: Limits) -> Result<(), ScanError> {
        let slot = self.slot(&nested.at);
        let parent_key = nested.parent_key.as_deref().map(|path| self.slot(path));
        let mut plan = RecordPlan::new(&nested.kind);
        for (path, field) in nested.columns.iter() {
            plan.field(path, field)?;
        }
        plan.fix(&nested.fixed);
        if let Some(key) = &nested.key {
            plan.key = Some(plan.slot(key));
        }
        for path in nested.ignored.iter() {
            plan.ignore(path);
        }
        plan.only(&nested.only);
        for inner in &nested.nested {
            plan.nest(inner, limits)?;
        }
        plan.picker =
            Some(Picker::new(&plan.paths, limits).map_err(|error| ScanError::Layout(error.to_string()))?);
        self.nested.push(NestedPlan {
            slot,
            parent: nested.parent.to_string(),
            parent_at: 0,
            parent_key,
            plan,
        });
        Ok(())
    }

    /// All kinds of the plan: its own and those of its lists.
    pub(crate) fn kinds<'p>(&'p self, into: &mut BTreeMap<&'p str, BTreeSet<&'p str>>) {
        let fields = into.entry(&self.kind).or_default();
        fields.extend(self.adds.iter().map(|adds| adds.field.as_str()));
        fields.extend(self.fields.iter().map(|(field, _)| field.as_str()));
        fields.extend(self.fixed.iter().map(|(field, _)| field.as_str()));
        for nested in &self.nested {
            into.entry(&nested.plan.kind).or_default().insert(&nested.parent);
            nested.plan.kinds(into);
        }
    }

    /// Fixes positions: of kinds by name, and of fields by kind and name.
    pub(crate) fn bind(&mut self, kind: &dyn Fn(&str) -> usize, field: &dyn Fn(usize, &str) -> usize) {
        self.at = kind(&self.kind);
        self.bound = self.fields.iter().map(|(name, _)| field(self.at, name)).collect();
        self.fixed_at = self.fixed.iter().map(|(name, _)| field(self.at, name)).collect();
        for nested in &mut self.nested {
            nested.plan.bind(kind, field);
            nested.parent_at = field(nested.plan.at, &nested.parent);
        }
    }

    /// Whether a key at a path lies below something that is known to carry nothing.
    pub(crate) fn is_ignored(&self, at: &str) -> bool {
        let below = |ignored: &String| {
            at.strip_prefix(ignored.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.ignores_rest || (!at.is_empty() && self.ignored.iter().any(below))
    }
}
