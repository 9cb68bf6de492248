//! The table of unfinished tickets: what clocks and counts need, no text and no person.

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufWriter, Read, Result, Seek, SeekFrom, Write};
use std::rc::Rc;

use cutover_catalog::inventory::{Told, UnfinishedTicket};
use cutover_ir::time::Instant;
use sha2::{Digest, Sha256};

use crate::ScanOptions;
use crate::external::{External, Line, Spill};
use crate::{key, withheld};

/// Memory of the bag of lines.
const LINES: usize = 8 << 20;
/// Most unfinished tickets whose comments are looked at, when the options do not say.
const FOLLOWED: usize = 2_000_000;
/// Most changes of state of one ticket that are kept.
const CHANGES: usize = 1000;

/// Gathers tickets and what happened to them, in any order.
pub(crate) struct Gathering {
    lines: External<Line>,
    known: HashSet<u128>,
    salt: String,
    account: String,
    /// Most tickets in `known`.
    followed: usize,
    /// Tickets whose comments are not looked at, because there are too many.
    pub(crate) beyond: u64,
    /// Comments were looked at: a ticket of which none is known has none.
    pub(crate) messages: bool,
}

/// What happened to a ticket.
#[derive(Clone, Copy)]
pub(crate) enum Event<'a> {
    /// An agent answered in public.
    Agent,
    /// The customer wrote.
    Customer,
    /// The state became this.
    State(&'a str),
    /// The service level became another one.
    Level,
}

/// The finished table, in a temporary file that vanishes with it.
#[derive(Debug)]
pub struct Unfinished {
    file: Option<File>,
    count: u64,
    sha256: String,
}

impl Gathering {
    pub(crate) fn new(options: &ScanOptions, spill: &Rc<Spill>) -> Self {
        Gathering {
            lines: External::new(spill, LINES),
            known: HashSet::new(),
            salt: options.salt.clone(),
            account: options.account.clone(),
            followed: if options.followed == 0 { FOLLOWED } else { options.followed },
            beyond: 0,
            messages: false,
        }
    }

    /// The pseudonym of a ticket.
    pub(crate) fn pseudonym(&self, kind: &str, id: &str) -> String {
        key::pseudonym(&self.account, &self.salt, kind, id)
    }

    /// Adds an unfinished ticket.
    pub(crate) fn ticket(&mut self, id: &str, ticket: &UnfinishedTicket) -> Result<()> {
        let followed = self.known.len() < self.followed;
        if followed {
            self.known.insert(key::number(id));
        } else {
            self.beyond += 1;
        }
        let told = if followed { Told::Never } else { Told::Unknown };
        let mut body = vec![b'0'];
        let ticket = UnfinishedTicket { last_customer_at: told, last_agent_at: told, ..ticket.clone() };
        serde_json::to_writer(&mut body, &ticket)?;
        self.lines.push(Line { key: ticket.ticket.clone(), body: body.into() })
    }

    /// Adds what happened to a ticket, if that is unfinished and already known.
    pub(crate) fn event(&mut self, kind: &str, id: &str, at: Instant, event: Event<'_>) -> Result<()> {
        if !self.known.contains(&key::number(id)) {
            return Ok(());
        }
        let (tag, text) = match event {
            Event::Agent => (b'1', ""),
            Event::Customer => (b'2', ""),
            Event::State(state) => (b'3', state),
            Event::Level => (b'4', ""),
        };
        let mut body = vec![tag];
        // With the sign bit turned, the order of bytes is that of time.
        body.extend_from_slice(&(at.nanos() ^ i128::MIN).to_be_bytes());
        body.extend_from_slice(text.as_bytes());
        self.lines.push(Line { key: self.pseudonym(kind, id).into(), body: body.into() })
    }

    /// Joins tickets and events into the table, by pseudonym. Of states only those `told` stand there by name.
    pub(crate) fn finish(mut self, spill: &Spill, told: &HashSet<String>) -> Result<Unfinished> {
        self.known = HashSet::new();
        let mut out = Output::new(spill, told, self.messages)?;
        let mut lines = self.lines.stream()?;
        let mut current: Option<UnfinishedTicket> = None;
        while let Some(line) = lines.next()? {
            if current.as_ref().is_none_or(|ticket| ticket.ticket != line.key) {
                out.write(current.take())?;
            }
            match line.body.split_first() {
                Some((b'0', json)) => {
                    let ticket: UnfinishedTicket = serde_json::from_slice(json)?;
                    // The same ticket twice in the export: the newer one counts.
                    if current.as_ref().is_none_or(|known| known.updated_at <= ticket.updated_at) {
                        current = Some(ticket);
                    }
                }
                Some((tag, rest)) => {
                    if let (Some(ticket), Some((nanos, text))) =
                        (&mut current, rest.split_first_chunk::<16>())
                    {
                        let at = Instant::from_nanos(i128::from_be_bytes(*nanos) ^ i128::MIN);
                        apply(ticket, *tag, at, &String::from_utf8_lossy(text));
                    }
                }
                None => {}
            }
        }
        out.write(current.take())?;
        out.finish()
    }
}

/// Takes an event in; they come by sort, each in order of time.
fn apply(ticket: &mut UnfinishedTicket, tag: u8, at: Instant, text: &str) {
    match tag {
        b'1' => {
            // What is as old as the ticket is its opening message.
            if at > ticket.created_at && ticket.first_response_at.is_none_or(|first| at < first) {
                ticket.first_response_at = Some(at);
            }
            ticket.last_agent_at = ticket.last_agent_at.or_later(at);
        }
        b'2' => ticket.last_customer_at = ticket.last_customer_at.or_later(at),
        b'4' => ticket.policy_since = Some(ticket.policy_since.map_or(at, |last| last.max(at))),
        _ if ticket.states.len() < CHANGES => ticket.states.push((at, text.into())),
        _ => {}
    }
}

struct Output<'t> {
    told: &'t HashSet<String>,
    file: BufWriter<File>,
    hash: Sha256,
    count: u64,
    messages: bool,
}

impl<'t> Output<'t> {
    fn new(spill: &Spill, told: &'t HashSet<String>, messages: bool) -> Result<Self> {
        Ok(Output { told, file: BufWriter::new(spill.file()?), hash: Sha256::new(), count: 0, messages })
    }

    fn write(&mut self, ticket: Option<UnfinishedTicket>) -> Result<()> {
        let Some(mut ticket) = ticket else { return Ok(()) };
        if !self.messages {
            // Who has not looked does not know that there is none.
            for told in [&mut ticket.last_customer_at, &mut ticket.last_agent_at] {
                if *told == Told::Never {
                    *told = Told::Unknown;
                }
            }
        }
        for state in
            std::iter::once(&mut ticket.status).chain(ticket.states.iter_mut().map(|(_, state)| state))
        {
            if !self.told.contains(&**state) {
                *state = withheld::OTHER.into();
            }
        }
        let mut line = serde_json::to_vec(&ticket)?;
        line.push(b'\n');
        self.hash.update(&line);
        self.count += 1;
        self.file.write_all(&line)
    }

    fn finish(self) -> Result<Unfinished> {
        let file = self.file.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        Ok(Unfinished { file: Some(file), count: self.count, sha256: key::hex(&self.hash.finalize()) })
    }
}

impl Unfinished {
    /// Number of lines.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// SHA-256 of the table as 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// Writes the table: JSONL, one [`UnfinishedTicket`] a line, by pseudonym.
    ///
    /// # Errors
    /// When it cannot be read back or written.
    pub fn write_to(&mut self, to: &mut dyn Write) -> Result<()> {
        let Some(file) = &mut self.file else { return Ok(()) };
        file.seek(SeekFrom::Start(0))?;
        let mut buffer = vec![0; 64 << 10];
        loop {
            let count = file.read(&mut buffer)?;
            match buffer.get(..count) {
                Some(part) if count > 0 => to.write_all(part)?,
                _ => return to.flush(),
            }
        }
    }
}
