//! The clocks of one promise about one ticket, computed separately and then compared.

use cutover_calendar::{Answer, Length, PauseRule, Pauses};

use crate::dialect::{Keeps, PauseKnowledge, Reopening};
use crate::outcome::{Absent, Answered, Class, Compared, Due, Outcome, PauseMistake, Reason, Shift};
use crate::prepare::{Line, Preview, Run, Written, asked};
use crate::ticket::{Action, Anchor, Metric, Progress, Promise, Shown, Standing, Ticket};

impl Preview<'_> {
    /// Every due instant of a promise about a ticket, and how they stand to each other.
    #[must_use]
    pub fn outcome(&self, ticket: &Ticket, promise: &Promise) -> Outcome {
        let imported = self.migration.imported;
        let contract_run = self.contract_run(ticket, promise);
        let source_run = self.source_run(ticket, promise);
        let computed = match (&self.source, &source_run) {
            (Some(line), Ok(run)) => asked(&line.clock, run),
            (_, Err(absent)) => Due::None(*absent),
            (None, Ok(_)) => Due::None(Absent::Unknown),
        };
        let old = self.source.as_ref().map(|line| &line.dialect);
        let hides = old.is_some_and(|old| old.hides_paused);
        let source = match ticket.shown_by(old) {
            Shown::At(at) => Due::At(at),
            Shown::Nothing if hides && ticket.is_paused() => Due::None(Absent::Paused),
            Shown::Nothing => Due::None(Absent::NoDue),
            Shown::Untold | Shown::Other(_) => computed,
        };
        let progress = promise.metric.progress(ticket);
        let promised = match (&contract_run, progress) {
            // Whether somebody has answered since is not known either.
            (Ok(_), Progress::Unknown) => Due::None(Absent::Untold),
            (Ok(run), _) => asked(&self.contract, run),
            (Err(absent), _) => Due::None(*absent),
        };
        let undecided = promise.action == Action::Undecided && progress != Progress::Done;
        if progress == Progress::Done || promise.action == Action::Done {
            let answered = ticket.first_response.filter(|_| promise.metric == Metric::FirstResponse);
            let answered = answered.zip(promised.at()).map(|(at, due)| Answered {
                at,
                due,
                late: self.distance(promise, due, at),
            });
            let over = Compared {
                due: Due::None(Absent::Done),
                class: Class::Done,
                difference: None,
                shifts: Vec::new(),
            };
            let done = Due::None(Absent::Done);
            return Outcome {
                source,
                source_computed: computed,
                contract: done,
                after_import: over.clone(),
                after_event: over,
                breached: answered.is_some_and(|answered| answered.late > 0),
                at_risk: false,
                answered,
                paused: false,
            };
        }
        let contract = if undecided { Due::None(Absent::Undecided) } else { promised };
        let (after_import, after_event) = match &self.target {
            _ if undecided => {
                let unknown = self.compared(promise, contract, contract, Vec::new());
                (unknown.clone(), unknown)
            }
            Some(target) => {
                let asking = Asking {
                    preview: self,
                    target,
                    ticket,
                    promise,
                    contract_run,
                    source_run,
                    source,
                    contract,
                };
                asking.both()
            }
            None => {
                let unknown = self.compared(promise, contract, Due::None(Absent::Unknown), Vec::new());
                (unknown.clone(), unknown)
            }
        };
        let known = ticket.changed.map_or(self.migration.known, |at| at.max(self.migration.known));
        Outcome {
            source,
            source_computed: computed,
            contract,
            after_import,
            after_event,
            breached: contract.at().is_some_and(|due| due <= known),
            at_risk: contract.at().is_some_and(|due| due > known && due <= imported),
            answered: None,
            paused: ticket.is_paused(),
        }
    }

    /// What the contract's clock is asked: the whole truth, or why there is nothing to ask.
    pub(crate) fn contract_run(&self, ticket: &Ticket, promise: &Promise) -> Result<Run, Absent> {
        Ok(Run {
            start: promise.metric.anchor().of(ticket, self.migration.imported)?,
            allowed: promise.allowed,
            pauses: ticket.still(self.migration.first_event),
        })
    }

    /// What the old desk's clock is asked, when it has one of this kind.
    pub(crate) fn source_run(&self, ticket: &Ticket, promise: &Promise) -> Result<Run, Absent> {
        let dialect = &self.source.as_ref().ok_or(Absent::Unknown)?.dialect;
        let until = self.migration.first_event;
        let pauses = if dialect.solved_counts { ticket.pauses(until) } else { ticket.still(until) };
        let pauses = match (dialect.pauses, ticket.policy_since) {
            (PauseKnowledge::None, _) => Pauses::default(),
            (PauseKnowledge::SincePolicyChange, Some(since)) => pauses.since(since),
            _ => pauses,
        };
        let anchor = dialect.anchor(promise.metric).ok_or(Absent::NoClock)?;
        let allowed = promise.held_before.ok_or(Absent::Unknown)?;
        let start = anchor.of(ticket, self.migration.imported)?;
        let start = match (dialect.reopening, ticket.reopened) {
            (Reopening::BeginsAnew, Some(reopened)) => reopened.max(start),
            (Reopening::AnswersBeginAnew, Some(reopened))
                if matches!(promise.metric, Metric::NextResponse | Metric::Update) =>
            {
                reopened.max(start)
            }
            _ => start,
        };
        Ok(Run { start, allowed, pauses })
    }

    /// What the new desk's clock is asked, when it has one of this kind: it knows nothing of pauses before the import.
    pub(crate) fn target_run(&self, ticket: &Ticket, promise: &Promise) -> Result<Run, Absent> {
        let imported = self.migration.imported;
        let dialect = &self.target.as_ref().ok_or(Absent::Unknown)?.dialect;
        if ticket.there == Some(Standing::Stops) {
            return Err(Absent::NoClock);
        }
        let start = self.target_anchor(promise.metric).ok_or(Absent::NoClock)?.of(ticket, imported)?;
        let pauses = match ticket.there {
            None => ticket.pauses(self.migration.first_event).after(imported),
            Some(Standing::Pauses) => Pauses::new([(imported, Some(self.migration.first_event))]),
            Some(_) => Pauses::default(),
        };
        let pauses = if dialect.pauses == PauseKnowledge::None { Pauses::default() } else { pauses };
        Ok(Run { start, allowed: promise.held, pauses })
    }

    /// From when the new desk counts a metric of an imported ticket, by what it does and what comes along.
    #[must_use]
    pub fn target_anchor(&self, metric: Metric) -> Option<Anchor> {
        let carried = self.migration.carried;
        Some(match self.target.as_ref()?.dialect.anchor_of_imported(metric)? {
            Anchor::Created | Anchor::Reopened if !carried.created => Anchor::Import,
            Anchor::LastCustomer | Anchor::LastAgent if !carried.messages => Anchor::Import,
            anchor => anchor,
        })
    }

    /// How much time of a clock passes between two instants, the first of them the earlier one.
    fn counted(&self, run: &Run, from: i64, to: i64) -> u64 {
        match run.allowed {
            Length::Business(_) | Length::BusinessDays(_) => {
                self.contract.calendar().elapsed_with(from, to, &run.pauses)
            }
            Length::Calendar(_) => {
                let still = run.pauses.iter().map(|(begin, end)| (end.min(to) - begin.max(from)).max(0));
                u64::try_from(to.saturating_sub(from) - still.sum::<i64>()).unwrap_or_default()
            }
        }
    }

    /// How far two instants are apart, in the promise's kind of time; nothing when the second is not the later one.
    fn distance(&self, promise: &Promise, from: i64, to: i64) -> u64 {
        match promise.allowed {
            Length::Business(_) | Length::BusinessDays(_) => self.contract.calendar().elapsed(from, to),
            Length::Calendar(_) => u64::try_from(to.saturating_sub(from)).unwrap_or_default(),
        }
    }
}

/// What an import brings of the old due instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Brought {
    /// This instant.
    At(i64),
    /// Nothing: there is none, or no row writes it.
    Nothing,
    /// Nobody knows what.
    Unread,
}

/// One question, with everything that was computed for it.
struct Asking<'a> {
    preview: &'a Preview<'a>,
    target: &'a Line,
    ticket: &'a Ticket,
    promise: &'a Promise,
    contract_run: Result<Run, Absent>,
    source_run: Result<Run, Absent>,
    source: Due,
    contract: Due,
}

impl Asking<'_> {
    /// The new desk right after the import, and after the first event.
    fn both(&self) -> (Compared, Compared) {
        let (imported, event) = (self.preview.migration.imported, self.preview.migration.first_event);
        // What is left is left when the clock changes desks: at the import, or when it is let go.
        let (change, action) = match &self.promise.action {
            Action::Suspend { until, then } => (event.max(*until), &**then),
            action => (imported, action),
        };
        let suspended = matches!(self.promise.action, Action::Suspend { .. });
        let after_import = match suspended {
            true => self.compared(Due::None(Absent::Suspended), Vec::new()),
            false => self.at(action, change, false),
        };
        // Most desks have no reason to change their mind.
        let dialect = &self.target.dialect;
        let same = dialect.on_import == dialect.on_event
            && dialect.keeps != Keeps::UntilEvent
            && !self.ticket.is_paused()
            && !self.ticket.is_paused_there()
            && !suspended;
        let after_event = if same { after_import.clone() } else { self.at(action, change, true) };
        (after_import, after_event)
    }

    /// The new desk right after the import or after an event, for a clock that changes desks at an instant.
    fn at(&self, action: &Action, instant: i64, event: bool) -> Compared {
        let dialect = &self.target.dialect;
        let counts = !dialect.by_level || self.preview.migration.carried.level;
        // What is left of a promise is left until its due instant: whoever inherits it inherits what is written of that.
        let inherits = matches!(action, Action::InheritDue | Action::InheritRemaining);
        let brought = if inherits { self.brought() } else { Brought::Nothing };
        // In a status in which nothing can be written nothing is, whatever it would be.
        let stands = dialect.keeps_running && self.ticket.is_paused_there();
        let keeps = match dialect.keeps {
            Keeps::Nothing => false,
            Keeps::Always | Keeps::Future => true,
            // Where nothing is computed, nothing takes its place.
            Keeps::UntilEvent => !event || !counts,
        };
        let refused = match brought {
            Brought::At(due) if stands || (dialect.keeps == Keeps::Future && due <= instant) => Some(due),
            Brought::At(due) if keeps => return self.compared(Due::At(due), self.shifts_of_shown(due)),
            Brought::Unread if keeps && !stands => {
                return self.compared(Due::None(Absent::Unread), Vec::new());
            }
            _ => None,
        };
        let computes = if event { dialect.on_event } else { dialect.on_import };
        let run = match self.preview.target_run(self.ticket, self.promise) {
            Ok(run) => run,
            Err(absent) => return self.compared(Due::None(absent), Vec::new()),
        };
        if !counts {
            return self.compared(Due::None(Absent::NoClock), Vec::new());
        }
        if !computes {
            let absent = if dialect.on_event { Absent::NotYet } else { Absent::NoClock };
            return self.compared(Due::None(absent), Vec::new());
        }
        if !event && self.ticket.is_paused_there() && dialect.hides_paused {
            return self.compared(Due::None(Absent::Paused), Vec::new());
        }
        let own = asked(&self.target.clock, &run);
        if let Some(due) = refused {
            let refused = Shift { reason: Reason::Refused, from: own, to: Due::At(due) };
            let shifts = std::iter::once(refused).chain(self.shifts_of_shown(due));
            return self.compared(own, shifts.collect());
        }
        let shifts = self.contract_run.as_ref().map(|contract| self.target.shifts(&run, contract));
        self.compared(own, shifts.unwrap_or_default())
    }

    /// What the import brings of the due instant that the old desk shows.
    fn brought(&self) -> Brought {
        let old = self.preview.source.as_ref().map(|line| &line.dialect);
        match (self.preview.migration.carried.due(self.promise.metric), self.ticket.shown_by(old)) {
            (Written::Nothing, _) => Brought::Nothing,
            // Another field may hold something where the old desk has no due instant.
            (Written::Unsure, _) => Brought::Unread,
            (Written::Old, Shown::Nothing) => Brought::Nothing,
            (Written::Old, Shown::Untold) => Brought::Unread,
            (Written::Old, Shown::At(at)) => Brought::At(at),
            // Of a desk that shows one instant, too, what a clock of its own would show is asked.
            (Written::Old, Shown::Other(at)) => {
                let own = self.source.at().filter(|_| self.target.dialect.one_due);
                Brought::At(own.unwrap_or(at))
            }
        }
    }

    /// From what the old desk shows to the promise.
    fn shifts_of_shown(&self, shown: i64) -> Vec<Shift> {
        let from = Due::At(shown);
        let counted = self.preview.mistake(self.ticket, self.promise);
        let reason = match self.ticket.shown {
            Shown::Other(_) => Reason::Earliest,
            _ if counted.is_some() => Reason::Unpaused,
            _ => Reason::Shown,
        };
        let (Some(line), Ok(run), Ok(contract)) =
            (&self.preview.source, &self.source_run, &self.contract_run)
        else {
            let shown = Shift { reason, from, to: self.contract };
            return (from != self.contract).then_some(shown).into_iter().collect();
        };
        let computed = asked(&line.clock, run);
        let shown = Shift { reason, from, to: computed };
        let shown = (from != computed).then_some(shown);
        shown.into_iter().chain(line.shifts(run, contract)).collect()
    }

    /// A due instant beside the promise.
    fn compared(&self, due: Due, shifts: Vec<Shift>) -> Compared {
        let compared = self.preview.compared(self.promise, self.contract, due, shifts);
        let both = due.at().zip(self.contract.at());
        let (Some((there, promised)), Ok(run)) = (both, &self.contract_run) else { return compared };
        // A pause is as good as closed hours: where time runs out as it begins, both of its sides are one moment.
        if compared.difference == Some(0)
            || self.preview.counted(run, there.min(promised), there.max(promised)) > 0
        {
            return compared;
        }
        let boundary = Shift { reason: Reason::Boundary, from: due, to: self.contract };
        Compared { due, class: Class::Equal, difference: Some(0), shifts: vec![boundary] }
    }
}

impl Preview<'_> {
    /// What a desk that shows one due instant for all clocks of a ticket shows, beside the promise of one of them. `own` is what its
    /// clock of this promise would show.
    #[must_use]
    pub fn beside(&self, promise: &Promise, contract: Due, shown: Due, own: &Compared) -> Compared {
        if shown == own.due {
            return own.clone();
        }
        let earliest = Shift { reason: Reason::Earliest, from: shown, to: own.due };
        let shifts = if shown.at().is_some() && own.due.at().is_some() {
            std::iter::once(earliest).chain(own.shifts.iter().copied()).collect()
        } else {
            vec![Shift { to: contract, ..earliest }]
        };
        self.compared(promise, contract, shown, shifts)
    }

    /// The due instant that the new desk was found to show for a clock, beside its promise: with the steps that lead from one to the other,
    /// where it shows what was foretold of it, or what the old desk showed. Without any, nobody knows why they differ.
    #[must_use]
    pub fn found(&self, promise: &Promise, outcome: &Outcome, found: i64) -> Compared {
        let found = Due::At(found);
        let foretold = [&outcome.after_import, &outcome.after_event];
        if let Some(foretold) = foretold.into_iter().find(|foretold| foretold.due == found) {
            return foretold.clone();
        }
        let shown = Shift { reason: Reason::Shown, from: found, to: outcome.contract };
        let shown = (outcome.source == found && found != outcome.contract).then_some(shown);
        self.compared(promise, outcome.contract, found, shown.into_iter().collect())
    }

    /// The way to count pauses by which the old desk's due instant comes out that it shows, when its own rules give another one.
    #[must_use]
    pub fn mistake(&self, ticket: &Ticket, promise: &Promise) -> Option<PauseMistake> {
        let shown = ticket.shown.at()?;
        // How long it is going to wait nobody knows.
        if ticket.is_paused() || ticket.paused.is_empty() {
            return None;
        }
        let (run, clock) = match &self.source {
            Some(line) => (self.source_run(ticket, promise).ok()?, &line.clock),
            None => (self.contract_run(ticket, promise).ok()?, &self.contract),
        };
        let until = self.migration.first_event;
        let counts = self.source.as_ref().is_some_and(|line| line.dialect.solved_counts);
        let pauses = if counts { ticket.pauses(until) } else { ticket.still(until) };
        let run = Run { pauses, ..run };
        let near = |answer: Answer| {
            let Answer::At(due) = answer else { return false };
            self.distance(promise, due.min(shown), due.max(shown)) <= self.migration.tolerance
        };
        let by = |rule, pauses: &Pauses| near(clock.due_by(rule, run.start, run.allowed, pauses));
        // A desk that counts as it should has made no mistake.
        if by(PauseRule::Stop, &run.pauses) || near(clock.due(run.start, run.allowed, &run.pauses)) {
            return None;
        }
        let ways = [
            (PauseMistake::Unknown, PauseRule::Ignored),
            (PauseMistake::AddedToDue, PauseRule::AddedToDue),
            (PauseMistake::AddedToAllowed, PauseRule::AddedToAllowed),
            (PauseMistake::AddedToStart, PauseRule::AddedToStart),
        ];
        let lost = |since: i64| by(PauseRule::Stop, &run.pauses.since(since));
        let lost = ticket.policy_since.filter(|since| lost(*since)).map(|_| PauseMistake::LostWithPolicy);
        lost.or_else(|| ways.into_iter().find(|(_, rule)| by(*rule, &run.pauses)).map(|(way, _)| way))
    }

    /// A due instant beside the promise.
    fn compared(&self, promise: &Promise, contract: Due, due: Due, shifts: Vec<Shift>) -> Compared {
        let apart = |from, to| i64::try_from(self.distance(promise, from, to)).unwrap_or(i64::MAX);
        let (Some(there), Some(promised)) = (due.at(), contract.at()) else {
            let class = match (due.at(), contract.at()) {
                _ if [contract, due].iter().any(|due| due.is_untold()) => Class::Unknown,
                (None, _) if contract == Due::None(Absent::NotBegun) => Class::NotBegun,
                _ if matches!(due, Due::None(Absent::Unknown | Absent::Unread)) => Class::Unknown,
                (None, None) => Class::Equal,
                // Nothing was promised, so whatever is shown is too early.
                (Some(_), None) => Class::FalseLate,
                (None, Some(_)) => Class::NoClock,
                (Some(_), Some(_)) => Class::Equal,
            };
            return Compared { due, class, difference: None, shifts };
        };
        let difference = if there >= promised { apart(promised, there) } else { -apart(there, promised) };
        let class = match difference {
            _ if difference.unsigned_abs() <= self.migration.tolerance => Class::Equal,
            1.. => Class::HiddenBreach,
            _ => Class::FalseLate,
        };
        // Two sides of closed hours are one moment, whatever led there.
        let moment = difference == 0 && there != promised;
        let shifts = match moment {
            true => vec![Shift { reason: Reason::Boundary, from: due, to: contract }],
            false => shifts,
        };
        Compared { due, class, difference: Some(difference), shifts }
    }
}
