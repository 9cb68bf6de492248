//! A product together with one account: the kinds, fields, options and states that a spec may name.

use std::borrow::Cow;

use crate::catalog::Catalog;
use crate::inventory::{Inventory, Object, Profile};
use crate::kind::{Field, FieldOption, Kind, Part, State, StateCategory};

/// A product, and what one account holds of it where that is known.
#[derive(Clone, Copy, Debug)]
pub struct System<'a> {
    /// The product.
    pub catalog: &'a Catalog,
    /// The account.
    pub inventory: Option<&'a Inventory>,
}

/// A kind under the name that a spec used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NamedKind<'a> {
    /// The kind's own name.
    pub name: &'a str,
    /// The kind.
    pub kind: &'a Kind,
    /// Whether the spelling was a plural: the kind's own, or an alias that ends in `s`.
    pub plural: bool,
}

/// A field that a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FoundField<'a> {
    /// The kind that has the field: for `requester.email` the requester's.
    pub kind_name: &'a str,
    /// Name of the field; without `custom.` for custom fields.
    pub name: &'a str,
    /// The field.
    pub field: &'a Field,
    /// Whether it is a custom field of the account.
    pub custom: bool,
    /// Whether a reference on the way may be missing, so that the value may be missing too.
    pub through_optional: bool,
}

/// An option of a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamedOption<'a> {
    /// An option of an ordinary field.
    Plain(&'a str, &'a FieldOption),
    /// A state.
    State(&'a str, &'a State),
}

impl<'a> NamedOption<'a> {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'a str {
        match self {
            NamedOption::Plain(name, _) | NamedOption::State(name, _) => name,
        }
    }

    /// What it means in every product.
    #[must_use]
    pub fn canon(self) -> Option<&'a str> {
        match self {
            NamedOption::Plain(_, option) => option.canon.as_deref(),
            NamedOption::State(_, state) => Some(state.category.name()),
        }
    }

    /// The product's own value; the name where that does not differ.
    #[must_use]
    pub fn api(self) -> &'a str {
        match self {
            NamedOption::Plain(name, option) => option.api.as_deref().unwrap_or(name),
            NamedOption::State(name, state) => state.api.as_deref().unwrap_or(name),
        }
    }
}

impl<'a> System<'a> {
    /// Kinds in order: the catalog's, then those that the account declares.
    pub fn kinds(self) -> impl Iterator<Item = (&'a str, &'a Kind)> {
        let declared = self.inventory.into_iter().flat_map(|inventory| inventory.schema.iter());
        self.catalog.kinds.iter().chain(declared.map(|(name, kind)| (name, &**kind)))
    }

    /// The kind of this name, exactly.
    #[must_use]
    pub fn kind(self, name: &str) -> Option<(&'a str, &'a Kind)> {
        let own = || {
            let schema = &self.inventory?.schema;
            schema.at(schema.position(name)?).map(|(name, kind)| (name, &**kind))
        };
        let kinds = &self.catalog.kinds;
        kinds.position(name).and_then(|at| kinds.at(at)).or_else(own)
    }

    /// The kind that a spec spells so: by name, plural or alias. A name is found at once, another spelling by a walk over the kinds:
    /// who asks often keeps a table of [`System::spellings`].
    #[must_use]
    pub fn spelled(self, spelling: &str) -> Option<NamedKind<'a>> {
        if let Some((name, kind)) = self.kind(spelling) {
            return Some(NamedKind { name, kind, plural: *kind.plural_of(name) == *spelling });
        }
        self.kinds().find_map(|(name, kind)| {
            let plural = *kind.plural_of(name) == *spelling;
            let alias = kind.aliases.contains(spelling);
            (plural || alias).then_some(NamedKind { name, kind, plural: plural || spelling.ends_with('s') })
        })
    }

    /// All spellings of all kinds, with the kind's name.
    pub fn spellings(self) -> impl Iterator<Item = (Cow<'a, str>, &'a str)> {
        self.kinds().flat_map(|(name, kind)| {
            let plural = kind.plural_of(name);
            kind.spellings(name).map(Cow::Borrowed).chain([plural]).map(move |spelling| (spelling, name))
        })
    }

    /// Kinds that are this part of a helpdesk.
    pub fn of_part(self, part: Part) -> impl Iterator<Item = (&'a str, &'a Kind)> {
        self.kinds().filter(move |(_, kind)| kind.part == part)
    }

    /// Fields of a kind: the catalog's, then the account's custom fields as (`name`, field, `true`).
    pub fn fields(self, kind_name: &str) -> impl Iterator<Item = (&'a str, &'a Field, bool)> {
        let own = self
            .kind(kind_name)
            .into_iter()
            .flat_map(|(_, kind)| kind.fields.iter())
            .map(|(name, field)| (name, field, false));
        let custom = self.inventory.and_then(|inventory| inventory.custom_fields.get(kind_name));
        own.chain(
            custom.into_iter().flat_map(|fields| fields.iter()).map(|(name, field)| (name, field, true)),
        )
    }

    /// The field at a path from a kind: `subject`, `custom.region`, `comment.first`, `requester.email`, `requester.company.name`.
    /// A reference that may point to several kinds is followed into the first of them that has the field.
    #[must_use]
    pub fn field(self, kind_name: &str, path: &str) -> Option<FoundField<'a>> {
        self.field_within(kind_name, path, false, 0)
    }

    fn field_within(
        self,
        kind_name: &str,
        path: &str,
        through_optional: bool,
        depth: usize,
    ) -> Option<FoundField<'a>> {
        // A path has as many steps as it has dots; deeper ones are no fields that anybody means.
        if depth > 8 {
            return None;
        }
        let (kind_name, kind) = self.kind(kind_name)?;
        if let Some((name, field)) = kind.fields.position(path).and_then(|at| kind.fields.at(at)) {
            return Some(FoundField { kind_name, name, field, custom: false, through_optional });
        }
        if let Some(custom) = path.strip_prefix("custom.") {
            let fields = self.inventory?.custom_fields.get(kind_name)?;
            let (name, field) = fields.position(custom).and_then(|at| fields.at(at))?;
            return Some(FoundField { kind_name, name, field, custom: true, through_optional });
        }
        let (first, rest) = path.split_once('.')?;
        let field = kind.fields.get(first)?;
        let optional = through_optional || field.ty.optional;
        field.ty.shape.references().iter().find_map(|of| self.field_within(of, rest, optional, depth + 1))
    }

    /// Options of a choice field, in order: the catalog's or the states, then those that the account added.
    #[must_use]
    pub fn options(self, kind_name: &str, found: &FoundField<'a>) -> Vec<NamedOption<'a>> {
        let mut options: Vec<NamedOption<'a>> =
            found.field.options.0.iter().map(|(name, option)| NamedOption::Plain(name, option)).collect();
        if found.custom {
            return options;
        }
        let kind = self.kind(kind_name).map(|(_, kind)| kind);
        if kind.and_then(|kind| kind.states.as_ref()).is_some_and(|states| &*states.field == found.name) {
            options.extend(self.states(kind_name).map(|(name, state)| NamedOption::State(name, state)));
        }
        let added = self
            .inventory
            .and_then(|inventory| inventory.options.get(kind_name))
            .and_then(|fields| fields.get(found.name));
        options.extend(
            added
                .into_iter()
                .flat_map(|added| added.0.iter())
                .map(|(name, option)| NamedOption::Plain(name, option)),
        );
        options
    }

    /// States of a kind: the catalog's that the account does not redefine, then the account's.
    pub fn states(self, kind_name: &str) -> impl Iterator<Item = (&'a str, &'a State)> {
        let own = self.inventory.and_then(|inventory| inventory.states.get(kind_name));
        let catalog = self.kind(kind_name).and_then(|(_, kind)| kind.states.as_ref());
        let kept = catalog.into_iter().flat_map(|states| states.values.iter());
        kept.filter(move |(name, _)| !own.is_some_and(|own| own.contains(name)))
            .chain(own.into_iter().flat_map(|own| own.iter()))
    }

    /// The first state of a kind in a category: the catalogs' own correspondence of states.
    #[must_use]
    pub fn state_of(self, kind_name: &str, category: StateCategory) -> Option<(&'a str, &'a State)> {
        self.states(kind_name).find(|(_, state)| state.category == category)
    }

    /// Named objects of a kind in the account; `None` when the inventory does not list the kind.
    #[must_use]
    pub fn objects(self, kind_name: &str) -> Option<&'a [Object]> {
        self.inventory.and_then(|inventory| inventory.objects.get(kind_name)).map(Vec::as_slice)
    }

    /// Counts and measures of a kind in the account.
    #[must_use]
    pub fn profile(self, kind_name: &str) -> Option<&'a Profile> {
        self.inventory.and_then(|inventory| inventory.profile.get(kind_name))
    }

    /// The account's plan under the catalog's name of it.
    #[must_use]
    pub fn plan(self) -> Option<&'a str> {
        self.inventory
            .and_then(|inventory| inventory.plan.as_deref())
            .and_then(|plan| self.catalog.plan(plan))
    }
}

impl Catalog {
    /// The name of a plan that is spelled so, by name or alias.
    #[must_use]
    pub fn plan(&self, spelling: &str) -> Option<&str> {
        self.plans
            .iter()
            .find(|(name, plan)| *name == spelling || plan.aliases.contains(spelling))
            .map(|(name, _)| name)
    }

    /// Whether a plan has a feature. A feature that no plan names is on every plan; without a plan the answer is unknown when it differs.
    #[must_use]
    pub fn has_feature(&self, plan: Option<&str>, feature: &str) -> Option<bool> {
        let having = self.plans.values().filter(|plan| plan.features.contains(feature)).count();
        if having == 0 || having == self.plans.len() {
            return Some(true);
        }
        let plan = self.plans.get(self.plan(plan?)?)?;
        Some(plan.features.contains(feature))
    }
}
