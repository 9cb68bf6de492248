//! What must hold inside a catalog beyond its form: names that are named exist, each fact has a source, states are classed.

use std::collections::BTreeMap;

use crate::canon;
use crate::catalog::{Catalog, ExportFile, Nested};
use crate::fact::{Mark, Names};
use crate::field_type::is_name;
use crate::kind::{Field, FieldTest, Kind, Part, Required, Scope};
use crate::table::Table;

/// A rule that a catalog breaks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Broken {
    /// The place, as keys of the file: `kinds`, `ticket`, `fields`, `subject`.
    pub path: Vec<String>,
    /// What is wrong, without a full stop.
    pub text: String,
}

/// All rules that a whole catalog (not an overlay) breaks, in the order of the file's parts.
#[must_use]
pub fn broken(catalog: &Catalog) -> Vec<Broken> {
    let mut check = Check { catalog, path: Vec::new(), broken: Vec::new() };
    check.head();
    check.plans();
    check.spellings();
    for (name, kind) in catalog.kinds.iter() {
        check.within(&["kinds", name], |check| check.kind(name, kind));
    }
    check.constraints();
    check.limits();
    check.rates_and_capabilities();
    check.sla();
    check.rest();
    check.broken
}

struct Check<'a> {
    catalog: &'a Catalog,
    path: Vec<String>,
    broken: Vec<Broken>,
}

impl<'a> Check<'a> {
    fn within(&mut self, path: &[&str], run: impl FnOnce(&mut Self)) {
        let depth = self.path.len();
        self.path.extend(path.iter().map(|part| (*part).to_owned()));
        run(self);
        self.path.truncate(depth);
    }

    fn report(&mut self, text: impl Into<String>) {
        self.broken.push(Broken { path: self.path.clone(), text: text.into() });
    }

    fn head(&mut self) {
        if !is_name(&self.catalog.name) {
            self.within(&["name"], |check| {
                check.report("a catalog needs a name of lower-case letters, digits and `_`")
            });
        }
        if self.catalog.revision == 0 {
            self.within(&["revision"], |check| check.report("a catalog needs a revision of at least 1"));
        }
        if self.catalog.title.is_empty() {
            self.within(&["title"], |check| check.report("a catalog needs a title"));
        }
        if self.catalog.kinds.is_empty() && !self.catalog.generic {
            self.report("a catalog needs kinds, unless it is generic");
        }
    }

    /// Sources exist, and there is one, or the fact says that it is unverified.
    fn sourced(&mut self, mark: Option<Mark>, from: &Names, inherited: bool) {
        for key in from.iter() {
            if !self.catalog.sources.contains(key) {
                self.report(format!("there is no source `{key}`"));
            }
        }
        if from.is_empty() && !inherited && mark != Some(Mark::Unverified) {
            self.report("a fact needs a source in `from`, or `mark: unverified`");
        }
    }

    fn plan_names<'b>(&mut self, names: impl Iterator<Item = &'b str>) {
        for name in names {
            if !self.catalog.plans.contains(name) {
                self.report(format!("there is no plan `{name}`"));
            }
        }
    }

    fn plans(&mut self) {
        for (name, plan) in self.catalog.plans.iter() {
            self.within(&["plans", name], |check| check.sourced(plan.mark, &plan.from, false));
        }
    }

    /// No spelling names two kinds.
    fn spellings(&mut self) {
        let mut seen: BTreeMap<String, &str> = BTreeMap::new();
        for (name, kind) in self.catalog.kinds.iter() {
            let mut own: Vec<String> = kind.spellings(name).map(str::to_owned).collect();
            own.push(kind.plural_of(name).into_owned());
            own.sort();
            own.dedup();
            for spelling in own {
                if let Some(other) = seen.insert(spelling.clone(), name) {
                    self.within(&["kinds", name], |check| {
                        check.report(format!("`{spelling}` also spells `{other}`"))
                    });
                }
            }
        }
    }

    fn kind(&mut self, name: &str, kind: &'a Kind) {
        if !is_name(name) {
            self.report("a kind's name has lower-case letters, digits and `_`");
        }
        if kind.part == Part::Unset {
            self.report("a kind needs a `part`");
        }
        if kind.summary.is_empty() {
            self.report("a kind needs a `summary`");
        }
        self.sourced(kind.mark, &kind.from, false);
        self.plan_names(kind.plans.iter());
        match &kind.with {
            Some(with) if !self.catalog.kinds.contains(with) => {
                self.report(format!("`with` names `{with}`, which is no kind"))
            }
            None if kind.scope == Scope::WithParent => self.report("`scope: with_parent` needs `with`"),
            _ => {}
        }
        self.fields(kind);
        self.states(kind);
        for (word, body) in kind.words.iter() {
            self.within(&["words", word], |check| {
                check.sourced(body.mark, &body.from, true);
                for of in body.of.iter().filter(|of| !check.catalog.kinds.contains(of)).collect::<Vec<_>>() {
                    check.report(format!("`of` names `{of}`, which is no kind"));
                }
                check.tests(kind, &body.when);
            });
        }
        if let Some(custom) = &kind.custom_fields {
            self.within(&["custom_fields"], |check| check.sourced(None, &custom.from, true));
        }
        for (way, access) in [("read", &kind.read), ("load", &kind.load)] {
            let Some(access) = access else { continue };
            self.within(&[way], |check| {
                check.sourced(access.mark, &access.from, true);
                if let Some(rate) = access.rate.as_deref().filter(|rate| !check.catalog.rates.contains(rate))
                {
                    check.report(format!("there is no rate `{rate}`"));
                }
                if access.batch == Some(0) || access.calls == Some(0) {
                    check.report("`batch` and `calls` are at least 1");
                }
            });
        }
    }

    fn fields(&mut self, kind: &'a Kind) {
        let mut meanings: BTreeMap<&str, &str> = BTreeMap::new();
        let states = kind.states.as_ref().map(|states| &*states.field);
        for (name, field) in kind.fields.iter() {
            self.within(&["fields", name], |check| {
                if !name.split('.').all(is_name) || name.starts_with("custom.") {
                    check.report("a field's name has lower-case letters, digits and `_`");
                }
                check.field(field, states == Some(name));
                let Some(canon) = field.canon.as_deref() else { return };
                if !canon::is_field(kind.part, canon) {
                    check.report(format!("`{canon}` is no canonical name for a field of a {}", kind.part));
                }
                if let Some(other) = meanings.insert(canon, name) {
                    check.report(format!("`{other}` already is `{canon}`"));
                }
            });
        }
    }

    fn field(&mut self, field: &Field, is_state: bool) {
        self.sourced(field.mark, &field.from, true);
        self.plan_names(field.plans.iter());
        for kind in field.ty.shape.references() {
            if !self.catalog.kinds.contains(kind) {
                self.report(format!("the type names `{kind}`, which is no kind"));
            }
        }
        if field.ty.shape.is_choice() && field.options.is_empty() && !field.open && !is_state {
            self.report("a choice needs `options`, or `open: true` when each account has its own");
        }
        if !field.ty.shape.is_choice() && !field.options.is_empty() {
            self.report("only a choice has options");
        }
        if field.ty.optional && field.required == Required::Always {
            self.report("a field that may be missing cannot always be required");
        }
        if field.canon.as_deref() == Some("priority") {
            for (option, body) in field.options.0.iter() {
                if body.canon.as_deref().is_some_and(|canon| !canon::PRIORITIES.contains(&canon)) {
                    self.report(format!("option `{option}` has no canonical meaning of a priority"));
                }
            }
        }
        if let Some(default) = field
            .default
            .as_deref()
            .filter(|default| !field.options.is_empty() && !field.options.0.contains(default))
        {
            self.report(format!("the default `{default}` is no option"));
        }
    }

    fn states(&mut self, kind: &Kind) {
        let Some(states) = &kind.states else { return };
        self.within(&["states"], |check| {
            check.sourced(None, &states.from, true);
            match kind.fields.get(&states.field) {
                Some(field) if field.ty.shape.is_choice() && field.options.is_empty() => {}
                Some(_) => {
                    check.report(format!("`{}` must be a choice without options of its own", states.field))
                }
                None => check.report(format!("there is no field `{}`", states.field)),
            }
            for (name, state) in states.values.iter() {
                check.within(&["values", name], |check| {
                    check.sourced(state.mark, &state.from, true);
                    if state.class != state.category.class() {
                        check.report(format!(
                            "the class does not fit the category `{}`",
                            state.category.name()
                        ));
                    }
                    for field in state.requires.iter().filter(|field| !kind.fields.contains(field)) {
                        check.report(format!("`requires` names `{field}`, which is no field"));
                    }
                });
            }
        });
    }

    fn tests(&mut self, kind: &Kind, tests: &Table<FieldTest>) {
        for (name, test) in tests.iter() {
            let Some(field) = kind.fields.get(name) else {
                self.report(format!("there is no field `{name}`"));
                continue;
            };
            let states = kind.states.as_ref().filter(|states| &*states.field == name);
            for value in test.is.iter() {
                let known = match states {
                    Some(states) => states.values.contains(value),
                    None => field.options.is_empty() || field.options.0.contains(value),
                };
                if !known {
                    self.report(format!("`{value}` is no option of `{name}`"));
                }
            }
            if let Some(other) = test.not_before.as_deref().filter(|other| !kind.fields.contains(other)) {
                self.report(format!("there is no field `{other}`"));
            }
        }
    }

    fn constraints(&mut self) {
        for (name, rule) in self.catalog.constraints.iter() {
            self.within(&["constraints", name], |check| {
                check.sourced(rule.mark, &rule.from, false);
                let Some(kind) = check.catalog.kinds.get(&rule.kind) else {
                    check.report(format!("there is no kind `{}`", rule.kind));
                    return;
                };
                if rule.must.is_empty() && rule.one_of.is_empty() {
                    check.report("a constraint needs `must` or `one_of`");
                }
                check.tests(kind, &rule.when);
                check.tests(kind, &rule.must);
                for field in rule.one_of.iter().filter(|field| !kind.fields.contains(field)) {
                    check.report(format!("there is no field `{field}`"));
                }
            });
        }
    }

    fn limits(&mut self) {
        for (name, limit) in self.catalog.limits.iter() {
            self.within(&["limits", name], |check| {
                check.sourced(limit.mark, &limit.from, false);
                check.plan_names(limit.plans.keys());
                if limit.max.is_none() && limit.plans.is_empty() {
                    check.report("a limit needs `max` or `plans`");
                }
                let kind = limit.kind.as_deref().map(|kind| (kind, check.catalog.kinds.get(kind)));
                match (kind, &limit.field) {
                    (Some((name, None)), _) => check.report(format!("there is no kind `{name}`")),
                    (Some((_, Some(kind))), Some(field)) if !kind.fields.contains(field) => {
                        check.report(format!("there is no field `{field}`"))
                    }
                    (None, Some(_)) => check.report("a limit of a field needs its `kind`"),
                    _ => {}
                }
                let words = ["account", "call", "query", "field", "page"];
                if let Some(per) = limit
                    .per
                    .as_deref()
                    .filter(|per| !check.catalog.kinds.contains(per) && !words.contains(per))
                {
                    check.report(format!(
                        "`per` names `{per}`, which is no kind and none of {}",
                        words.join(", ")
                    ));
                }
            });
        }
    }

    fn rates_and_capabilities(&mut self) {
        for (name, rate) in self.catalog.rates.iter() {
            self.within(&["rates", name], |check| {
                check.sourced(rate.mark, &rate.from, false);
                check.plan_names(rate.plans.keys());
                if rate.value.is_none() && rate.plans.is_empty() {
                    check.report("a rate needs `value` or `plans`");
                }
            });
        }
        let catalog = self.catalog;
        catalog.capabilities.visit(&mut |name, _, fact| {
            self.within(&["capabilities", name], |check| {
                check.sourced(fact.mark(), fact.from(), false);
                check.plan_names(fact.plans().into_iter());
                if fact.words(None).is_none() && fact.plans().is_empty() {
                    check.report("a capability needs `value` or `plans`");
                }
            });
        });
    }

    fn sla(&mut self) {
        let sla = &self.catalog.sla;
        self.within(&["sla"], |check| {
            if sla.model.is_some() {
                check.sourced(sla.mark, &sla.from, false);
            }
            for (name, metric) in sla.metrics.iter() {
                check.within(&["metrics", name], |check| {
                    check.sourced(metric.mark, &metric.from, !sla.from.is_empty());
                    if let Some(canon) =
                        metric.canon.as_deref().filter(|canon| !canon::METRICS.contains(canon))
                    {
                        check.report(format!("`{canon}` is no canonical name of a metric"));
                    }
                    let mut all: Vec<_> =
                        metric.runs.iter().chain(&metric.pauses).chain(&metric.stops).collect();
                    let before = all.len();
                    all.sort();
                    all.dedup();
                    if all.len() != before {
                        check.report("a category of states stands twice");
                    }
                });
            }
            if let Some(policy) = &sla.policy {
                check.within(&["policy"], |check| {
                    check.sourced(policy.mark, &policy.from, !sla.from.is_empty());
                    for metric in policy.one_of.iter().flat_map(|group| group.iter()) {
                        if !sla.metrics.contains(metric) {
                            check.report(format!("there is no metric `{metric}`"));
                        }
                    }
                    if policy.one_of.iter().any(|group| group.iter().count() < 2) {
                        check.report("a choice of metrics needs at least two of them");
                    }
                });
            }
            if let Some(calendar) = &sla.calendar {
                check.within(&["calendar"], |check| {
                    check.sourced(calendar.mark, &calendar.from, !sla.from.is_empty())
                });
            }
        });
    }

    fn rest(&mut self) {
        for (name, credential) in self.catalog.credentials.iter() {
            self.within(&["credentials", name], |check| {
                check.sourced(credential.mark, &credential.from, false)
            });
        }
        for (name, note) in self.catalog.notes.iter() {
            self.within(&["notes", name], |check| {
                check.sourced(note.mark, &note.from, false);
                if let Some(kind) = note.kind.as_deref().filter(|kind| !check.catalog.kinds.contains(kind)) {
                    check.report(format!("there is no kind `{kind}`"));
                }
            });
        }
        for (name, layout) in self.catalog.exports.iter() {
            self.within(&["exports", name], |check| {
                check.sourced(layout.mark, &layout.from, false);
                for file in &layout.files {
                    check.within(&["files", &file.glob], |check| check.export_file(file));
                }
            });
        }
    }

    fn export_file(&mut self, file: &ExportFile) {
        self.columns(&file.kind, &file.columns);
        self.fixed(&file.kind, &file.fixed);
        if let (Some(adds), Some(kind)) = (&file.adds, self.catalog.kinds.get(&file.kind))
            && !kind.fields.contains(&adds.field)
        {
            self.report(format!("`adds` names `{}`, which is no field of `{}`", adds.field, file.kind));
        }
        if file.key.is_empty() {
            self.report("a file needs the path of its `key`");
        }
        for nested in &file.nested {
            self.nested(nested);
        }
    }

    fn nested(&mut self, nested: &Nested) {
        self.columns(&nested.kind, &nested.columns);
        self.fixed(&nested.kind, &nested.fixed);
        if let Some(kind) = self.catalog.kinds.get(&nested.kind)
            && !kind.fields.contains(&nested.parent)
        {
            self.report(format!(
                "`parent` names `{}`, which is no field of `{}`",
                nested.parent, nested.kind
            ));
        }
        for inner in &nested.nested {
            self.nested(inner);
        }
    }

    fn fixed(&mut self, kind_name: &str, fixed: &Table<Box<str>>) {
        let Some(kind) = self.catalog.kinds.get(kind_name) else { return };
        for (field, value) in fixed.iter() {
            match kind.fields.get(field) {
                None => self.report(format!("`fixed` names `{field}`, which is no field of `{kind_name}`")),
                Some(field_of) if field_of.ty.shape.is_choice() && !field_of.options.0.contains(value) => {
                    self.report(format!(
                        "`fixed` gives `{field}` the value `{value}`, which is no option of it"
                    ));
                }
                Some(_) => {}
            }
        }
    }

    fn columns(&mut self, kind_name: &str, columns: &Table<Box<str>>) {
        let Some(kind) = self.catalog.kinds.get(kind_name) else {
            self.report(format!("there is no kind `{kind_name}`"));
            return;
        };
        for (column, field) in columns.iter() {
            if !kind.fields.contains(field) && !field.starts_with("custom.") {
                self.report(format!(
                    "column `{column}` goes to `{field}`, which is no field of `{kind_name}`"
                ));
            }
        }
    }
}
