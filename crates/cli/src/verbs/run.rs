//! The verbs that run a plan. What they do is decided in `runner`; here it is only said.

mod amend;
mod look_on;
mod preflight;
mod rehearse;
mod signed;
mod skip;
mod takeover;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use cutover_diagnostics::sanitize::inert_line;
use cutover_plan::Plan;
use cutover_plan::bundle::{self, Bundle};
use cutover_plan::signoffs::SignOff;
use cutover_plan::text::numbers::number;
use cutover_runner::{
    Back, Counts, Ended, Environment, Event, For, Host, Kept, Look, Opening, Parts, Problem, Report, Run,
    Settled, Status, Wait, Waiving, elsewhere, local, short,
};

use crate::args::{
    DidArgs, NoteArgs, PauseArgs, RejectsArgs, ReportArgs, RetryArgs, RetryWhat, RollbackArgs, RunArgs,
    RunOf, SettleArgs, StatusArgs, TraceArgs, WaiveArgs,
};
pub(crate) use amend::run as amend;
use look_on::{Ears, seen};
pub(crate) use preflight::run as preflight;
pub(crate) use rehearse::run as rehearse;
pub(crate) use signed::{carry, export as export_signed};
pub(crate) use skip::run as skip;
pub(crate) use takeover::{lock, run as takeover};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::written::{self, Rules};

/// The variable that makes a run die at a point, to see that nothing is lost.
const DIE_AT: &str = "CUTOVER_DIE_AT";

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Failure {
        let failure = Failure::new(problem.why);
        let failure = match problem.help {
            Some(help) => failure.help(help),
            None => failure,
        };
        match (problem.paused, problem.later) {
            (true, _) => failure.for_people(),
            (false, true) => failure.for_later(),
            (false, false) => failure,
        }
    }
}

pub(crate) fn run(args: &RunArgs) -> Result<Exit, Failure> {
    let given = Given::read(&args.of)?;
    if args.dry_run {
        return given.forecast(false);
    }
    let ears = Ears::of(args.format);
    let (ended, at) = seen(&given, args.account.as_deref(), &ears, |run| Ok((run.run()?, run.now())))?;
    let mut out = std::io::stdout().lock();
    let plan = &given.bundle.plan;
    if matches!(ears, Ears::Json) {
        writeln!(out, "{}", ended.json(plan, &at))?;
        return Ok(match ended {
            Ended::Complete => Exit::Clean,
            Ended::Waiting(_) | Ended::Paused { .. } => Exit::Waiting,
            Ended::Failed { .. } => Exit::NotVerified,
        });
    }
    Ok(match ended {
        Ended::Complete => {
            writeln!(out, "the run is complete")?;
            // Whether that is too many was the question of triggers and criteria; that there are some is said all the same.
            let (rejected, doubt) = given.look(|look| Ok(look.rejects(&mut std::io::sink())?))?;
            if rejected + doubt > 0 {
                let env = shell(&args.of.env.to_string_lossy()).into_owned();
                let project = shell(&args.of.bundle.to_string_lossy()).into_owned();
                let doubt =
                    if doubt > 0 { format!(", {} are in doubt", number(doubt)) } else { String::new() };
                let rejected = number(rejected);
                writeln!(
                    out,
                    "{rejected} records did not go over{doubt}: `cutover rejects {project} --env {env}` lists them"
                )?;
            }
            Exit::Clean
        }
        Ended::Waiting(waits) => {
            writeln!(out, "the run waits")?;
            waiting(plan, &args.of, &waits, &mut out)?;
            Exit::Waiting
        }
        Ended::Paused { by, why } => {
            writeln!(out, "{} paused the run: {}", inert_line(&by), inert_line(&why))?;
            Exit::Waiting
        }
        Ended::Failed { stage, why } => {
            parts(&format!("{} did not pass", inert_line(&stage)), &why, &mut out)?;
            writeln!(out, "mend it, or waive what may be waived; the same command tries it again")?;
            Exit::NotVerified
        }
    })
}

pub(crate) fn status(args: &StatusArgs) -> Result<Exit, Failure> {
    let given = Given::read(&args.of)?;
    let (status, view) = given.look(|look| Ok((look.status()?, look.view()?)))?;
    if let Some(page) = &args.page {
        look_on::write_page(page, &view)?;
    }
    let mut out = std::io::stdout().lock();
    if args.json {
        writeln!(out, "{}", view.json())?;
        return Ok(Exit::Clean);
    }
    if args.view {
        for line in view.lines() {
            writeln!(out, "{}", inert_line(&line))?;
        }
        return Ok(Exit::Clean);
    }
    let plan = &given.bundle.plan;
    if let Some(by) = &status.elsewhere {
        writeln!(out, "out of date: {}", inert_line(&elsewhere(by)))?;
    }
    writeln!(out, "{}: account {}, plan {}", plan.migration.title, status.account, short(&status.plan))?;
    writeln!(out, "{}, {} of {} stages are over", local(plan, status.at), status.over.0, status.over.1)?;
    if let Some((by, why)) = &status.paused {
        writeln!(out, "paused by {}: {}", inert_line(by), inert_line(why))?;
    }
    list("now", &status.now, &mut out)?;
    list("did not pass", &status.failed, &mut out)?;
    list("next, by this program", &status.next, &mut out)?;
    if !status.waiting.is_empty() {
        writeln!(out, "waits")?;
        waiting(plan, &args.of, &status.waiting, &mut out)?;
    }
    for now in &view.now {
        writeln!(out, "{}: {}", inert_line(&now.stage), inert_line(&now.words()))?;
    }
    if let Some(by) = &view.answer_by {
        writeln!(out, "an answer is needed by {}", inert_line(by))?;
    }
    if let Some(human) = view.human.as_ref().filter(|human| human.from.is_some()) {
        let from = human.from.as_deref().unwrap_or_default();
        let line = format!("next, by people, from {from}: {}: {} ({})", human.who, human.title, human.text);
        writeln!(out, "{}", inert_line(&line))?;
    }
    if let Some(ends) = view.ends.as_ref().filter(|_| status.over.0 < status.over.1) {
        writeln!(out, "the work of the window is over {}", inert_line(&ends.words()))?;
    }
    if let Some(no_return) = view.no_return.as_ref().filter(|no_return| !no_return.over) {
        writeln!(out, "way back: {}", inert_line(&no_return.words()))?;
    }
    if let Some((stage, over)) = &status.no_return {
        let said =
            if *over { "is over: what it did cannot be taken back" } else { "is the point of no return" };
        writeln!(out, "{stage} {said}")?;
    }
    table(&status, &mut out)?;
    Ok(Exit::Clean)
}

fn list(title: &str, stages: &[(String, String)], out: &mut dyn std::io::Write) -> Result<(), Failure> {
    if !stages.is_empty() {
        writeln!(out, "{title}")?;
    }
    for (stage, words) in stages {
        writeln!(out, "  {}: {}", inert_line(stage), inert_line(words))?;
    }
    Ok(())
}

/// Records by stage, and rejects by cause.
fn table(status: &Status, out: &mut dyn std::io::Write) -> Result<(), Failure> {
    for (stage, counts) in &status.counts {
        for (kind, counts) in counts {
            writeln!(out, "  {stage}: {} {kind}: {}", number(counts.read), words(counts))?;
        }
    }
    for (stage, kind, code, count) in &status.rejects {
        if code == "in-doubt" {
            writeln!(out, "  in doubt in {stage}: {} {kind}: `cutover rejects` lists them", number(*count))?;
        } else {
            writeln!(out, "  rejected in {stage}: {} {kind}: {code}", number(*count))?;
        }
    }
    Ok(())
}

fn words(counts: &Counts) -> String {
    let mut text = format!("{} written", number(counts.written));
    for (count, what) in
        [(counts.rejected, "rejected"), (counts.filtered, "left out"), (counts.uncertain, "uncertain")]
    {
        if count > 0 {
            text.push_str(&format!(", {} {what}", number(count)));
        }
    }
    text
}

/// What is waited for, each with the command that says it was done: as it can be typed.
fn waiting(plan: &Plan, of: &RunOf, waits: &[Wait], out: &mut dyn std::io::Write) -> Result<(), Failure> {
    let here = format!("{} --env {}", shell(&of.bundle.to_string_lossy()), shell(&of.env.to_string_lossy()));
    for Wait { stage, title, what } in waits {
        writeln!(out, "  {}: {}", inert_line(stage), inert_line(title))?;
        let hint = match what {
            For::Signatures { item, by, again: true } => {
                let by = by.first().map_or("", String::as_str);
                let env = shell(&of.env.to_string_lossy()).into_owned();
                let project = shell(&of.bundle.to_string_lossy()).into_owned();
                format!(" (`cutover sign {} --by {by} --project {project} --env {env}`)", shell(item))
            }
            For::Signatures { item, by, again: false } => {
                let by = by.first().map_or("", String::as_str);
                let project = shell(&of.bundle.to_string_lossy()).into_owned();
                format!(" (`cutover sign {} --by {by} --project {project}`)", shell(item))
            }
            For::Person { by } if stage.starts_with("stage/rehearse/") => {
                format!(" (`cutover rehearse {here}`, or `cutover did {} {here} --by {by}`)", shell(stage))
            }
            For::Person { by } => format!(" (`cutover did {} {here} --by {by}`)", shell(stage)),
            For::Look { item, by } => format!(" (`cutover did {} {here} --by {by}`)", shell(item)),
            For::Moment { .. } => String::new(),
        };
        writeln!(out, "    {}{}", inert_line(&what.words(plan)), inert_line(&hint))?;
    }
    Ok(())
}

/// A word as a shell takes it.
fn shell(word: &str) -> std::borrow::Cow<'_, str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./:@%+,=".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) {
        return word.into();
    }
    format!("'{}'", word.replace('\'', "'\\''")).into()
}

pub(crate) fn settle(args: &SettleArgs) -> Result<Exit, Failure> {
    let found = match &args.there {
        Some(id) => Settled::There(id),
        None => Settled::NotThere,
    };
    let kind = Given::read(&args.of)?.open(None, |run| {
        Ok(run.settle(args.kind.as_deref(), &args.id, &found, &args.by, &args.because)?)
    })?;
    let (kind, id) = (inert_line(&kind), inert_line(&args.id));
    match &args.there {
        Some(there) => writeln!(
            std::io::stdout(),
            "{kind} {id} is settled: the new desk has it as {}",
            inert_line(there)
        )?,
        None => writeln!(
            std::io::stdout(),
            "{kind} {id} is settled: it is not there, and rejected; `cutover retry rejects` sends it"
        )?,
    }
    Ok(Exit::Clean)
}

pub(crate) fn did(args: &DidArgs) -> Result<Exit, Failure> {
    let said =
        Given::read(&args.of)?.change(|look| Ok(look.did(&args.stage, &args.by, &args.evidence)?))?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "noted: {}", number(said.noted.len() as u64))?;
    for id in &said.noted {
        writeln!(out, "  {}", inert_line(id))?;
    }
    for (id, why) in &said.left {
        writeln!(out, "left: {}: {}", inert_line(id), inert_line(why))?;
    }
    Ok(Exit::Clean)
}

pub(crate) fn pause(args: &PauseArgs) -> Result<Exit, Failure> {
    Given::read(&args.of)?.change(|look| Ok(look.pause(&args.by, &args.because)?))?;
    writeln!(std::io::stdout(), "the run is paused; one that goes on stops behind the batch at hand")?;
    Ok(Exit::Clean)
}

pub(crate) fn resume(args: &PauseArgs) -> Result<Exit, Failure> {
    Given::read(&args.of)?.change(|look| Ok(look.resume(&args.by, &args.because)?))?;
    writeln!(std::io::stdout(), "the run may go on: `cutover run` continues it")?;
    Ok(Exit::Clean)
}

pub(crate) fn waive(args: &WaiveArgs) -> Result<Exit, Failure> {
    let waiving = Waiving {
        check: &args.check,
        by: &args.by,
        why: &args.because,
        until: args.until.as_deref(),
        up_to: &args.up_to,
    };
    let words = Given::read(&args.of)?.change(|look| Ok(look.waive(&waiving)?))?;
    writeln!(std::io::stdout(), "{} is {}", inert_line(&args.check), inert_line(&words))?;
    Ok(Exit::Clean)
}

pub(crate) fn note(args: &NoteArgs) -> Result<Exit, Failure> {
    Given::read(&args.of)?.change(|look| Ok(look.note(&args.by, &args.text)?))?;
    writeln!(std::io::stdout(), "noted")?;
    Ok(Exit::Clean)
}

pub(crate) fn verify(of: &RunOf) -> Result<Exit, Failure> {
    let found = Given::read(of)?.open(None, |run| Ok(run.verify()?))?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", found.words())?;
    for ((kind, field), count) in &found.differing {
        writeln!(out, "  {kind}.{field}: {} differ", number(*count))?;
    }
    for (kind, key, field) in &found.examples {
        let at = if field.is_empty() { String::new() } else { format!(", {field}") };
        writeln!(out, "  {} {}{}", inert_line(kind), inert_line(key), inert_line(&at))?;
    }
    Ok(if found.is_equal() { Exit::Clean } else { Exit::NotVerified })
}

pub(crate) fn trace(args: &TraceArgs) -> Result<Exit, Failure> {
    let kind = args.kind.as_deref();
    let lines =
        Given::read(&args.of)?.open(None, |run| Ok(run.trace(kind, &args.id, args.show_values)?))?;
    let mut out = std::io::stdout().lock();
    for line in lines {
        writeln!(out, "{}", inert_line(&line))?;
    }
    Ok(Exit::Clean)
}

pub(crate) fn rejects(args: &RejectsArgs) -> Result<Exit, Failure> {
    let (count, doubt) = Given::read(&args.of)?.look(|look| {
        let mut bytes = Vec::new();
        let count = look.rejects(&mut bytes)?;
        write_out(args.output.as_deref(), &|head| head.starts_with("{\"stage\":\""), &bytes)?;
        Ok(count)
    })?;
    writeln!(std::io::stderr(), "{} records did not go over", number(count))?;
    if doubt > 0 {
        writeln!(
            std::io::stderr(),
            "{} are in doubt: nobody knows whether the new desk has them",
            number(doubt)
        )?;
    }
    Ok(if count + doubt > 0 { Exit::Findings } else { Exit::Clean })
}

pub(crate) fn retry(args: &RetryArgs) -> Result<Exit, Failure> {
    let RetryWhat::Rejects(of) = &args.what;
    let found = Given::read(of)?.open(None, |run| Ok(run.retry_rejects()?))?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{} went over, {} are rejected again", number(found.over), number(found.again))?;
    if found.late > 0 {
        let (count, are) = (number(found.late), if found.late == 1 { "belongs" } else { "belong" });
        writeln!(
            out,
            "{count} {are} to records that are there, and this desk takes nothing more for these: take their wave back, and load it again"
        )?;
    }
    Ok(if found.again + found.late > 0 { Exit::Findings } else { Exit::Clean })
}

pub(crate) fn rollback(args: &RollbackArgs) -> Result<Exit, Failure> {
    let how = Back {
        wave: args.wave.as_deref(),
        dry: args.dry_run,
        anyway: args.past_no_return,
        by: args.by.as_deref().unwrap_or_default(),
        why: args.because.as_deref().unwrap_or_default(),
    };
    let given = Given::read(&args.of)?;
    let back = given.open(None, |run| Ok(run.rollback(how)?))?;
    let name = |who: &str| {
        let person = given.bundle.plan.people.get(who);
        person.map_or_else(|| who.to_owned(), |person| format!("{} ({who})", person.name))
    };
    let mut out = std::io::stdout().lock();
    let would = if args.dry_run { "would be deleted" } else { "deleted" };
    new_records(&back.new, &name, &mut out)?;
    for (kind, count) in &back.deleted {
        writeln!(out, "{} {kind} {would}", number(*count))?;
    }
    if back.deleted.is_empty() {
        writeln!(out, "nothing to delete")?;
    }
    if back.gone > 0 {
        writeln!(out, "{} were gone already", number(back.gone))?;
    }
    if back.stay > 0 {
        writeln!(out, "{} stay", number(back.stay))?;
    }
    for (kind, id, why) in &back.kept {
        writeln!(out, "  {} {}: {}", inert_line(kind), inert_line(id), inert_line(why))?;
    }
    if back.uncertain > 0 {
        writeln!(
            out,
            "{} are uncertain: somebody has to look for them in the new desk",
            number(back.uncertain)
        )?;
    }
    if let Some(message) = &back.message {
        let path = given.folder.join(bundle::ASSETS).join(message);
        writeln!(out, "customers are told, by people: the message of the plan is {}", path.display())?;
    }
    for (step, words, who) in &back.by_people {
        writeln!(out, "by people: {}: {}, {}", inert_line(step), inert_line(words), inert_line(&name(who)))?;
    }
    for (stage, because) in &back.final_stages {
        writeln!(out, "cannot be taken back: {}: {}", inert_line(stage), inert_line(because))?;
    }
    Ok(if back.stay > 0 || back.uncertain > 0 { Exit::Findings } else { Exit::Clean })
}

/// What customers and people wrote into the new desk meanwhile, and where it is kept.
fn new_records(
    new: &Kept,
    name: &dyn Fn(&str) -> String,
    out: &mut dyn std::io::Write,
) -> Result<(), Failure> {
    if new.records.is_empty() {
        return Ok(());
    }
    let records: Vec<String> =
        new.records.iter().map(|(kind, count)| format!("{} {kind}", number(*count))).collect();
    writeln!(out, "no run brought these: {}", records.join(", "))?;
    let by = new.by.as_deref().map_or_else(String::new, |by| format!(", for {}", name(by)));
    match (&new.folder, &new.store) {
        (Some(folder), _) => writeln!(out, "  they are kept in {}{by}", folder.display())?,
        (None, Some(store)) if !new.what.is_empty() => {
            writeln!(
                out,
                "  the plan keeps {} of them in {}{by}",
                new.what.join(" and "),
                inert_line(store)
            )?;
        }
        _ => writeln!(out, "  they stay, with what they refer to")?,
    }
    Ok(())
}

pub(crate) fn report(args: &ReportArgs) -> Result<Exit, Failure> {
    let given = Given::read(&args.of)?;
    let report = given.look(|look| Ok(look.report()?))?;
    let end =
        args.output.as_deref().and_then(Path::extension).map(|end| end.to_string_lossy().to_lowercase());
    let text = match end.as_deref() {
        Some("html" | "htm") => report.page(),
        None | Some("md" | "markdown" | "txt") => report.markdown(),
        Some(end) => {
            return Err(Failure::new(format!("a report is Markdown or one HTML page, and no `.{end}`"))
                .help("name a file that ends in `.md`, `.txt` or `.html`"));
        }
    };
    write_out(args.output.as_deref(), &Report::is_one, text.as_bytes())?;
    Ok(Exit::Clean)
}

/// Writes to a file that only its owner can read, over nothing but one of the same kind, or to standard output.
fn write_out(path: Option<&Path>, own: &dyn Fn(&str) -> bool, bytes: &[u8]) -> Result<(), Failure> {
    match path {
        Some(path) => written::whole(path, &Rules::own(own), bytes),
        None => Ok(std::io::stdout().write_all(bytes)?),
    }
}

/// What the command line gives: a plan, its sign-offs, an environment.
pub(super) struct Given {
    pub(super) bundle: Bundle,
    folder: PathBuf,
    environment: Environment,
    sign_offs: Vec<SignOff>,
}

impl Given {
    pub(super) fn read(of: &RunOf) -> Result<Given, Failure> {
        let inside = of.bundle.join("plan");
        let folder: PathBuf = if inside.join(bundle::PLAN).is_file() { inside } else { of.bundle.clone() };
        let bundle = bundle::read(&folder)
            .map_err(|error| Failure::new(format!("no plan in {}", of.bundle.display())).because(error))?;
        let environment = Environment::read(&of.env)?;
        // The sign-offs stand beside the plan's folder. What is wrong with one of them is `cutover signoffs verify`'s to tell; here it
        // is only no sign-off.
        let project =
            folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let (given, _) = super::signoffs::given(project, &bundle.plan)?;
        let sign_offs = given.into_iter().map(|given| given.sign_off).collect();
        Ok(Given { bundle, folder, environment, sign_offs })
    }

    /// Says how long a run or a rehearsal takes, and why; nothing is done.
    pub(super) fn forecast(&self, rehearsal: bool) -> Result<Exit, Failure> {
        let secrets = |name: &str| std::env::var(name).ok();
        let found = cutover_runner::forecast(&self.opening(None, &secrets, None), rehearsal)?;
        let mut out = std::io::stdout().lock();
        for line in found.lines() {
            writeln!(out, "{}", inert_line(&line))?;
        }
        Ok(if found.fits() { Exit::Clean } else { Exit::Findings })
    }

    /// Opens the run for this program alone.
    pub(super) fn open<T>(
        &self,
        account: Option<&str>,
        act: impl FnOnce(&Run<'_>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let done = self.open_with(account, &tell_lines, act)?;
        self.page_anew();
        Ok(done)
    }

    /// Writes something down about the run, which may go on in another program.
    pub(super) fn change<T>(&self, act: impl FnOnce(&Look<'_>) -> Result<T, Failure>) -> Result<T, Failure> {
        let done = self.look(act)?;
        self.page_anew();
        Ok(done)
    }

    /// Writes the page for onlookers again, where the environment has one: they see what every verb did, and not only `run`.
    pub(super) fn page_anew(&self) {
        let Some(page) = &self.environment.page else { return };
        let written = self.look(|look| look_on::write_page(&self.environment.path(page), &look.view()?));
        if let Err(failure) = written {
            // What onlookers cannot see is no failure of the verb.
            let _ = writeln!(std::io::stderr(), "the page was not written: {failure}");
        }
    }

    /// Opens the run for this program alone, with somebody who hears of what happens.
    fn open_with<T>(
        &self,
        account: Option<&str>,
        hear: &dyn Fn(&Event, i64),
        act: impl FnOnce(&Run<'_>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let die_at = std::env::var(DIE_AT).ok();
        let secrets = |name: &str| std::env::var(name).ok();
        let opening = Opening { tell: hear, ..self.opening(account, &secrets, die_at.as_deref()) };
        let parts = Parts::open(&opening, false)?;
        let host: Host<'_> = parts.host(&opening)?;
        act(&Run::new(&opening, &parts, &host)?)
    }

    /// Looks at the run, which may go on in another program.
    pub(super) fn look<T>(&self, act: impl FnOnce(&Look<'_>) -> Result<T, Failure>) -> Result<T, Failure> {
        let secrets = |name: &str| std::env::var(name).ok();
        let opening = self.opening(None, &secrets, None);
        let parts = Parts::open(&opening, true)?;
        let host: Host<'_> = parts.host(&opening)?;
        act(&Look::new(&opening, &parts, &host))
    }

    fn opening<'a>(
        &'a self,
        account: Option<&'a str>,
        secrets: &'a dyn Fn(&str) -> Option<String>,
        die_at: Option<&'a str>,
    ) -> Opening<'a> {
        Opening {
            bundle: &self.bundle,
            folder: &self.folder,
            environment: &self.environment,
            account,
            secrets,
            sign_offs: &self.sign_offs,
            die_at,
            tell: &tell_lines,
        }
    }
}

/// Plain lines on standard error: what happens while it happens.
fn tell_lines(event: &Event, _: i64) {
    tell(event, &mut std::io::stderr().lock());
}

/// How a stage went: in one line, or each part of it in a line of its own, what did not pass first.
fn parts(head: &str, note: &str, out: &mut dyn std::io::Write) -> std::io::Result<()> {
    const WIDE: usize = 160;
    if note.is_empty() {
        return writeln!(out, "{head}");
    }
    if note.chars().count() < WIDE || !note.contains("; ") {
        return writeln!(out, "{head}: {}", inert_line(note));
    }
    writeln!(out, "{head}")?;
    let failed = |part: &&str| {
        [" does not pass", " is not measured", " fail: ", " not checkable: "]
            .iter()
            .any(|words| part.contains(words))
    };
    let indent: String = head.chars().take_while(|c| *c == ' ').collect();
    let (first, rest): (Vec<&str>, Vec<&str>) = note.split("; ").partition(failed);
    for part in first.into_iter().chain(rest) {
        writeln!(out, "{indent}  {}", inert_line(part))?;
    }
    Ok(())
}

/// What happens, in plain lines.
fn tell(event: &Event, err: &mut dyn std::io::Write) {
    // Nobody may be listening.
    let _ = match event {
        Event::Begins { stage, title } => writeln!(err, "{}: {}", inert_line(stage), inert_line(title)),
        Event::Progress { .. } => Ok(()),
        Event::Ends { stage, passed, counts, note } => {
            for (kind, counts) in counts {
                let _ = writeln!(err, "  {} {kind}: {}", number(counts.read), words(counts));
            }
            let word = if *passed { "over" } else { "did not pass" };
            parts(&format!("  {} {word}", inert_line(stage)), note, err)
        }
        Event::Fired { trigger, text, .. } => {
            writeln!(err, "  {} fired: {}", inert_line(trigger), inert_line(text))
        }
        Event::Told { to, what, problem: None } => {
            writeln!(err, "  told {}: {what}", inert_line(to))
        }
        Event::Told { to, what, problem: Some(why) } => {
            writeln!(err, "  could not tell {} ({what}): {}", inert_line(to), inert_line(why))
        }
        Event::Waits { seconds, why } => writeln!(err, "  waits {seconds} s: {}", inert_line(why)),
    };
}
