//! Connectors as an environment names them.

use std::collections::BTreeMap;
use std::time::Duration;

use cutover_connect::{Connector, Database, Held, Limit, Line, RequestTracker, Secret, Singer, Tap};
use cutover_ir::Type;
use cutover_plan::Plan;
use cutover_plan::model::{Content, Rate};

use crate::context::Clock;
use crate::environment::{Binding, Environment};
use crate::files::contents;
use crate::flow::places;
use crate::laid;
use crate::names;
use crate::problem::Problem;
use crate::session::clock;

/// Longest time for one request to a live desk. A large attachment on a slow line takes a while.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(120);

/// The source of a run.
pub(crate) fn source(
    plan: &Plan,
    environment: &Environment,
    binding: &Binding,
) -> Result<Box<dyn Connector>, Problem> {
    names::check(plan, environment, binding)?;
    let path = environment.path(&binding.at);
    match binding.connector.as_str() {
        "files" => {
            laid::folder(plan, binding, &path)
        }
        "singer" => {
            let mut singer = if binding.command.is_empty() {
                Singer::saved(&path)?
            } else {
                Singer::live(&Tap { command: binding.command.clone(), save: path })?
            };
            for (kind, streams) in &binding.kinds {
                let [stream] = streams.as_slice() else {
                    return Err(Problem::new(format!("the kind `{kind}` is one stream of the tap, and not {}", streams.len())));
                };
                singer.stream(kind, stream);
            }
            Ok(laid::interface(plan, binding, Box::new(singer)))
        }
        "sqlite" => {
            let mut database = Database::open(&path)?;
            for (kind, tables) in &binding.kinds {
                let [table] = tables.as_slice() else {
                    return Err(Problem::new(format!("the kind `{kind}` is one table of the database, and not {}", tables.len())));
                };
                database.table(kind, table);
            }
            for (kind, field, held) in held(plan) {
                for place in places(plan, binding, kind, field) {
                    database.holds(kind, &place, held);
                }
            }
            Ok(laid::interface(plan, binding, Box::new(database)))
        }
        "rt" => {
            let line = line(plan, environment, binding, "source")?;
            Ok(Box::new(request_tracker(environment, binding, line, BTreeMap::new(), false)?))
        }
        other => Err(Problem::new(format!("`{other}` is no connector that can be read from")).help(
            "`files` reads an export folder, `sqlite` a database, `singer` the output of a tap, `rt` a live Request Tracker; `at` says where",
        )),
    }
}

/// Fields of the source whose values SQLite has no type for.
fn held(plan: &Plan) -> impl Iterator<Item = (&str, &str, Held)> {
    let kinds = plan.schemas.get("source").into_iter().flat_map(|schema| &schema.kinds);
    let fields =
        kinds.flat_map(|(kind, shape)| shape.fields.iter().map(move |(name, field)| (kind, name, field)));
    fields.filter_map(|(kind, name, field)| {
        let held = match field.of_type.required() {
            Type::Bool => Held::Flag,
            Type::List(_) | Type::Choices(_) | Type::Tags | Type::Attachment => Held::Json,
            _ => return None,
        };
        Some((kind.as_str(), name.as_str(), held))
    })
}

/// A live target.
pub(crate) fn live_target(
    plan: &Plan,
    environment: &Environment,
    binding: &Binding,
) -> Result<Box<dyn Connector>, Problem> {
    // A plan names a custom field by the key of the inventory, the server by its id.
    let tickets = plan.schemas.get("target").and_then(|schema| schema.kinds.get("ticket"));
    let fields = tickets.iter().flat_map(|kind| &kind.fields);
    let custom = fields.filter(|(field, _)| field.starts_with("custom."));
    let custom = custom.filter_map(|(field, schema)| Some((field.clone(), schema.account_id.clone()?)));
    let line = line(plan, environment, binding, "target")?;
    Ok(Box::new(request_tracker(environment, binding, line, custom.collect(), writes_people(plan))?))
}

/// Whether the plan writes people, so that its journal keeps their ids.
fn writes_people(plan: &Plan) -> bool {
    plan.items.values().any(|item| matches!(&item.content, Content::Map(map) if map.target == "user"))
}

fn request_tracker(
    environment: &Environment,
    binding: &Binding,
    line: Line,
    custom: BTreeMap<String, String>,
    numbered: bool,
) -> Result<RequestTracker, Problem> {
    let Some(token) = &binding.token else {
        return Err(Problem::new("a live Request Tracker needs a token")
            .help("write `token = \"RT_TOKEN\"` with the name of the environment variable that holds it"));
    };
    let address = binding.at.to_string_lossy();
    if readable(&address) && !binding.plain_http {
        return Err(open_line("the token of Request Tracker", &address));
    }
    let desk = cutover_connect::Desk {
        // An address, and no path of a file.
        address: binding.at.to_string_lossy().into_owned(),
        token: Secret::from_env(environment.variable(token))?,
        mark: binding.mark.clone(),
        custom,
        records_mail: binding.records_mail,
        numbered,
        contents: contents(environment)?,
        timeout: TIMEOUT,
    };
    Ok(RequestTracker::new(desk, line)?)
}

/// The calls that may be made to a live system: as many as the environment says, else as the plan knows, else as its answers say; of these the
/// part that the plan's `pace` leaves to the run, as long as it holds when the run begins.
fn line(plan: &Plan, environment: &Environment, binding: &Binding, system: &str) -> Result<Line, Problem> {
    let window = |calls, seconds| Limit::Window { calls, per: Duration::from_secs(seconds) };
    let per_minute = Duration::from_secs(60);
    let limit = match (binding.calls_a_minute, binding.burst) {
        (Some(calls), Some(burst)) => Limit::Bucket { calls, per: per_minute, burst },
        (Some(calls), None) => window(calls, 60),
        (None, Some(_)) => {
            return Err(Problem::new(
                "`burst` says how many calls a desk takes at once, and not how many it takes",
            )
            .help("write `calls_a_minute` beside it"));
        }
        (None, None) => {
            rate(plan, system).map_or(Limit::Told, |rate| window(rate.calls.max(1), rate.seconds.max(1)))
        }
    };
    let now = Clock::new(clock(environment)?).now();
    let pace = plan.migration.pace.iter().find(|pace| {
        pace.system == system && pace.until.as_ref().is_none_or(|until| until.at.seconds() > now)
    });
    let share = pace.and_then(|pace| u8::try_from(pace.percent.scaled(0)).ok()).unwrap_or(100);
    Ok(Line::new(limit, share))
}

/// Whether everybody on the way can read what goes to an address: plain HTTP that leaves this machine.
pub(crate) fn readable(address: &str) -> bool {
    let Some(rest) =
        address.get(..7).filter(|start| start.eq_ignore_ascii_case("http://")).and(address.get(7..))
    else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = match host.strip_prefix('[') {
        Some(six) => six.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let local = host
        .parse::<std::net::IpAddr>()
        .map_or_else(|_| host.eq_ignore_ascii_case("localhost"), |address| address.is_loopback());
    !local
}

/// A secret that would go over an open line.
pub(crate) fn open_line(what: &str, address: &str) -> Problem {
    let host = address.split('@').next_back().unwrap_or_default();
    Problem::new(format!("{what} would go over plain HTTP to {}, where everybody on the way can read it", host.trim_start_matches("http://")))
        .help("write the address with `https://`; where the way is protected otherwise, `plain_http = true` beside it")
}

/// What the plan knows of the calls that a system allows.
pub(crate) fn rate(plan: &Plan, system: &str) -> Option<Rate> {
    let names = if system == "target" { ["import", "all"] } else { ["list", "all"] };
    let rates = &plan.schemas.get(system)?.rates;
    names.iter().find_map(|name| rates.get(*name)).copied()
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use cutover_plan::bundle;

    use super::{line, rate, readable};
    use crate::environment::Environment;

    #[test]
    fn only_this_machine_may_be_called_over_an_open_line() {
        for (address, expected) in [
            ("http://rt.example.org", true),
            ("HTTP://rt.example.org:8080/rt", true),
            ("http://localhost.example.org", true),
            ("http://127.0.0.1.example.org/", true),
            ("http://localhost@rt.example.org/", true),
            ("http://10.0.0.7", true),
            ("https://rt.example.org", false),
            ("http://localhost:18093", false),
            ("http://127.0.0.1:80/rt", false),
            ("http://[::1]:80/rt", false),
            ("http://[::2]/rt", true),
            ("run/desk.sqlite", false),
        ] {
            assert_eq!(readable(address), expected, "{address}");
        }
    }

    /// The large example leaves half of the source's rate to those who still work there, until its window.
    #[test]
    fn a_live_source_keeps_the_share_that_pace_leaves_it() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/acme/plan");
        let Ok(bundle) = bundle::read(&folder) else {
            assert!(folder.is_dir(), "the example has a plan that can be read");
            return;
        };
        let plan = &bundle.plan;
        let Some(known) = rate(plan, "source") else {
            assert_eq!(plan.schemas.get("source").map(|schema| schema.rates.len()), None, "no rate is known");
            return;
        };
        let half = known.calls / 2 * 60 / known.seconds;
        for (clock, expected) in [("2026-12-01T08:00:00Z", half), ("2027-12-01T08:00:00Z", half * 2)] {
            let environment = format!(
                "journal = \"j\"\nwork = \"w\"\nclock = \"{clock}\"\n[source]\nconnector = \"rt\"\nat = \"http://localhost\"\n\
                 [target]\nconnector = \"sqlite\"\nat = \"d\"\n"
            );
            let line = toml::from_str::<Environment>(&environment)
                .map_err(|error| error.to_string())
                .and_then(|known| line(plan, &known, &known.source, "source").map_err(|problem| problem.why));
            let Ok(line) = line else {
                assert_eq!(line.err(), None, "{clock}");
                return;
            };
            // Two minutes, a call as soon as it may be made: the second one is counted.
            let (mut now, mut calls) = (Duration::ZERO, 0);
            while now < Duration::from_secs(120) {
                match line.budget.take(now) {
                    Ok(()) => calls += u64::from(now >= Duration::from_secs(60)),
                    Err(wait) => now += wait,
                }
            }
            assert!(calls * 100 >= expected * 95 && calls <= expected, "{clock}: {calls} of {expected}");
        }
    }
}
