//! Whose an address is: who gave a person of the team the one under which they sign.
//!
//! The person is followed, not the file: through all commits that changed a spec, whatever it was called and wherever it lay.

use std::collections::BTreeSet;

use super::past::{MOST, Node, Past};
use super::said::plain;
use super::theirs::Theirs;

/// How many merges of different addresses are looked into.
const MERGES: usize = 200;

/// How somebody came to their address.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Came {
    /// It is the first one that they ever had.
    Rightly,
    /// Somebody else gave it to them.
    Given(Swap),
    /// Whoever signs with it, or had it, or they themself put it in the place of another one.
    Taken(Swap),
    /// No commit gives them this address.
    NotCommitted,
    /// Older commits would have to be read.
    TooLong,
}

/// How an address came into the place of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Swap {
    pub(super) before: String,
    /// The commit, and whoever had a hand in it; of these only who had no business there, if there are such.
    pub(super) hash: String,
    pub(super) by: BTreeSet<String>,
}

/// Looks for the commits from which on somebody has an address without a break. One that was written by another person is enough: what the
/// bearer of an address writes after that changes nothing. That it is the first one on a branch is not, if they took it over on another. Another
/// person is neither themself, from whichever of their addresses, nor anybody else who had this address.
///
/// `hid` says who wrote the line of such a commit before it, where nobody could read it: who mends the rest of a file gives nobody an address.
pub(super) fn came(past: &Past, who: &str, address: &str, hid: &dyn Fn(&Node) -> BTreeSet<String>) -> Came {
    let theirs = past.theirs(who, address);
    let address = plain(address);
    let bearers = past.bearers(&theirs, &address);
    let Some(tip) = past.nodes.len().checked_sub(1) else { return Came::NotCommitted };
    if !past.holds(tip, &theirs, &address) {
        return Came::NotCommitted;
    }
    let (mut open, mut met) = (vec![tip], BTreeSet::new());
    let (mut taken, mut first, mut too_long, mut merges) = (None, false, false, 0);
    while let Some(at) = open.pop() {
        let Some(node) = past.nodes.get(at).filter(|_| met.insert(at)) else { continue };
        let (with, without): (Vec<usize>, Vec<usize>) =
            node.parents.iter().partition(|parent| past.holds(**parent, &theirs, &address));
        merges += usize::from(!with.is_empty() && !without.is_empty());
        if merges > MERGES {
            return Came::TooLong;
        }
        // Who merges branches of which one gave another address decides nothing, unless both did, or the one that did was overruled.
        let follows = |other: &usize| with.iter().all(|one| past.unchanged(*one, *other, &theirs));
        if !with.is_empty() && without.iter().all(follows) {
            open.extend(with);
            continue;
        }
        let before =
            without.iter().flat_map(|other| past.had_by(*other, &theirs)).find(|had| **had != address);
        let swap = |before: &String, by| Swap { before: before.clone(), hash: node.hash.clone(), by };
        let is_own = |hand: &String| theirs.has(hand) || bearers.contains(hand);
        let mut own: BTreeSet<String> = node.hands.iter().filter(|hand| is_own(hand)).cloned().collect();
        if own.is_empty() {
            own = hid(node).into_iter().filter(is_own).collect();
        }
        match before {
            // What was not read may have held it, or another one: it does not matter when somebody else wrote this one.
            _ if own.is_empty() => {
                let swap = |before: &String| Came::Given(swap(before, node.hands.clone()));
                return before.map_or(Came::Rightly, swap);
            }
            Some(before) => taken = Some(swap(before, own)),
            None if node.cut => too_long = true,
            None if with.is_empty() && without.iter().any(|other| past.is_cut(*other)) => too_long = true,
            None => first = true,
        }
    }
    match taken {
        Some(swap) => Came::Taken(swap),
        None if too_long || !first => Came::TooLong,
        None => Came::Rightly,
    }
}

/// What is said when a history is too long.
pub(super) fn too_long(who: &str) -> String {
    format!(
        "who gave `{who}` the `git` address lies further back than the last {MOST} commits of specs, or behind more than {MERGES} merges"
    )
}

impl Past {
    /// The addresses that somebody has in a commit.
    pub(super) fn had(&self, at: usize, who: &str) -> impl Iterator<Item = &String> {
        self.nodes.get(at).and_then(|node| node.addresses.get(who)).into_iter().flatten()
    }

    /// Whether a commit says in `team` that somebody has an address, and no other one.
    pub(super) fn says(&self, hash: &str, who: &str, address: &str) -> bool {
        let at = self.nodes.iter().position(|node| node.hash == hash);
        at.is_some_and(|at| self.had(at, who).eq([&plain(address)]))
    }

    fn holds(&self, at: usize, theirs: &Theirs, address: &str) -> bool {
        self.had_by(at, theirs).into_iter().eq([address])
    }

    /// Whether somebody has the same addresses in `other` as where it parted from `one`.
    fn unchanged(&self, one: usize, other: usize, theirs: &Theirs) -> bool {
        let had = |at: usize| self.had_by(at, theirs);
        let now = had(other);
        let bases = self.bases(one, other);
        if bases.is_empty() { now.is_empty() } else { bases.into_iter().all(|base| had(base) == now) }
    }

    /// The last commits that lie before two.
    fn bases(&self, one: usize, other: usize) -> Vec<usize> {
        let (one, other) = (self.behind([one]), self.behind([other]));
        let common: Vec<usize> =
            one.iter().zip(&other).enumerate().filter(|(_, (a, b))| **a && **b).map(|(at, _)| at).collect();
        let older = self.behind(
            common.iter().filter_map(|at| self.nodes.get(*at)).flat_map(|node| node.parents.iter().copied()),
        );
        common.into_iter().filter(|at| older.get(*at) != Some(&true)).collect()
    }

    /// Which commits lie behind some, these included.
    pub(super) fn behind(&self, some: impl IntoIterator<Item = usize>) -> Vec<bool> {
        let mut met = vec![false; self.nodes.len()];
        for at in some {
            if let Some(place) = met.get_mut(at) {
                *place = true;
            }
        }
        // Each comes behind those before it, so one way through is enough.
        for at in (0..self.nodes.len()).rev() {
            if met.get(at) == Some(&true) {
                for parent in self.nodes.get(at).into_iter().flat_map(|node| &node.parents) {
                    if let Some(place) = met.get_mut(*parent) {
                        *place = true;
                    }
                }
            }
        }
        met
    }

    /// Whether something before a commit was not read.
    fn is_cut(&self, at: usize) -> bool {
        let behind = self.behind([at]);
        self.nodes.iter().zip(behind).any(|(node, behind)| behind && node.cut)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::rc::Rc;

    use super::super::past::{Addresses, Node, Past};
    use super::{Came, Swap, came};

    /// A commit: who made it, behind which others, and the address that Ines has there.
    type Commit<'a> = (&'a str, &'a [usize], Option<&'a str>);

    fn past(commits: &[Commit<'_>]) -> Past {
        let nodes = commits.iter().map(|(who, parents, address)| {
            let mut addresses = Addresses::new();
            if let Some(address) = address {
                addresses.insert("ines".to_owned(), BTreeSet::from([(*address).to_owned()]));
            }
            Node {
                hash: String::new(),
                files: Rc::default(),
                parents: parents.to_vec(),
                cut: false,
                hands: BTreeSet::from([(*who).to_owned()]),
                people: Rc::new(addresses.keys().cloned().collect()),
                addresses: Rc::new(addresses),
            }
        });
        Past { nodes: nodes.collect(), ..Past::default() }
    }

    #[test]
    fn an_address_is_given_by_somebody_else_or_is_the_first() {
        let swap = |before: &str, by: &str| Swap {
            before: before.to_owned(),
            hash: String::new(),
            by: BTreeSet::from([by.to_owned()]),
        };
        let (taken, given) =
            (|before| Came::Taken(swap(before, "k")), |before| Came::Given(swap(before, "a")));
        let cases: [(&str, &[Commit<'_>], Came); 14] = [
            ("the first one, by herself", &[("i", &[], Some("i"))], Came::Rightly),
            ("later, by herself", &[("a", &[], None), ("i", &[0], Some("i"))], Came::Rightly),
            ("taken over", &[("a", &[], Some("i")), ("k", &[0], Some("k"))], taken("i")),
            ("given", &[("a", &[], Some("i")), ("a", &[0], Some("k"))], given("i")),
            (
                "by herself, from the one before",
                &[("a", &[], Some("i")), ("i", &[0], Some("k"))],
                Came::Taken(swap("i", "i")),
            ),
            (
                "by herself, from one that she had once",
                &[("a", &[], Some("i")), ("a", &[0], Some("m")), ("i", &[1], Some("k"))],
                Came::Taken(swap("m", "i")),
            ),
            (
                "changed on a branch, which somebody else merged",
                &[
                    ("a", &[], Some("i")),
                    ("k", &[0], Some("k")),
                    ("a", &[0], Some("i")),
                    ("a", &[2, 1], Some("k")),
                ],
                taken("i"),
            ),
            (
                "given on a branch, which the bearer merged",
                &[
                    ("a", &[], Some("i")),
                    ("a", &[0], Some("k")),
                    ("a", &[0], Some("i")),
                    ("k", &[2, 1], Some("k")),
                ],
                given("i"),
            ),
            (
                "given back by a merge of the bearer",
                &[
                    ("a", &[], Some("k")),
                    ("a", &[0], Some("i")),
                    ("k", &[0], Some("k")),
                    ("k", &[1, 2], Some("k")),
                ],
                taken("i"),
            ),
            (
                "two branches differ, and the bearer decides",
                &[
                    ("a", &[], None),
                    ("a", &[0], Some("i")),
                    ("k", &[0], Some("k")),
                    ("k", &[1, 2], Some("k")),
                ],
                taken("i"),
            ),
            (
                "two branches differ, and somebody else decides",
                &[
                    ("a", &[], None),
                    ("a", &[0], Some("i")),
                    ("k", &[0], Some("k")),
                    ("a", &[1, 2], Some("k")),
                ],
                given("i"),
            ),
            (
                "taken over, and the first one on a branch from before",
                &[
                    ("a", &[], None),
                    ("a", &[0], Some("i")),
                    ("k", &[1], Some("k")),
                    ("k", &[0], Some("k")),
                    ("k", &[2, 3], Some("k")),
                ],
                taken("i"),
            ),
            (
                "another beginning is merged",
                &[("a", &[], Some("i")), ("k", &[], Some("k")), ("k", &[0, 1], Some("k"))],
                taken("i"),
            ),
            ("somebody else", &[("a", &[], Some("i"))], Came::NotCommitted),
        ];
        for (what, commits, expected) in cases {
            let address = commits.last().and_then(|(_, _, address)| *address).unwrap_or_default();
            let address = if what == "somebody else" { "k" } else { address };
            assert_eq!(came(&past(commits), "ines", address, &|_| BTreeSet::new()), expected, "{what}");
        }
    }

    #[test]
    fn what_was_not_read_is_not_known() {
        let mut some = past(&[("k", &[], Some("k"))]);
        for node in &mut some.nodes {
            node.cut = true;
        }
        assert_eq!(came(&some, "ines", "k", &|_| BTreeSet::new()), Came::TooLong);
        let mut some = past(&[("a", &[], Some("k"))]);
        for node in &mut some.nodes {
            node.cut = true;
        }
        assert_eq!(came(&some, "ines", "k", &|_| BTreeSet::new()), Came::Rightly);
    }
}
