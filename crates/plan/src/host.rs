//! What a plan answers when its maps are evaluated: tables of translations, zones, status classes, options.

use cutover_calendar::{Civil, Local, Zone};
use cutover_ir::host::Host;
use cutover_ir::map::Program;
use cutover_ir::predicate::StatusClass;
use cutover_ir::time::{Date, Instant};

use crate::model::{Content, Plan};

/// The translations of a plan by the names that maps use. Its `maps` stay empty: a kind may have several.
#[must_use]
pub fn translations(plan: &Plan) -> Program {
    let mut program = Program::default();
    for (id, item) in &plan.items {
        if let Content::Translate(translate) = &item.content
            && let Some(name) = id.as_str().strip_prefix("translate/")
        {
            program.translates.insert(name.to_owned(), translate.clone());
        }
    }
    program
}

/// What a plan knows of its systems, and what the bundled time zone data says. Words of the running system, secrets and tables it
/// does not know.
#[derive(Clone, Copy, Debug)]
pub struct PlanHost<'p> {
    plan: &'p Plan,
}

impl<'p> PlanHost<'p> {
    /// The host of a plan.
    #[must_use]
    pub const fn new(plan: &'p Plan) -> PlanHost<'p> {
        PlanHost { plan }
    }
}

impl Host for PlanHost<'_> {
    fn date_in(&self, zone: &str, at: Instant) -> Option<Date> {
        let civil = Zone::named(zone)?.civil_at(at.seconds())?;
        Date::new(civil.year.into(), civil.month.try_into().ok()?, civil.day.try_into().ok()?)
    }

    fn local_time(&self, zone: &str, date: Date, seconds: u32) -> Option<Instant> {
        let (year, month, day) = date.ymd();
        let civil = Civil {
            year: year.try_into().ok()?,
            month: month.try_into().ok()?,
            day: day.try_into().ok()?,
            hour: (seconds / 3600).try_into().ok()?,
            minute: (seconds / 60 % 60).try_into().ok()?,
            second: (seconds % 60).try_into().ok()?,
        };
        match Zone::named(zone)?.resolve(civil) {
            Local::At(at) => Some(Instant::from_seconds(at)),
            Local::Twice { .. } | Local::Never { .. } | Local::Impossible => None,
        }
    }

    fn status_class(&self, kind: &str, status: &str) -> Option<StatusClass> {
        let schema = self.plan.schemas.get("source")?;
        let prefix = format!("source/{kind}.");
        let options = schema
            .domains
            .iter()
            .filter(|(name, _)| name.starts_with(&prefix))
            .flat_map(|(_, options)| options);
        options.filter(|option| option.name == status).find_map(|option| option.class)
    }

    fn has_option(&self, domain: &str, option: &str) -> Option<bool> {
        let schema = self.plan.schemas.get(domain.split('/').next()?)?;
        let options = schema.domains.get(domain)?;
        Some(options.iter().any(|known| known.name == option))
    }
}

#[cfg(test)]
mod tests {
    use cutover_ir::host::Host;
    use cutover_ir::time::{Date, Instant};

    use super::PlanHost;
    use crate::Plan;

    #[test]
    fn zones_are_known() {
        let plan = Plan::default();
        let host = PlanHost::new(&plan);
        let midnight = Date::parse("2027-02-01").and_then(|date| host.local_time("Europe/Berlin", date, 0));
        assert_eq!(midnight, Instant::parse("2027-01-31T23:00:00Z"));
        assert_eq!(midnight.and_then(|at| host.date_in("Europe/Berlin", at)), Date::parse("2027-02-01"));
        let skipped =
            Date::parse("2027-03-28").and_then(|date| host.local_time("Europe/Berlin", date, 9_000));
        assert_eq!(skipped, None);
        assert_eq!(midnight.and_then(|at| host.date_in("Europe/Nowhere", at)), None);
    }
}
