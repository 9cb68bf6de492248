//! What a run has lost, counted in its own records: values of fields that stay behind, texts that were cut, values that share one from now on.
//! The plan knows these numbers for the inventory; the run knows which records went over.

use std::collections::BTreeMap;

use cutover_ir::Id;
use cutover_ir::map::{Map, Source as From};
use cutover_ir::predicate::Literal;
use cutover_plan::model::{Content, Plan};
use rusqlite::params;
use serde_json::Value;

use crate::context::Context;
use crate::flow::places;
use crate::problem::Problem;

/// Rows of the journal that are read at once.
const PAGE: i64 = 1000;

/// How a record shows that something of it is lost.
enum Shows {
    /// The field holds something.
    Filled,
    /// Its text is longer.
    Longer(usize),
    /// It holds this text.
    Is(String, bool),
}

/// What is looked for in the records of a kind.
struct Probe<'p> {
    id: &'p Id,
    places: Vec<String>,
    shows: Shows,
}

/// Records of this run that show each loss, where that can be counted.
pub(crate) fn counted(ctx: &Context<'_>) -> Result<BTreeMap<Id, u64>, Problem> {
    let mut probes: BTreeMap<&str, Vec<Probe<'_>>> = BTreeMap::new();
    for id in ctx.plan.losses.keys() {
        for (kind, probe) in probes_of(ctx, id) {
            probes.entry(kind).or_default().push(probe);
        }
    }
    let mut found = BTreeMap::new();
    for (kind, probes) in probes {
        if !ctx.work.has(kind)? {
            continue;
        }
        for probe in &probes {
            found.entry(probe.id.clone()).or_insert(0_u64);
        }
        let mut after = 0;
        loop {
            let mut get = ctx.journal.db.prepare_cached(
                "SELECT seq, key FROM record WHERE seq > ?1 AND kind = ?2 AND state = 'done' ORDER BY seq LIMIT ?3",
            )?;
            let rows = get.query_map(params![after, kind, PAGE], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))
            })?;
            let rows: Vec<(i64, String)> = rows.collect::<Result<_, _>>()?;
            let Some((last, _)) = rows.last() else { break };
            after = *last;
            for (_, key) in &rows {
                let Some((record, _)) = ctx.work.by_key(kind, key)? else { continue };
                let Ok(fields) = serde_json::from_str::<Value>(&record.text) else { continue };
                for probe in &probes {
                    if probe.holds(&fields) {
                        *found.entry(probe.id.clone()).or_default() += 1;
                    }
                }
            }
        }
    }
    Ok(found)
}

/// What shows a loss, by the kind whose records show it.
fn probes_of<'p>(ctx: &Context<'p>, id: &'p Id) -> Vec<(&'p str, Probe<'p>)> {
    let plan = ctx.plan;
    let at = |map: &Map, field: &str| places(plan, &ctx.environment.source, &map.source, field);
    let mut all = Vec::new();
    let text = id.as_str();
    for map in maps(plan) {
        if let Some(field) = text.strip_prefix(map.id.as_str()).and_then(|rest| rest.strip_prefix("/drop/")) {
            all.push((map.source.as_str(), Probe { id, places: at(map, field), shows: Shows::Filled }));
        }
        for row in &map.rows {
            let [From::Field(field)] = row.from.as_slice() else { continue };
            for call in &row.pipe {
                let shows = match (call.function.as_str(), call.args.first()) {
                    ("cut", Some(Literal::Number(most))) if row.id == *id => {
                        usize::try_from(most.scaled(0)).ok().map(Shows::Longer)
                    }
                    ("translate", Some(Literal::Text(table))) => value_of(plan, table, text),
                    _ => None,
                };
                if let Some(shows) = shows {
                    all.push((map.source.as_str(), Probe { id, places: at(map, field), shows }));
                }
            }
        }
    }
    all
}

fn maps(plan: &Plan) -> impl Iterator<Item = &Map> {
    plan.items.values().filter_map(|item| match &item.content {
        Content::Map(map) => Some(map),
        _ => None,
    })
}

/// The value of a translation's row of that id; nothing where it stands for several.
fn value_of(plan: &Plan, table: &str, id: &str) -> Option<Shows> {
    let item = plan.items.get(format!("translate/{table}").as_str())?;
    let Content::Translate(table) = &item.content else { return None };
    let row = table.rows.iter().find(|row| row.id.as_str() == id)?;
    (!row.pattern.wildcard).then(|| Shows::Is(row.pattern.text.clone(), row.pattern.any_case))
}

impl Probe<'_> {
    fn holds(&self, fields: &Value) -> bool {
        let found = self.places.iter().find_map(|place| {
            let found = fields.get(place);
            found.or_else(|| place.split('.').try_fold(fields, |value, part| value.get(part)))
        });
        match (&self.shows, found) {
            (_, None | Some(Value::Null)) => false,
            (Shows::Filled, Some(Value::String(text))) => !text.is_empty(),
            (Shows::Filled, Some(Value::Array(items))) => !items.is_empty(),
            (Shows::Filled, Some(_)) => true,
            (Shows::Longer(most), Some(Value::String(text))) => text.chars().count() > *most,
            (Shows::Is(wanted, false), Some(Value::String(text))) => text == wanted,
            (Shows::Is(wanted, true), Some(Value::String(text))) => {
                text.to_lowercase() == wanted.to_lowercase()
            }
            (Shows::Longer(_) | Shows::Is(..), Some(_)) => false,
        }
    }
}
