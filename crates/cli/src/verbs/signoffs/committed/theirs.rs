//! What is one person's: the addresses that they had, whatever they are called by today, and the commits that came from these.
//!
//! Who changes their address keeps their work. What came from an address while it was somebody else's is that person's, unless whoever is asked
//! about gave it to them.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use super::history::{Commit, History};
use super::past::{Addresses, Past};
use super::said::plain;

/// Somebody, with all addresses that they had in any version of the team.
pub(super) struct Theirs {
    /// The short name under which they are asked about, and all under which they stood in it.
    who: String,
    names: BTreeSet<String>,
    addresses: BTreeSet<String>,
    /// The one that they have today.
    pub(super) today: String,
    /// Those of their addresses that others had as well, each with the short names of these.
    shared: BTreeMap<String, BTreeSet<String>>,
    /// The last commit of the past behind each commit of the repository: read when an address was several people's.
    last: OnceCell<BTreeMap<String, usize>>,
}

impl History<'_> {
    /// Who somebody of the team is who has an address today.
    pub(super) fn theirs(&self, who: &str, address: &str) -> Theirs {
        match self.past() {
            Ok(past) => past.theirs(who, address),
            // Why it cannot be read is told where the address is asked about.
            Err(_) => Past::default().theirs(who, address),
        }
    }

    /// The address from which somebody made a commit, alone or with others; none where it is not theirs.
    pub(super) fn wrote_as<'c>(&self, theirs: &Theirs, commit: &'c Commit) -> Option<&'c str> {
        commit.by.iter().map(String::as_str).find(|address| self.is_theirs(theirs, &commit.hash, address))
    }

    /// Whether what came from an address in a commit is somebody's.
    pub(super) fn is_theirs(&self, theirs: &Theirs, hash: &str, address: &str) -> bool {
        let address = plain(address);
        if !theirs.addresses.contains(&address) {
            return false;
        }
        let Some(others) = theirs.shared.get(&address) else { return true };
        let (Ok(past), Some(at)) = (self.past(), self.last_before(theirs, hash)) else { return true };
        !others.iter().any(|other| past.was_anothers(at, &address, other, theirs))
    }

    /// The last commit of the past behind a commit, or this one itself.
    fn last_before(&self, theirs: &Theirs, hash: &str) -> Option<usize> {
        let read = || {
            let Ok(past) = self.past() else { return BTreeMap::new() };
            let nodes: BTreeMap<&str, usize> =
                past.nodes.iter().enumerate().map(|(at, node)| (node.hash.as_str(), at)).collect();
            let told = self.git.ask(&["log", "--topo-order", "--reverse", "--format=%H %P", "HEAD"]);
            let told = String::from_utf8_lossy(&told.unwrap_or_default()).into_owned();
            let mut last: BTreeMap<String, usize> = BTreeMap::new();
            for line in told.lines() {
                let mut hashes = line.split(' ');
                let Some(hash) = hashes.next() else { continue };
                let at = nodes
                    .get(hash)
                    .copied()
                    .or_else(|| hashes.filter_map(|parent| last.get(parent).copied()).max());
                last.extend(at.map(|at| (hash.to_owned(), at)));
            }
            last
        };
        theirs.last.get_or_init(read).get(hash).copied()
    }
}

impl Theirs {
    pub(super) fn has(&self, address: &str) -> bool {
        self.addresses.contains(address)
    }
}

impl Past {
    /// Who somebody is: themself, and whoever had the same full name under another short one. Two who stand beside each other today are two people,
    /// whatever a slip once called them.
    pub(super) fn theirs(&self, who: &str, address: &str) -> Theirs {
        let titles = self.titles.get(who);
        let is_same = |others: &BTreeSet<String>| titles.is_some_and(|titles| !titles.is_disjoint(others));
        let today = self.nodes.last().map(|node| &node.people).filter(|people| people.contains(who));
        let is_beside = |name: &String| today.is_some_and(|people| people.contains(name));
        let also = self.titles.iter().filter(|(name, titles)| is_same(titles) && !is_beside(name));
        let also = also.map(|(name, _)| name.clone());
        let names: BTreeSet<String> = also.chain([who.to_owned()]).collect();
        let had = self.all_had();
        let of_names = |names: &BTreeSet<String>| {
            names.iter().filter_map(|name| had.get(name)).flatten().cloned().collect::<BTreeSet<String>>()
        };
        let mut addresses = of_names(&names);
        addresses.insert(plain(address));
        let mut shared: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (other, others) in had.iter().filter(|(other, _)| !names.contains(*other)) {
            for address in addresses.intersection(others) {
                shared.entry(address.clone()).or_default().insert(other.clone());
            }
        }
        Theirs {
            who: who.to_owned(),
            names,
            addresses,
            today: address.to_owned(),
            shared,
            last: OnceCell::new(),
        }
    }

    /// The addresses that somebody has in a commit, or else had last: under their short name, where they stand under another one under that.
    pub(super) fn had_by(&self, at: usize, theirs: &Theirs) -> BTreeSet<&String> {
        let Some(node) = self.nodes.get(at) else { return BTreeSet::new() };
        let had = |who: &String| node.addresses.get(who).into_iter().flatten();
        let (own, stands) =
            (had(&theirs.who).collect::<BTreeSet<_>>(), |who: &&String| node.people.contains(*who));
        if stands(&&theirs.who) && !own.is_empty() {
            return own;
        }
        let standing: BTreeSet<&String> = theirs.names.iter().filter(stands).flat_map(had).collect();
        match (standing.is_empty(), own.is_empty()) {
            (false, _) => standing,
            (true, false) => own,
            (true, true) => theirs.names.iter().flat_map(had).collect(),
        }
    }

    /// The addresses of whoever else had one of somebody's addresses, by which they could sign for them.
    pub(super) fn bearers(&self, theirs: &Theirs, address: &str) -> BTreeSet<String> {
        let had = self.all_had();
        let others = theirs.shared.get(address).into_iter().flatten();
        others.filter_map(|other| had.get(other)).flatten().cloned().collect()
    }

    /// All addresses that each person ever had.
    fn all_had(&self) -> Addresses {
        let mut all = Addresses::new();
        let mut last = None;
        for node in &self.nodes {
            // Most commits share what the one before them has.
            if last.replace(&node.addresses).is_some_and(|last| std::rc::Rc::ptr_eq(last, &node.addresses)) {
                continue;
            }
            for (who, addresses) in node.addresses.iter() {
                let had = all.entry(who.clone()).or_default();
                had.extend(addresses.iter().cloned());
            }
        }
        all
    }

    /// Whether an address stood in the team for another person alone, to whom somebody else had given it.
    fn was_anothers(&self, at: usize, address: &str, other: &str, theirs: &Theirs) -> bool {
        let has = |at: usize, who: &str| self.had(at, who).any(|had| had == address);
        let stands = self.nodes.get(at).is_some_and(|node| node.people.contains(other));
        if !stands || !has(at, other) || theirs.names.iter().any(|name| has(at, name)) {
            return false;
        }
        let behind = self.behind([at]);
        let behind = self.nodes.iter().enumerate().zip(&behind).filter(|(_, behind)| **behind);
        behind.map(|(node, _)| node).all(|(at, node)| {
            let is_given = has(at, other) && !node.parents.iter().any(|parent| has(*parent, other));
            !is_given || node.hands.is_disjoint(&theirs.addresses)
        })
    }
}
