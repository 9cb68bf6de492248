//! What all comparisons share: both plans, and how a change is noted.

use std::collections::{BTreeMap, BTreeSet};

use cutover_ir::Id;
use cutover_plan::Plan;
use cutover_plan::bundle::Places;
use cutover_plan::model::{Moment, Ref};
use cutover_plan::text::words;

use crate::change::{Affected, Change};
use crate::kind::Kind;
use crate::order::Strength;
use crate::subset::Classes;
use crate::{Counts, Side};

/// Both plans, what is being compared, and what was found.
pub(super) struct Context<'a> {
    pub(super) old: &'a Plan,
    pub(super) new: &'a Plan,
    pub(super) counts: &'a Counts,
    places: [&'a Places; 2],
    /// Which statuses are unfinished.
    pub(super) classes: Classes,
    /// New ids of renamed items, by their old ones.
    pub(super) renamed: BTreeMap<&'a Id, &'a Id>,
    /// What the next changes are about.
    pub(super) id: Id,
    pub(super) subject: String,
    pub(super) affected: Affected,
    pub(super) changes: Vec<Change>,
    /// Items, people and parts of which something was told.
    pub(super) told: BTreeSet<Id>,
}

/// The kinds for a safeguard that became weaker, stronger, or another one.
#[derive(Clone, Copy)]
pub(super) struct Trio(pub(super) Kind, pub(super) Kind, pub(super) Kind);

impl<'a> Context<'a> {
    pub(super) fn new(old: Side<'a>, new: Side<'a>, counts: &'a Counts) -> Context<'a> {
        Context {
            old: old.plan,
            new: new.plan,
            counts,
            places: [old.places, new.places],
            classes: Classes::of([old.plan, new.plan]),
            renamed: BTreeMap::new(),
            id: Id::new(["plan"]),
            subject: String::new(),
            affected: Affected::None,
            changes: Vec::new(),
            told: BTreeSet::new(),
        }
    }

    /// Says what the next changes are about.
    pub(super) fn about(&mut self, id: Id, subject: impl Into<String>) {
        self.id = id;
        self.subject = subject.into();
        self.affected = Affected::None;
    }

    /// Notes a change.
    pub(super) fn say(
        &mut self,
        kind: Kind,
        part: impl Into<String>,
        before: impl Into<Option<String>>,
        after: impl Into<Option<String>>,
    ) {
        let id = self.id.clone();
        self.say_of(id, kind, part, before, after);
    }

    /// Notes a change of a part that has an id of its own.
    pub(super) fn say_of(
        &mut self,
        id: Id,
        kind: Kind,
        part: impl Into<String>,
        before: impl Into<Option<String>>,
        after: impl Into<Option<String>>,
    ) {
        if !self.told.contains(&self.id) {
            self.told.insert(self.id.clone());
        }
        let [old, new] = self.places;
        let place = new.get(&id).or_else(|| old.get(&id)).cloned();
        self.changes.push(Change {
            kind,
            id,
            subject: self.subject.clone(),
            part: part.into(),
            before: before.into(),
            after: after.into(),
            affected: self.affected.clone(),
            place,
        });
    }

    /// Notes a change when two texts differ.
    pub(super) fn texts(&mut self, kind: Kind, part: &str, before: Option<String>, after: Option<String>) {
        if before != after {
            self.say(kind, part, before, after);
        }
    }

    /// Notes that a safeguard is another one, if it is.
    pub(super) fn strength(
        &mut self,
        Trio(weaker, stronger, other): Trio,
        strength: Strength,
        part: &str,
        before: impl Into<Option<String>>,
        after: impl Into<Option<String>>,
    ) {
        let kind = match strength {
            Strength::Same => return,
            Strength::Weaker => weaker,
            Strength::Stronger => stronger,
            Strength::Other => other,
        };
        self.say(kind, part, before, after);
    }

    /// Compares two lists whose order means nothing: what is gone makes it weaker, what is new makes it stronger.
    pub(super) fn members(&mut self, trio: Trio, part: &str, before: &[String], after: &[String]) {
        let gone: Vec<String> = before.iter().filter(|one| !after.contains(one)).cloned().collect();
        let come: Vec<String> = after.iter().filter(|one| !before.contains(one)).cloned().collect();
        if !gone.is_empty() {
            self.say(trio.0, part, listed(&gone), None);
        }
        if !come.is_empty() {
            self.say(trio.1, part, None, listed(&come));
        }
    }

    /// [`Context::members`] for people: whoever takes somebody's place does what they did, which makes nothing weaker.
    pub(super) fn staffed(&mut self, trio: Trio, part: &str, before: &[String], after: &[String]) {
        let others = |some: &[String], than: &[String]| {
            some.iter().filter(|one| !than.contains(one)).cloned().collect::<Vec<String>>()
        };
        let (gone, come) = (others(before, after), others(after, before));
        if gone.len() == come.len() && !gone.is_empty() {
            self.say(trio.2, part, listed(&gone), listed(&come));
        } else {
            self.members(trio, part, before, after);
        }
    }

    /// An id of the older plan, as the newer one calls it.
    pub(super) fn now<'b>(&'b self, id: &'b Id) -> &'b Id {
        self.renamed.get(id).copied().unwrap_or(id)
    }

    /// What items are called, by id; the older plan's ids under their newer names.
    pub(super) fn titles(&self, plan: &Plan, refs: &[Ref]) -> Vec<String> {
        let mut names: Vec<String> = refs.iter().map(|Ref(id)| self.title(plan, id)).collect();
        names.sort();
        names
    }

    /// What an item is called. Items that were renamed or retitled are called as they are now, so that no list that names them differs.
    pub(super) fn title(&self, plan: &Plan, id: &Id) -> String {
        let now = self.now(id);
        let item = self.new.items.get(now).or_else(|| plan.items.get(id));
        item.and_then(|item| item.title.clone())
            .map_or_else(|| words::human(&now.as_str().replace('/', " ")), |title| format!("“{title}”"))
    }

    /// Names of people, as the newer plan has them where it does.
    pub(super) fn people(&self, who: &[String]) -> Vec<String> {
        who.iter().map(|who| self.person(who)).collect()
    }

    /// The name of a person.
    pub(super) fn person(&self, who: &str) -> String {
        let person = self.new.people.get(who).or_else(|| self.old.people.get(who));
        person.map_or_else(|| who.to_owned(), |person| person.name.clone())
    }
}

/// Whether two moments are the same, or hang on the window in the same way: then the window is what moved.
pub(super) fn same_moment(old: Option<&Moment>, new: Option<&Moment>) -> bool {
    match (old, new) {
        (Some(old), Some(new)) => old.at == new.at || old.said.is_some() && old.said == new.said,
        (None, None) => true,
        _ => false,
    }
}

/// A list in words; none when it is empty.
pub(super) fn listed(all: &[String]) -> Option<String> {
    (!all.is_empty()).then(|| words::list(all))
}

/// Catalog words as people say them.
pub(super) fn humans(all: &[String]) -> Vec<String> {
    all.iter().map(|word| words::human(word)).collect()
}
