//! What a reader has to know of a preview: what was assumed, what is not computed, what the table of tickets does not tell.

use std::collections::BTreeMap;

use cutover_plan::model::{ClockAction, IMPORT, LAST_AGENT, LAST_CUSTOMER};
use cutover_plan::text::numbers::number;
use cutover_preview::Anchor;

use super::desk::{Counted, Desk, Policy};
use super::hours::Own;
use super::ticket::Row;
use super::totals::Totals;
use super::words::{clocks, moment, utc};

/// What was assumed about a clock because the table of tickets does not tell.
pub(super) fn assumptions(row: &Row<'_, '_>) -> Vec<String> {
    let mut said = Vec::new();
    if !row.depends.is_empty() {
        let fields: Vec<&str> = row.depends.iter().map(String::as_str).collect();
        let has = if fields.len() == 1 { "has the value" } else { "have the values" };
        said.push(format!(
            "This holds if {} {has} that “{}” asks for; the table of tickets does not hold that",
            fields.join(" and "),
            row.policy.title
        ));
    }
    if !row.undecided.is_empty() {
        let fields: Vec<&str> = row.undecided.iter().map(String::as_str).collect();
        said.push(format!(
            "Whether this clock is over depends on {}, which the table of tickets does not hold",
            fields.join(" and ")
        ));
    }
    if let Some(status) = &row.unsaid {
        said.push(format!(
            "The policy does not say whether this clock runs in “{status}”, which the ticket has or had"
        ));
    }
    if row.since_change {
        said.push("It waits, and nothing says since when: its last change counts".to_owned());
    }
    let target = row.policy.there;
    match row.stands() {
        Some((true, false)) => said.push(format!(
            "This clock stands still in the old desk, but not in {target} from the import on, by what becomes of the status: what follows holds if the wait ends at the first event"
        )),
        Some((false, true)) => said.push(format!(
            "This clock runs in the old desk, but not in {target}, by what becomes of the status: what follows holds if that ends at the first event"
        )),
        _ => {}
    }
    if row.hidden() {
        said.push(format!(
            "{target} shows no due time while a ticket is in such a status, and computes it anew when it leaves it"
        ));
    }
    said
}

/// What a reader has to know of how it was computed.
pub(super) fn about(desk: &Desk<'_>) -> Vec<String> {
    let mut said = vec![format!(
        "Tickets count as imported when the window ends, {}, and first something happens to them when their desk opens after that.",
        ends(desk)
    )];
    said.extend(open(desk));
    said.extend(unknown(desk));
    if desk.source.is_some_and(|source| source.one_due) {
        said.push(format!(
            "{} shows one due time for all clocks of a ticket: it is compared with the earliest.",
            desk.product("source")
        ));
    }
    let Some(target) = desk.target else { return said };
    if target.one_due {
        said.push(format!(
            "{} will show one due time for all clocks of a ticket, the earliest.",
            desk.product("target")
        ));
    }
    if target.by_level && !desk.night.carried.level {
        said.push(format!(
            "{} counts by the service level of a ticket, and no row gives tickets one: a due time that is written stays as it is, and what is counted anew shows none. This does not hold where a queue gives each new ticket a level.",
            desk.product("target")
        ));
    }
    if !target.on_import && !target.on_event {
        said.push(format!(
            "Clocks of {} do not run for imported tickets until somebody starts them: nothing shows a promise until then.",
            desk.product("target")
        ));
    }
    said.extend(
        desk.policies.iter().flat_map(|policy| {
            policy.clocks.iter().filter_map(|counted| other_anchor(desk, policy, counted))
        }),
    );
    said
}

/// When both desks are open, by what is known of their schedules.
fn open(desk: &Desk<'_>) -> Vec<String> {
    let mut said = Vec::new();
    let mut plain = Vec::new();
    for (system, own) in [
        ("source", (|policy| policy.source) as for<'a, 'p> fn(&'a Policy<'p>) -> Option<&'p Own>),
        ("target", |policy| policy.target),
    ] {
        let product = desk.product(system);
        let mut known: BTreeMap<&str, (&Own, Vec<&str>)> = BTreeMap::new();
        let mut unknown = Vec::new();
        for policy in &desk.policies {
            match own(policy) {
                Some(own) => known.entry(&own.name).or_insert((own, Vec::new())).1.push(policy.title),
                None => unknown.push(policy.title),
            }
        }
        for (name, (own, policies)) in known.iter().filter(|(_, (own, _))| !own.differs.is_empty()) {
            said.push(format!(
                "{product} counts {} by its own “{name}”, which {}.",
                quoted(policies),
                own.differs.join("; it ")
            ));
        }
        for (name, (own, _)) in known.iter().filter(|(_, (own, _))| !own.untold.is_empty()) {
            let (last, first) = own.untold.split_last().map_or(("", &[][..]), |(last, first)| (*last, first));
            let what =
                if first.is_empty() { last.to_owned() } else { format!("{} and {last}", first.join(", ")) };
            said.push(format!(
                "The inventory of {product} does not tell the {what} of “{name}”: that is taken as promised."
            ));
        }
        let side = usize::from(system == "target");
        let (mut days, mut times) = (Vec::new(), Vec::new());
        for policy in &desk.policies {
            let (whole, even) = policy.holds.get(side).copied().unwrap_or((true, true));
            days.extend((!whole).then_some(policy.title));
            times.extend((!even).then_some(policy.title));
        }
        if !days.is_empty() {
            said.push(format!(
                "{product} can give no day hours of its own: under {} it counts such days like others of their name.",
                quoted(&days)
            ));
        }
        if !times.is_empty() {
            said.push(format!(
                "{product} knows opening hours in steps only: under {} it is open a little longer than promised.",
                quoted(&times)
            ));
        }
        // A desk that cannot hold the hours is not open by them.
        let other = !days.is_empty() || !times.is_empty();
        if unknown.len() == desk.policies.len() && other {
            said.push(format!("Else {product} is taken to be open at the hours of the policy's calendar."));
        } else if unknown.len() == desk.policies.len() {
            plain.push(product);
        } else if !unknown.is_empty() {
            said.push(format!(
                "Of {} no schedule of {product} is known: it is taken to be open as promised.",
                quoted(&unknown)
            ));
        }
    }
    match plain.as_slice() {
        [] => {}
        [one] => said.push(format!("{one} is taken to be open at the hours of the policy's calendar.")),
        _ => said.push("Both desks are taken to be open at the hours of the policy's calendar.".to_owned()),
    }
    said
}

/// `“Premium”, “Standard”`.
fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("“{name}”")).collect::<Vec<_>>().join(", ")
}

/// When the window ends, by the clock on the wall of the desk; of desks in several zones, of each.
fn ends(desk: &Desk<'_>) -> String {
    let mut zones: Vec<_> = desk.policies.iter().map(|policy| policy.zone).collect();
    zones.sort_by_key(|zone| zone.name());
    zones.dedup_by_key(|zone| zone.name());
    let said: Vec<String> =
        zones.iter().map(|zone| format!("{} ({})", moment(zone, desk.night.imported), zone.name())).collect();
    if said.is_empty() { utc(desk.night.imported) } else { said.join(", ") }
}

/// A clock that the spec lets begin at another moment than the new desk does.
fn other_anchor(desk: &Desk<'_>, policy: &Policy<'_>, counted: &Counted<'_>) -> Option<String> {
    let field = counted.clock.continuity.iter().find_map(|rule| recalculated_from(&rule.action))?;
    if !desk.target.is_some_and(|target| target.on_event) {
        return None;
    }
    let there = policy.preview.target_anchor(counted.metric)?;
    let said = ["created_at", "last_customer_at", "last_agent_at"]
        .iter()
        .find(|means| desk.fields.get(**means).is_some_and(|own| own == field));
    let said = match (field, said.copied()) {
        (IMPORT, _) => Some(Anchor::Import),
        (LAST_CUSTOMER, _) | (_, Some("last_customer_at")) => Some(Anchor::LastCustomer),
        (LAST_AGENT, _) | (_, Some("last_agent_at")) => Some(Anchor::LastAgent),
        (_, Some("created_at")) => Some(Anchor::Created),
        _ => None,
    };
    // Without history there, opened again is made.
    let same = said == Some(there) || (said == Some(Anchor::Created) && there == Anchor::Reopened);
    (!same).then(|| {
        format!(
            "`{}` begins at `{field}` by the spec; {} lets it begin {}, and that is what is computed.",
            counted.label,
            desk.product("target"),
            cutover_preview::begins(there)
        )
    })
}

/// The field from which a clock is counted again.
fn recalculated_from(action: &ClockAction) -> Option<&str> {
    match action {
        ClockAction::Recalculate { from } => Some(from),
        ClockAction::Suspend { then, .. } => recalculated_from(then),
        ClockAction::Inherit { .. } | ClockAction::Done => None,
    }
}

/// What was assumed about many clocks.
pub(super) fn remarks(desk: &Desk<'_>, totals: &Totals) -> Vec<String> {
    let mut said = Vec::new();
    for (field, count) in &totals.depends {
        said.push(format!(
            "{} only if {field} has the right value, which the table of tickets does not hold: computed as if it had.",
            clocks_do(*count, "runs", "run")
        ));
    }
    if !totals.depends.is_empty() && desk.policies.len() > 1 {
        said.push("A ticket counts under each policy that may be its own.".to_owned());
    }
    let (source, target) = (desk.product("source"), desk.product("target"));
    said.extend(told([
        (totals.since_change, "waits", "wait", ", and nothing says since when: the last change counts".to_owned()),
        (
            totals.contradicts,
            "has",
            "have",
            " changes of status that end with another status than the ticket has: it got that one when it was last changed".to_owned(),
        ),
        (
            totals.early,
            "belongs",
            "belong",
            " to tickets of which something is told from before they were made: that is not believed and left out".to_owned(),
        ),
        (
            totals.not_begun,
            "has",
            "have",
            " not begun: nobody has written yet from whose message to count, and nothing is promised so far".to_owned(),
        ),
        (
            totals.untold,
            "is",
            "are",
            " not known: it takes messages to count from, and the table of tickets does not hold when somebody last wrote (`last_customer_at`, `last_agent_at`)".to_owned(),
        ),
        (
            totals.no_due,
            "has",
            "have",
            format!(" no due time in {source}, which the promise gives all the same"),
        ),
        (
            totals.untaken,
            "takes over",
            "take over",
            format!(" a due time that the table of tickets does not hold (`due_at`, `first_response_due_at`): what {target} shows is not known"),
        ),
    ]));
    for (field, count) in &totals.undecided {
        said.push(format!(
            "Whether {} over is not known: that depends on {field}, which the table of tickets does not hold.",
            clocks_do(*count, "is", "are")
        ));
    }
    said.extend(unsaid(totals));
    said.extend(told([
        (
            totals.runs_there,
            "stands",
            "stand",
            format!(" still in the old desk, but not in {target} from the import on, by what becomes of the status: due times hold if the wait ends at the first event"),
        ),
        (
            totals.stands_there,
            "runs",
            "run",
            format!(" in the old desk, but not in {target}, by what becomes of the status: due times hold if that ends at the first event"),
        ),
        (
            totals.beyond,
            "is",
            "are",
            " due after the last day for which holidays are listed (`horizon`): holidays behind it do not count".to_owned(),
        ),
        (
            totals.hidden,
            "stands still",
            "stand still",
            format!(" in {target}, which shows no due time in such a status and computes it anew when the ticket leaves it"),
        ),
    ]));
    if totals.again > 0 {
        said.push(match totals.again {
            1 => "1 line is about the ticket of the line before it: it counts once more.".to_owned(),
            more => format!(
                "{} lines are about the ticket of the line before: they count once more.",
                number(more)
            ),
        });
    }
    said.extend(unread(totals));
    said.extend(about(desk));
    said
}

/// So many clocks, what one does and what many do, and the rest of the sentence.
type Remark<'a> = (u64, &'a str, &'a str, String);

/// Sentences about clocks, where there are some.
fn told<'a>(remarks: impl IntoIterator<Item = Remark<'a>>) -> impl Iterator<Item = String> {
    let some = remarks.into_iter().filter(|(count, ..)| *count > 0);
    some.map(|(count, one, many, rest)| format!("{}{rest}.", clocks_do(count, one, many)))
}

/// Which lines of the table are left out, and what is not computed: what a table for spreadsheets cannot tell.
pub(super) fn left_out(desk: &Desk<'_>, totals: &Totals) -> Vec<String> {
    unread(totals).into_iter().chain(unsaid(totals)).chain(unknown(desk)).collect()
}

/// Clocks of tickets in a status about which nothing is said.
fn unsaid(totals: &Totals) -> Option<String> {
    let were = if totals.unsaid == 1 { "was" } else { "were" };
    (totals.unsaid > 0).then(|| {
        format!(
            "{} or {were} in a status of which the policy says nothing: when they are due is not known. Add that status to `runs`, `pauses` or `stops`.",
            clocks_do(totals.unsaid, "is", "are")
        )
    })
}

/// Lines that are no tickets.
fn unread(totals: &Totals) -> Option<String> {
    let (line, why) = totals.first_unread.as_ref()?;
    let lines = if totals.unread == 1 {
        "1 line is".to_owned()
    } else {
        format!("{} lines are", number(totals.unread))
    };
    Some(format!("{lines} no ticket and left out; the first is line {line}: {why}."))
}

/// Clocks and desks of which nothing is computed.
fn unknown(desk: &Desk<'_>) -> Vec<String> {
    let mut said = Vec::new();
    for label in &desk.left_out {
        said.push(format!("Not computed: {label}, since no product is known to measure it alike."));
    }
    if desk.source.is_none() {
        said.push(format!(
            "Nothing is known of how {} counts the time of its promises: where it shows no due time, its own is not known.",
            desk.product("source")
        ));
    }
    if desk.target.is_none() {
        said.push(format!(
            "Nothing is known of how {} counts the time of its promises: what becomes of due times there is not known.",
            desk.product("target")
        ));
    }
    said
}

/// How many tickets move from where to where, as a sentence.
pub(super) fn moving(desk: &Desk<'_>, totals: &Totals) -> String {
    let (source, target) = (desk.product("source"), desk.product("target"));
    let move_ = if totals.tickets == 1 { "ticket moves" } else { "tickets move" };
    let are = if totals.without == 1 { "is" } else { "are" };
    format!(
        "{} unfinished {move_} from {source} to {target}; {} {are} under no policy.",
        number(totals.tickets),
        number(totals.without)
    )
}

/// `1 clock waits`, `2,000 clocks wait`.
fn clocks_do(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", clocks(count), if count == 1 { one } else { many })
}
