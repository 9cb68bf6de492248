//! `hypercare/length`.

use cutover_catalog::Part;
use cutover_plan::model::{Content, Stricter};

use super::common::{DAY, instead};
use crate::Run;
use crate::rule::{Fix, Level, Opt, Rule};

pub(super) const RULE: Rule = Rule {
    code: "hypercare/length",
    level: Level::Warning,
    summary: "the first weeks are watched for an unusual time",
    what: "Hypercare is shorter than a week or longer than four, or shorter than two weeks where much is connected or moved",
    why: "Faults of integrations show in the second week; what lasts for months is no longer anybody's first duty",
    since: "0.1",
    fix: Fix::Unsafe,
    options: &[
        Opt { name: "shortest", default: 7, stricter: Stricter::Larger, says: "days at least" },
        Opt { name: "longest", default: 28, stricter: Stricter::Smaller, says: "days at most" },
        Opt {
            name: "integrations",
            default: 5,
            stricter: Stricter::Smaller,
            says: "connected systems from which on it needs two weeks",
        },
        Opt {
            name: "tickets",
            default: 50_000,
            stricter: Stricter::Smaller,
            says: "tickets of the old desk from which on it needs two weeks",
        },
    ],
    check,
};

fn check(run: &mut Run<'_, '_>) {
    let connected = run.items("integration").filter(|(id, _)| id.as_str() != "integration/none").count();
    let connected = u64::try_from(connected).unwrap_or(u64::MAX);
    let source = run.facts.world.source();
    let tickets = source
        .into_iter()
        .flat_map(|source| source.kinds_of(Part::Ticket))
        .filter_map(|kind| kind.count())
        .sum::<u64>();
    let large = connected >= run.number("integrations") || tickets >= run.number("tickets");
    let shortest = if large { run.number("shortest").max(14) } else { run.number("shortest") };
    for (id, item) in run.items("hypercare") {
        let Content::Hypercare(hypercare) = &item.content else { continue };
        let days = hypercare.rhythm.lasting.nominal_seconds() / DAY;
        let at = run.facts.spots.get(id.child("for").as_str()).copied();
        let Some(span) = at.or_else(|| run.facts.place(id)) else { continue };
        let finding = if days < shortest {
            let why = if !large {
                format!("at least {shortest} days")
            } else if connected >= run.number("integrations") {
                format!("{connected} systems are connected: at least {shortest} days")
            } else {
                format!("{} tickets: at least {shortest} days", cutover_plan::text::numbers::number(tickets))
            };
            instead(run.found(span, why), at, &format!("{shortest} days"))
        } else if days > run.number("longest") {
            let longest = run.number("longest");
            instead(
                run.found(span, format!("at most {longest} days, then the owner of the desk takes over")),
                at,
                &format!("{longest} days"),
            )
        } else {
            continue;
        };
        run.push(finding.help("one or two weeks for small teams, two to four where much is connected"));
    }
}
