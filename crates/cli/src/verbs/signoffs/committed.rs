//! What git knows of a signature: who committed its line, and who wrote what it covers.

mod blame;
mod hidden;
mod history;
mod hunks;
mod past;
mod people;
mod said;
mod theirs;
mod work;

use std::collections::{BTreeMap, BTreeSet};

use cutover::Compared;
use cutover_diff::render;
use cutover_ir::Id;
use cutover_plan::Plan;
use cutover_plan::bundle::{self, Places};

pub(crate) use history::History;

use super::Given;
use people::{Came, Swap};
use work::Work;

/// What became of the comparison.
pub(super) enum Found {
    /// The person committed the line, and wrote nothing of what it covers. What is worth knowing of their address.
    Authenticated(Option<String>),
    /// Nobody can tell.
    Unauthenticated(String),
    /// Somebody else did, or they signed their own work.
    Wrong(String),
}

/// Compares a signature with its commit, with the authors of the item's lines, and with whoever changed what it rests on.
pub(super) fn check(history: &History<'_>, now: &Compared, id: &Id, given: &Given) -> Found {
    let (plan, places) = (&now.plan, &now.places);
    let by = &given.sign_off.by;
    let Some(address) = plan.people.get(by).and_then(|person| person.git.as_deref()) else {
        return Found::Unauthenticated(format!("`team` names no `git` address of `{by}`"));
    };
    // Git gives every line before the cut to the commit at the cut: whoever made that one would be accused.
    if history.git.is_shallow() {
        return Found::Unauthenticated(
            "the history of this clone is cut off: `git fetch --unshallow`, in CI a checkout with all of it"
                .to_owned(),
        );
    }
    match committed(history, plan, given) {
        Line::Counts => {}
        Line::Unknown => {
            return Found::Unauthenticated(format!("{}:{} is not committed", given.file, given.line));
        }
        Line::Refused(why) => {
            return Found::Wrong(format!(
                "`{by}` signed, but {why} (a merge that squashes or rebases on a forge makes such commits): `cutover sign {id} --by {by}` adds a line, for `{by}` to commit"
            ));
        }
    }
    let theirs = history.theirs(by, address);
    let note = match history.came(by, address) {
        Ok(Came::Rightly) => None,
        Ok(Came::Given(swap)) => {
            Some(format!("`{by}` {}: what they did under either address is theirs", swapped(&swap, address)))
        }
        Ok(Came::Taken(swap)) => {
            let who = match swap.by.first() {
                Some(hand) if same(hand, address) => "who signs with it",
                Some(hand) if theirs.has(hand) => "who is the same person",
                _ => "who had that address",
            };
            return Found::Wrong(format!(
                "`{by}` {}, {who}: let somebody else take that change back, and make it again in a commit after that",
                swapped(&swap, address)
            ));
        }
        Ok(Came::NotCommitted) => {
            return Found::Unauthenticated(format!("no commit says in `team` that `{by}` is {address}"));
        }
        Ok(Came::TooLong) => return Found::Unauthenticated(people::too_long(by)),
        Err(why) => {
            return Found::Unauthenticated(format!(
                "who gave `{by}` the address {address} cannot be told: {why}"
            ));
        }
    };
    let naming = |commit: &str| work::is_naming(history, plan, id, commit);
    if let Some((file, from, to)) = lines(places, id)
        && let Some(address) = history.wrote(&theirs, plan, (&file, from, to), &naming)
    {
        let lines = match to {
            u32::MAX => format!("{file}:{from} and below"),
            to if to == from => format!("{file}:{from}"),
            to => format!("{file}:{from}-{to}"),
        };
        return Found::Wrong(format!("`{by}` signed their own work: {address} wrote lines of {lines}"));
    }
    match work::changed(history, now, id, &theirs) {
        Work::None => Found::Authenticated(note),
        Work::Changed(commit, address, place, change) => {
            let commit = commit.get(..10).unwrap_or(&commit);
            let place = place.map(|place| format!(", {place}"));
            Found::Wrong(format!(
                "`{by}` signed their own work: in {commit}{}, {address} changed what it rests on: {}",
                place.unwrap_or_default(),
                render::line(&change)
            ))
        }
        Work::TooMany => {
            Found::Unauthenticated(format!("{address} has too many commits to look through what it rests on"))
        }
        Work::NotCommitted => Found::Unauthenticated("what it covers is not committed".to_owned()),
    }
}

/// How somebody came to an address, in words.
fn swapped(swap: &Swap, address: &str) -> String {
    let hands: Vec<&str> = swap.by.iter().map(String::as_str).collect();
    let commit = swap.hash.get(..10).unwrap_or(&swap.hash);
    format!("was {} in `team` until {} wrote {address} there ({commit})", swap.before, hands.join(" and "))
}

/// What git says of a line by itself, whatever it covers: the worst first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Line {
    /// Somebody else committed it: who, and where.
    Refused(String),
    /// It is not committed, or nobody can tell by whom.
    Unknown,
    /// Whoever signed committed it.
    Counts,
}

/// Compares a line with whoever committed it.
pub(crate) fn committed(history: &History<'_>, plan: &Plan, given: &Given) -> Line {
    let (by, file, line) = (&given.sign_off.by, &given.file, given.line);
    let address = plan.people.get(by).and_then(|person| person.git.as_deref());
    // Git gives every line before the cut to the commit at the cut.
    let Some(address) = address.filter(|_| !history.git.is_shallow()) else { return Line::Unknown };
    match history.committer(file, line) {
        None => Line::Unknown,
        Some(committer) if same(&committer, address) => Line::Counts,
        Some(committer) => {
            Line::Refused(format!("{committer} committed {file}:{line}, and `{by}` is {address}"))
        }
    }
}

/// How many lines of one person that say the same are asked about: the newest ones.
const MOST_LINES: usize = 50;

/// The lines without those that say the same as a better one: a person's line that does not count stays where it is, and they add another.
pub(super) fn best(history: &History<'_>, plan: &Plan, given: Vec<Given>) -> Vec<Given> {
    let mut alike: BTreeMap<(&str, &str, &str), Vec<usize>> = BTreeMap::new();
    let renamed: BTreeMap<&str, &str> =
        plan.items.iter().filter_map(|(id, item)| Some((item.was.as_ref()?.as_str(), id.as_str()))).collect();
    for (at, Given { sign_off, .. }) in given.iter().enumerate() {
        let said = sign_off.item.as_str();
        let id = renamed.get(said).copied().unwrap_or(said);
        // What was signed of another state is history, whoever committed it.
        if plan.items.get(id).is_some_and(|item| item.digest == sign_off.digest) {
            alike.entry((id, &sign_off.by, &sign_off.digest)).or_default().push(at);
        }
    }
    let mut left_out = BTreeSet::new();
    for lines in alike.into_values().filter(|lines| lines.len() > 1) {
        let newest = lines.iter().rev().take(MOST_LINES);
        let judged = newest.filter_map(|at| Some((committed(history, plan, given.get(*at)?), *at)));
        let best = judged.max().map(|(_, at)| at);
        left_out.extend(lines.into_iter().filter(|at| Some(*at) != best));
    }
    let all = given.into_iter().enumerate();
    all.filter(|(at, _)| !left_out.contains(at)).map(|(_, given)| given).collect()
}

fn same(a: &str, b: &str) -> bool {
    a.trim().eq_ignore_ascii_case(b.trim())
}

/// The lines of the spec in which an item stands: up to the next one that is not a part of it.
fn lines(places: &Places, id: &Id) -> Option<(String, u32, u32)> {
    let place = places.get(id)?;
    let next = places
        .iter()
        .filter(|(other, there)| there.file == place.file && there.line > place.line && !other.is_within(id))
        .map(|(_, there)| there.line)
        .min();
    // Without a next one up to the end of the file, which git cuts off.
    Some((place.file.clone(), place.line, next.map_or(u32::MAX, |next| next - 1)))
}

/// The plan in git whose item had a digest: that of the newest commit that brought it.
pub(super) fn plan_with(history: &History<'_>, digest: &str) -> Option<Plan> {
    let git = history.git;
    let paths: Vec<String> =
        history.folders().iter().map(|folder| format!("{folder}plan/{}", bundle::PLAN)).collect();
    // At most so many commits that brought or took this digest are looked at.
    let pickaxe = format!("-S{digest}");
    let mut args: Vec<String> = ["--literal-pathspecs", "log", "--format=%H", "-n50", pickaxe.as_str(), "--"]
        .map(str::to_owned)
        .into();
    args.extend(paths.iter().cloned());
    let commits = git.ask(&args).ok()?;
    let commits = String::from_utf8_lossy(&commits).into_owned();
    commits.lines().flat_map(|commit| paths.iter().map(move |path| format!("{commit}:{path}"))).find_map(
        |object| {
            let bytes = git.ask(&["cat-file", "blob", object.as_str()]).ok()?;
            let plan = bundle::parse(&bytes).ok()?;
            plan.items.values().any(|item| item.digest == digest).then_some(plan)
        },
    )
}
