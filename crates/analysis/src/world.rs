//! The two systems and the tables, as names are looked up in them: catalogs joined with inventories.

use cutover_catalog::inventory::{FieldProfile, Profile};
use std::borrow::Cow;
use std::fmt;

use cutover_catalog::kind::{Options, States};
use cutover_catalog::{Catalog, Field, Inventory, Kind, Part, State};
use cutover_ir::Type;
use cutover_plan::model::Figures;
use cutover_plan::parallel::both;
use rustc_hash::{FxBuildHasher, FxHashMap};

/// What a system is called in the spec: `source`, `target`, `sandbox`, or a table's name.
pub type SystemName = Box<str>;

/// A catalog and an inventory that somebody has loaded, for one declared system.
#[derive(Debug)]
pub struct Loaded<'a> {
    /// `source`, `target`, `sandbox`, or a table's name.
    pub name: SystemName,
    /// Whether it is a table of outside data.
    pub table: bool,
    /// The product. `None` when there is no such catalog.
    pub catalog: Option<&'a Catalog>,
    /// The account. `None` when none is named or it could not be read.
    pub inventory: Option<&'a Inventory>,
    /// Whether the spec names an inventory, readable or not: then absence of a name proves nothing, and is not reported twice.
    pub inventory_named: bool,
}

/// All systems of a spec.
#[derive(Debug, Default)]
pub struct World<'a> {
    /// Systems in the order of declaration.
    pub systems: Vec<System<'a>>,
    /// Numbers of the inventories.
    pub figures: Figures,
}

/// One system.
#[derive(Debug)]
pub struct System<'a> {
    /// `source`, `target`, `sandbox`, or a table's name.
    pub name: SystemName,
    /// Whether it is a table.
    pub table: bool,
    /// The product.
    pub catalog: Option<&'a Catalog>,
    /// The account.
    pub inventory: Option<&'a Inventory>,
    /// Whether an inventory is named in the spec.
    pub inventory_named: bool,
    /// Kinds: the catalog's, then those of the inventory's own schema.
    pub kinds: Vec<KindView<'a>>,
    by_spelling: FxHashMap<String, usize>,
}

/// A kind of one system, with what the account adds.
#[derive(Debug)]
pub struct KindView<'a> {
    /// The system's name.
    pub system: SystemName,
    /// Name in the catalog: `ticket`.
    pub name: &'a str,
    /// The plural, as specs write it: `tickets`.
    pub plural: String,
    /// The catalog's entry.
    pub kind: &'a Kind,
    /// Measures of the account.
    pub profile: Option<&'a Profile>,
    /// Whether the account's inventory could not be read: what it holds is then not known, which is not told a second time.
    pub unread: bool,
    custom: Option<&'a cutover_catalog::Table<Field>>,
    options: Option<&'a cutover_catalog::Table<Options>>,
    states: Option<&'a cutover_catalog::Table<State>>,
}

/// A field of a kind.
#[derive(Clone, Copy, Debug)]
pub struct FieldView<'a> {
    /// Path in its kind, for example `custom.region`; without the `custom.` it is [`FieldView::name`].
    pub custom: bool,
    /// Name without `custom.`.
    pub name: &'a str,
    /// The entry of the catalog or the inventory.
    pub field: &'a Field,
    /// Measures of the account.
    pub profile: Option<&'a FieldProfile>,
}

impl<'a> FieldView<'a> {
    /// [`FieldView::path`], without a copy where the name alone is the path.
    #[must_use]
    pub fn spelled(&self) -> Cow<'a, str> {
        if self.custom { Cow::Owned(self.path()) } else { Cow::Borrowed(self.name) }
    }

    /// The path by which specs name the field: `subject`, `custom.region`.
    #[must_use]
    pub fn path(&self) -> String {
        if self.custom { format!("custom.{}", self.name) } else { self.name.to_owned() }
    }
}

impl fmt::Display for FieldView<'_> {
    /// The path, as [`FieldView::path`] gives it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.custom { "custom." } else { "" })?;
        f.write_str(self.name)
    }
}

impl<'a> World<'a> {
    /// Joins what was loaded.
    #[must_use]
    pub fn new(loaded: Vec<Loaded<'a>>) -> World<'a> {
        let known = |loaded: &Loaded<'_>| {
            let of_catalog = loaded.catalog.map_or(0, |catalog| catalog.kinds.len());
            of_catalog + loaded.inventory.map_or(0, |inventory| inventory.schema.len())
        };
        let joined =
            |some: &[Loaded<'a>]| some.iter().map(|one| System::new(one, known(one))).collect::<Vec<_>>();
        // The two desks are the first two that a spec names.
        let (first, others) = loaded.split_at(loaded.len().min(1));
        let (mut systems, others) = both(loaded.iter().map(known).sum(), || joined(first), || joined(others));
        systems.extend(others);
        World { systems, figures: Figures::default() }
    }

    /// A system by its name.
    #[must_use]
    pub fn system(&self, name: &str) -> Option<&System<'a>> {
        self.systems.iter().find(|system| &*system.name == name)
    }

    /// The system that is left.
    #[must_use]
    pub fn source(&self) -> Option<&System<'a>> {
        self.system("source")
    }

    /// The system that is moved to.
    #[must_use]
    pub fn target(&self) -> Option<&System<'a>> {
        self.system("target")
    }

    /// The table of this name.
    #[must_use]
    pub fn table(&self, name: &str) -> Option<&System<'a>> {
        self.system(name).filter(|system| system.table)
    }
}

impl<'a> System<'a> {
    /// `known` is the number of its kinds.
    fn new(loaded: &Loaded<'a>, known: usize) -> System<'a> {
        let Loaded { ref name, table, catalog, inventory, inventory_named } = *loaded;
        let mut kinds = Vec::with_capacity(known);
        let catalog_kinds = catalog.into_iter().flat_map(|c| c.kinds.iter());
        let account_kinds = inventory.into_iter().flat_map(|i| i.schema.iter());
        for (kind_name, kind) in catalog_kinds.chain(account_kinds.map(|(name, kind)| (name, &**kind))) {
            kinds.push(KindView {
                system: name.clone(),
                name: kind_name,
                plural: plural(kind_name, kind),
                kind,
                profile: inventory.and_then(|i| i.profile.get(kind_name)),
                unread: inventory_named && inventory.is_none(),
                custom: inventory.and_then(|i| i.custom_fields.get(kind_name)),
                options: inventory.and_then(|i| i.options.get(kind_name)),
                states: inventory.and_then(|i| i.states.get(kind_name)),
            });
        }
        let mut by_spelling = FxHashMap::with_capacity_and_hasher(kinds.len() * 2, FxBuildHasher);
        // Names win over plurals, plurals over aliases, earlier kinds over later ones.
        for (at, view) in kinds.iter().enumerate() {
            by_spelling.entry(view.name.to_owned()).or_insert(at);
        }
        for (at, view) in kinds.iter().enumerate() {
            by_spelling.entry(view.plural.clone()).or_insert(at);
        }
        for (at, view) in kinds.iter().enumerate() {
            for alias in view.kind.aliases.iter() {
                by_spelling.entry(alias.to_string()).or_insert(at);
            }
        }
        System { name: name.clone(), table, catalog, inventory, inventory_named, kinds, by_spelling }
    }

    /// The kind that a spec calls so, in the singular, the plural or by an alias.
    #[must_use]
    pub fn kind(&self, spelling: &str) -> Option<&KindView<'a>> {
        self.by_spelling.get(spelling).and_then(|at| self.kinds.get(*at))
    }

    /// The kinds that are this part of a helpdesk.
    pub fn kinds_of(&self, part: Part) -> impl Iterator<Item = &KindView<'a>> {
        self.kinds.iter().filter(move |view| view.kind.part == part)
    }

    /// The kind that holds tickets.
    #[must_use]
    pub fn tickets(&self) -> Option<&KindView<'a>> {
        self.kinds_of(Part::Ticket).next()
    }

    /// The product's name for people, or the platform's word.
    #[must_use]
    pub fn product(&self) -> &str {
        match self.catalog {
            Some(catalog) if !catalog.title.is_empty() => &catalog.title,
            Some(catalog) => &catalog.name,
            None => &self.name,
        }
    }

    /// Names of objects of a kind that the account holds: groups, macros, agents. `None` when the inventory does not list them.
    #[must_use]
    pub fn objects(&self, kind: &str) -> Option<&'a [cutover_catalog::inventory::Object]> {
        self.inventory.and_then(|i| i.objects.get(kind)).map(Vec::as_slice)
    }
}

fn widened(ty: Type, longest: u32) -> Type {
    match ty {
        Type::Opt(inner) => Type::Opt(Box::new(widened(*inner, longest))),
        Type::Text { max: Some(max) } => Type::Text { max: Some(max.max(longest)) },
        Type::Html { max: Some(max) } => Type::Html { max: Some(max.max(longest)) },
        other => other,
    }
}

fn plural(name: &str, kind: &Kind) -> String {
    if kind.plural.is_empty() { format!("{name}s") } else { kind.plural.to_string() }
}

impl<'a> KindView<'a> {
    /// A field by its path: `subject`, `custom.region`.
    #[must_use]
    pub fn field(&self, path: &str) -> Option<FieldView<'a>> {
        if let Some(name) = path.strip_prefix("custom.") {
            let (at, field) =
                self.custom.and_then(|fields| Some((fields.position(name)?, fields.get(name)?)))?;
            let name = self.custom.and_then(|fields| fields.at(at)).map(|(name, _)| name)?;
            return Some(self.view(true, name, field));
        }
        self.own_field(path)
    }

    /// A field that every account of the product has, by its name.
    #[must_use]
    pub fn own_field(&self, name: &str) -> Option<FieldView<'a>> {
        let at = self.kind.fields.position(name)?;
        let (name, field) = self.kind.fields.at(at)?;
        Some(self.view(false, name, field))
    }

    /// [`KindView::own_field`] for who names fields in nearly the order in which the product lists them: `next` is where it is looked for
    /// first, and then behind the field that was found.
    #[must_use]
    pub fn next_field(&self, name: &str, next: &mut usize) -> Option<FieldView<'a>> {
        let at = match self.kind.fields.at(*next) {
            Some((there, _)) if there == name => *next,
            _ => self.kind.fields.position(name)?,
        };
        *next = at + 1;
        let (name, field) = self.kind.fields.at(at)?;
        Some(self.view(false, name, field))
    }

    fn view(&self, custom: bool, name: &'a str, field: &'a Field) -> FieldView<'a> {
        let profile = self
            .profile
            .and_then(|p| if custom { p.fields.get(&format!("custom.{name}")) } else { p.fields.get(name) });
        FieldView { custom, name, field, profile }
    }

    /// All fields: the catalog's, then the account's custom ones.
    pub fn fields(&self) -> impl Iterator<Item = FieldView<'a>> + '_ {
        let own = self.kind.fields.iter().map(|(name, field)| self.view(false, name, field));
        let custom = self.custom.into_iter().flat_map(|fields| fields.iter());
        own.chain(custom.map(|(name, field)| self.view(true, name, field)))
    }

    /// The type of a field in the terms of plans. Values that are there show that the product's limit was wider once.
    #[must_use]
    pub fn type_of(&self, field: FieldView<'_>) -> Type {
        let ty = field.field.ty.to_type(&self.system, self.name, field);
        let longest = field.profile.and_then(|profile| profile.longest);
        let longest = longest.map(|longest| u32::try_from(longest).unwrap_or(u32::MAX));
        match longest {
            Some(longest) => widened(ty, longest),
            None => ty,
        }
    }

    /// The states, when `field` holds them: the catalog's, then those that the account added.
    pub fn states(&self) -> impl Iterator<Item = (&'a str, &'a State)> + '_ {
        let own = self.kind.states.as_ref().into_iter().flat_map(|states| states.values.iter());
        own.chain(self.states.into_iter().flat_map(|states| states.iter()))
    }

    /// The entry of the state field.
    #[must_use]
    pub fn state_field(&self) -> Option<&'a States> {
        self.kind.states.as_ref()
    }

    /// A state by its name.
    #[must_use]
    pub fn state(&self, name: &str) -> Option<&'a State> {
        self.states().find(|(state, _)| *state == name).map(|(_, state)| state)
    }

    /// The names of all options of a choice field, declared by catalog or account; in declared order. Empty for other fields.
    #[must_use]
    pub fn options(&self, field: FieldView<'a>) -> Vec<&'a str> {
        let path = field.path();
        if self.kind.states.as_ref().is_some_and(|states| *states.field == *path) {
            return self.states().map(|(name, _)| name).collect();
        }
        let mut names: Vec<&str> = field.field.options.0.keys().collect();
        if let Some(added) = self.options.and_then(|options| options.get(&path)) {
            names.extend(added.0.keys().filter(|name| !field.field.options.0.contains(name)));
        }
        names
    }

    /// Whether an account can hold options that nobody declared: then only observed values tell. An inventory that
    /// lists those of the field has declared them.
    #[must_use]
    pub fn options_open(&self, field: FieldView<'a>) -> bool {
        if self
            .options
            .is_some_and(|options| options.get(&field.path()).is_some_and(|listed| !listed.0.is_empty()))
        {
            return false;
        }
        let is_state = self.kind.states.as_ref().filter(|states| *states.field == *field.path());
        is_state.map_or(field.field.open, |states| states.open)
    }

    /// Number of records, when the inventory counted them.
    #[must_use]
    pub fn count(&self) -> Option<u64> {
        self.profile.map(|profile| profile.count)
    }

    /// What people call one of them.
    #[must_use]
    pub fn title(&self) -> &str {
        if self.kind.title.is_empty() { self.name } else { &self.kind.title }
    }
}
