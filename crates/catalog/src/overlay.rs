//! Catalogs that add to others: `extends: zendesk@7`.

use crate::catalog::Catalog;
use crate::kind::Kind;

/// Why a catalog's ancestors could not be put together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExtendsError {
    /// `extends` is not `name@revision`.
    Malformed {
        /// What stands there.
        text: String,
    },
    /// There is no catalog of this name.
    Unknown {
        /// The name.
        name: String,
    },
    /// The catalog has another revision.
    OtherRevision {
        /// The name.
        name: String,
        /// The revision that `extends` asks for.
        wanted: u32,
        /// The revision that there is.
        found: u32,
    },
    /// A catalog extends itself, through others or at once.
    Cycle {
        /// Names along the way, the first again at the end.
        chain: Vec<String>,
    },
}

/// Reads `zendesk@7`.
#[must_use]
pub fn parse_extends(text: &str) -> Option<(&str, u32)> {
    let (name, revision) = text.split_once('@')?;
    let revision = revision.parse().ok().filter(|revision| *revision > 0)?;
    crate::field_type::is_name(name).then_some((name, revision))
}

/// The name in what a catalog extends, whatever its revision is: `zendesk`.
pub(crate) fn product_of(extends: &str) -> &str {
    extends.split_once('@').map_or(extends, |(name, _)| name)
}

/// Puts a catalog together with all that it extends. `find` gives the catalog of a name: a team's own before one in the program.
///
/// What is wrong comes beside the catalog. One that names no revision, or another than there is, is put together all the same, so that
/// checking goes on. A chain is followed at most as far as there are catalogs; a cycle is found by name.
pub fn resolve(
    catalog: Catalog,
    mut find: impl FnMut(&str) -> Option<Catalog>,
) -> (Option<Catalog>, Option<ExtendsError>) {
    let mut overlays = vec![catalog];
    let mut chain: Vec<String> = Vec::new();
    let mut wrong = None;
    while let Some((top, extends)) = overlays.last().and_then(|top| Some((top, top.extends.clone()?))) {
        chain.push(top.name.to_string());
        let revision = parse_extends(&extends).map(|(_, revision)| revision);
        let name = product_of(&extends);
        if revision.is_none() {
            wrong.get_or_insert(ExtendsError::Malformed { text: extends.to_string() });
        }
        if !crate::field_type::is_name(name) {
            return (None, wrong);
        }
        // A team's catalog may bear the name of the one in the program that it adds to: only what is extended counts as seen.
        if chain.iter().skip(1).any(|seen| seen == name) {
            chain.push(name.to_owned());
            return (None, Some(ExtendsError::Cycle { chain }));
        }
        let Some(base) = find(name) else {
            return (None, wrong.or_else(|| Some(ExtendsError::Unknown { name: name.to_owned() })));
        };
        if let Some(wanted) = revision.filter(|wanted| *wanted != base.revision) {
            let found = base.revision;
            wrong.get_or_insert(ExtendsError::OtherRevision { name: name.to_owned(), wanted, found });
        }
        overlays.push(base);
    }
    let mut whole = overlays.pop().unwrap_or_default();
    while let Some(overlay) = overlays.pop() {
        whole.overlay(overlay);
    }
    (Some(whole), wrong)
}

impl Catalog {
    /// The product whose catalog this one of a team adds to: `zendesk`.
    #[must_use]
    pub fn extended(&self) -> Option<&str> {
        self.extends.as_deref().map(product_of)
    }

    /// Takes what an overlay says: facts of the same id are replaced in their place, new ones are added at the end.
    pub fn overlay(&mut self, over: Catalog) {
        let Catalog {
            name,
            title,
            revision,
            extends,
            version,
            generic,
            sources,
            plans,
            kinds,
            constraints,
            limits,
            rates,
            capabilities,
            sla,
            credentials,
            exports,
            notes,
        } = over;
        self.name = name;
        self.revision = revision;
        self.extends = extends;
        self.generic |= generic;
        if !title.is_empty() {
            self.title = title;
        }
        self.version = version.or(self.version.take());
        self.sources.overlay(sources);
        self.plans.overlay(plans);
        self.constraints.overlay(constraints);
        self.limits.overlay(limits);
        self.rates.overlay(rates);
        self.capabilities.overlay(capabilities);
        self.credentials.overlay(credentials);
        self.exports.overlay(exports);
        self.notes.overlay(notes);
        self.sla.model = sla.model.or(self.sla.model.take());
        self.sla.choice = sla.choice.or(self.sla.choice);
        self.sla.policy = sla.policy.or(self.sla.policy.take());
        self.sla.calendar = sla.calendar.or(self.sla.calendar.take());
        self.sla.metrics.overlay(sla.metrics);
        if !sla.from.is_empty() {
            self.sla.from = sla.from;
        }
        self.sla.mark = sla.mark.or(self.sla.mark);
        let mut added = Vec::new();
        for (kind_name, kind) in kinds.into_rows() {
            match self.kinds.get_mut(&kind_name) {
                Some(base) => base.overlay(kind),
                None => added.push((kind_name, kind)),
            }
        }
        self.kinds.overlay(added.into_iter().collect());
    }
}

impl Kind {
    fn overlay(&mut self, over: Kind) {
        let Kind {
            plural,
            title,
            aliases,
            part,
            summary,
            api,
            scope,
            with,
            fields,
            states,
            custom_fields,
            words,
            answers,
            read,
            load,
            plans,
            from,
            mark,
            note,
        } = over;
        for (own, new) in [(&mut self.plural, plural), (&mut self.title, title), (&mut self.summary, summary)]
        {
            if !new.is_empty() {
                *own = new;
            }
        }
        let lists = [
            (&mut self.aliases, aliases),
            (&mut self.answers, answers),
            (&mut self.plans, plans),
            (&mut self.from, from),
        ];
        for (own, new) in lists {
            if !new.is_empty() {
                *own = new;
            }
        }
        if !part.is_unset() {
            self.part = part;
        }
        if scope != crate::kind::Scope::Asked {
            self.scope = scope;
        }
        self.api = api.or(self.api.take());
        self.with = with.or(self.with.take());
        self.custom_fields = custom_fields.or(self.custom_fields.take());
        self.read = read.or(self.read.take());
        self.load = load.or(self.load.take());
        self.mark = mark.or(self.mark);
        self.note = note.or(self.note.take());
        self.fields.overlay(fields);
        self.words.overlay(words);
        match (&mut self.states, states) {
            (Some(own), Some(new)) => {
                own.field = new.field;
                own.open |= new.open;
                own.values.overlay(new.values);
                if !new.from.is_empty() {
                    own.from = new.from;
                }
            }
            (own @ None, new) => *own = new,
            (Some(_), None) => {}
        }
    }
}
