//! The closed lists of words that a spec may use, and what each word says.

/// A list: what it is of, and its words.
type List = (&'static str, &'static [(&'static str, &'static str)]);

/// What a word of a list says.
pub(crate) fn find(of: &str, word: &str) -> Option<&'static str> {
    let (_, words) = LISTS.iter().find(|(list, _)| *list == of)?;
    words.iter().find(|(known, _)| *known == word).map(|(_, says)| *says)
}

/// All lists. A test holds them to those of the language.
pub(crate) const LISTS: &[List] = &[
    (
        "a role",
        &[
            ("project_owner", "Decides what happens, and answers for the whole migration."),
            ("support_operations", "Knows how the team works: statuses, promises, routing."),
            ("integrator", "Exports, maps and loads; runs the night."),
            ("quality_tester", "Compares old and new, and signs what passes."),
            ("frontline_agent", "Answers tickets every day, and says whether the new desk can be worked in."),
            ("integration_owner", "Answers for the systems that are connected to the helpdesk."),
            ("stakeholder", "Pays for it, or is measured by it."),
            ("decision_maker", "Decides what happens, and when it is taken back."),
            ("configuration_lead", "Sets the new desk up."),
            ("data_owner", "Answers for what is exported, mapped and loaded."),
            ("agent_champion", "Speaks for those who answer tickets."),
        ],
    ),
    (
        "rules that stay as they are",
        &[
            ("automations", "What the old desk does on its own."),
            ("business_hours", "The opening hours by which promises are counted."),
            ("custom_fields", "Fields that the account added."),
            ("escalations", "Who is told when a promise is in danger."),
            ("holidays", "Days on which no promise runs."),
            ("macros", "Prepared answers and the changes that go with them."),
            ("priorities", "The priorities, and what follows from them."),
            ("roles", "Who may do what."),
            ("routing", "Which group or queue gets which ticket."),
            ("sla_timers", "The promises: which clock has which target."),
            ("statuses", "The statuses of tickets."),
        ],
    ),
    (
        "what agents are trained in",
        &[
            ("both_systems", "Working while both desks are open."),
            ("chat_handoff", "Taking a chat over from a colleague or a bot."),
            ("escalate", "Handing a ticket to whoever is called next."),
            ("find_history", "Finding a ticket of the old desk in the new one."),
            ("internal_notes", "Writing a note that no customer sees."),
            ("macros", "Using prepared answers."),
            ("merge_duplicate", "Making one of two tickets about the same thing."),
            ("missing_customer", "A customer whom the new desk does not know."),
            ("outage", "What to do when the new desk is down."),
            ("receive", "Taking a new ticket."),
            ("reopen", "A customer answers a ticket that was finished."),
            ("sla_status", "Seeing how long there is to answer."),
            ("unresolved_ticket", "Going on with a ticket that began in the old desk."),
            ("views", "Finding what is to be done next."),
        ],
    ),
    (
        "what a rehearsal tries",
        &[
            ("attachments", "Files open, and are the ones that were sent."),
            ("automations", "What the new desk does on its own does what it should, once."),
            ("business_hours", "Promises stand still while nobody works."),
            ("concurrent_updates", "Two people change one ticket at the same time."),
            ("due_times", "Due times come out as the contract says."),
            ("escalations", "Whoever has to be told is told."),
            ("integrations", "Connected systems read and write what they should."),
            ("notifications", "Nobody outside gets a message."),
            ("permissions", "Each role sees what it may see, and no more."),
            ("reports", "Figures are those of the old desk."),
            ("reversal", "What was loaded is taken back without a rest."),
            ("routing", "Tickets end in the right group or queue."),
            ("tests", "The tests that the spec declares."),
        ],
    ),
    (
        "records that a sample holds on purpose",
        &[
            ("attachments", "With a file."),
            ("empty_fields", "With the most fields that have no value."),
            ("escalated", "Escalated once."),
            ("large_attachments", "With the largest files."),
            ("linked", "Pointing at another record of its kind."),
            ("longest", "With the longest texts."),
            ("many_comments", "With the most comments and other parts."),
            ("merged", "Merged with another one."),
            ("near_due", "Unfinished, and due within a day."),
            ("non_latin", "With letters beyond the Latin ones."),
            ("overdue", "Unfinished, and due in the past."),
            ("private_notes", "With a note that no customer may see."),
            ("rare_fields", "With values in fields that hardly any record fills."),
            ("reopened", "Reopened after it was finished."),
            ("simple", "Short, with one comment at most."),
            ("suspended_author", "With a person who can no longer sign in."),
            ("transcripts", "With a transcript of a chat or a call."),
        ],
    ),
    (
        "what is compared of an export",
        &[
            ("checksums", "Each file is the one that was written."),
            ("counts", "As many records as the old desk has."),
            ("note_visibility", "Private notes are private in the export."),
            ("thread_order", "Comments stand in the order in which they were written."),
            ("timestamps", "Times are those of the old desk."),
        ],
    ),
    (
        "a review area",
        &[
            ("exports", "Everything that should be exported is."),
            ("mapping", "Fields hold what they held."),
            ("owners", "Tickets belong to whom they belonged."),
            ("sla_timers", "Promises are due when they were."),
            ("chat", "Chats and calls can be read, and new ones come in."),
            ("macros", "Prepared answers do what they did."),
            ("permissions", "Everybody sees what they may see, and no more."),
            ("integrations", "Connected systems work."),
            ("reporting", "Figures go on without a break."),
        ],
    ),
    (
        "a channel",
        &[
            ("api", "Programs that write tickets."),
            ("chat", "The chat on the website or in the app."),
            ("email", "The addresses that customers write to."),
            ("forms", "Forms on the website."),
            ("portal", "The portal in which customers see their tickets."),
            ("sms", "Text messages."),
            ("social", "Social networks."),
            ("telephony", "Calls."),
        ],
    ),
    (
        "what can be left over",
        &[
            ("field_errors", "Values that came out wrong."),
            ("reporting_anomalies", "Figures that nobody can explain."),
            ("sync_failures", "Connected systems that missed something."),
            ("unresolved_tickets", "Tickets of the old desk that nobody finished."),
        ],
    ),
    (
        "what has to be over first",
        &[
            ("archives", "Everything that is archived is there, and can be read."),
            ("checks", "All checks have passed."),
            ("criteria", "All criteria hold."),
            ("hypercare", "The days of close care are over."),
            ("objectives", "All objectives were looked at."),
            ("ownership", "Nothing that was left over is still open."),
            ("watch", "Nothing is watched any more."),
        ],
    ),
    (
        "texts and rules that can be read",
        &[
            ("automations", "What the new desk does on its own."),
            ("help_centre", "Articles for customers."),
            ("macros", "Prepared answers."),
            ("reports", "Saved reports and dashboards."),
            ("scorecards", "Forms by which conversations are judged."),
            ("templates", "Texts of messages that the desk sends."),
            ("triggers", "Rules that act when something happens."),
            ("views", "Saved lists of tickets."),
        ],
    ),
    (
        "as what it is built anew",
        &[
            ("macro", "A prepared answer of the new desk."),
            ("native automation", "A rule of the new desk that acts after some time."),
            ("native routing", "The new desk's own way to hand tickets out."),
            ("native rule", "A rule of the new desk."),
            ("native trigger", "A rule of the new desk that acts when something happens."),
            ("native view", "A saved list of the new desk."),
            ("off", "It is not built: the new desk does it, or nobody needs it."),
        ],
    ),
    (
        "what a reply to an old ticket becomes",
        &[
            ("new linked ticket", "A new ticket that points at the old one."),
            ("new ticket", "A new ticket of its own."),
            ("same ticket", "The old ticket, which is open again."),
        ],
    ),
    (
        "which of several equal objects stays",
        &[
            ("newest", "The one with the latest time in the field behind it."),
            ("oldest", "The one with the earliest time in the field behind it."),
            ("longest", "The one with the longest text in the field behind it."),
            ("most_used", "The one that most records point at."),
        ],
    ),
    (
        "the state in which something is kept",
        &[
            ("archived", "Put away, and still readable."),
            ("closed", "Finished for good."),
            ("inactive", "There, and no longer offered."),
            ("suspended", "There, and can no longer sign in."),
        ],
    ),
    (
        "the length of a piece",
        &[
            ("day", "One piece for each day of the field behind it."),
            ("month", "One piece for each month of the field behind it."),
            ("quarter", "One piece for each quarter of the field behind it."),
            ("week", "One piece for each week of the field behind it."),
            ("year", "One piece for each year of the field behind it."),
        ],
    ),
    (
        "what is kept of the meantime",
        &[
            ("changed tickets", "Tickets that somebody changed in the new desk."),
            ("new tickets", "Tickets that came in at the new desk."),
            ("new users", "People who came in at the new desk."),
            ("ratings", "What customers said about an answer."),
            ("replies", "What customers and agents wrote meanwhile."),
            ("transcripts", "Chats and calls of the meantime."),
        ],
    ),
    (
        "how silence is proven",
        &[
            ("canary", "An address of your own at which nothing may arrive."),
            ("counter", "The new desk counts what it sends, and the number does not grow."),
            ("sink", "All mail of the new desk ends in a box that somebody looks at."),
            ("triggers_listed", "Each rule of the new desk that writes to somebody is listed, and off."),
        ],
    ),
    (
        "how much hangs on it",
        &[
            ("high", "Much hangs on it: it is changed early, and `changed before` says by when."),
            ("low", "Little hangs on it."),
            ("medium", "Something hangs on it."),
        ],
    ),
    (
        "a clock",
        &[
            (
                "agent_work",
                "From the beginning until it is solved, without the time for which the customer is waited for.",
            ),
            ("first_response", "From the beginning until somebody answers for the first time."),
            ("next_response", "From a customer's message until somebody answers it."),
            ("pausable_update", "Between two answers, while nobody waits for the customer."),
            ("requester_wait", "All the time for which the customer waits."),
            ("resolution", "From the beginning until it is solved."),
            ("start", "From the beginning until somebody begins to work on it."),
            ("update", "Between two answers."),
        ],
    ),
    (
        "a word of the language",
        &[
            ("agents", "The people who answer tickets."),
            ("business", "Counted in opening hours only."),
            ("calendar", "Counted by the clock, day and night."),
            ("changed tickets", "Tickets that changed since they were loaded."),
            ("configuration", "How the old desk is set up, as far as it can be exported."),
            ("copy", "The copy of the records on their way; nothing is written to the source."),
            ("customers", "The people who write tickets."),
            ("day", "A day of the calendar."),
            ("days", "Days of the calendar."),
            ("each group", "Each group of agents."),
            ("exceptions", "What went wrong and is still open."),
            ("fri", "Friday."),
            ("mon", "Monday."),
            ("sat", "Saturday."),
            ("sun", "Sunday."),
            ("thu", "Thursday."),
            ("tue", "Tuesday."),
            ("wed", "Wednesday."),
            ("full", "A team with a person for each role and a check for each review area."),
            ("hour", "Sixty minutes."),
            ("hours", "Hours of sixty minutes."),
            ("min", "Minutes."),
            ("one of", "Any of the values in brackets."),
            ("records", "So many records are looked at."),
            ("rehearsal", "The moment at which the rehearsal begins."),
            ("rules", "What the old desk does by rules; a drift stops the run."),
            ("s", "Seconds."),
            ("sampled", "Of so many records, drawn at random."),
            ("since", "At that moment or later."),
            ("small", "A team of about four; what a computer can check is checked without asking for it."),
            ("switch", "The moment at which channels move to the new desk."),
            ("tag", "A tag on the ticket."),
            ("where", "Of which records it holds."),
            ("yes", "It is so."),
            ("no", "It is not so."),
            ("and", "Both sides hold."),
            ("answered", "Somebody has answered the customer already."),
            ("any case", "The value in capital and small letters alike."),
            ("catalog", "What both catalogs say: fields that mean the same go together."),
            ("checks pass", "All checks have passed."),
            ("delete", "Nothing of it is left when the time is over."),
            ("due", "The due time, or a moment beside it."),
            ("empty", "No value."),
            ("everything", "All that the spec moves."),
            ("fields", "The fields of the kind that no line names."),
            ("finished", "In a status after which nobody works on it any more."),
            ("go on", "The night goes on as if nothing had been."),
            ("inbound", "All addresses that the spec names."),
            ("key", "Records are found again by this field."),
            ("kinds", "The kinds that no map names."),
            ("link", "The address of the record in the old desk."),
            ("not", "What follows does not hold."),
            ("or", "One side holds, or both."),
            ("placeholder", "A record that is made once, and stands where nobody is known."),
            ("reject", "The record is refused, and listed with the reason."),
            ("rejected", "The record is refused."),
            ("remaining", "The time that is left."),
            ("roll back", "Everything is taken back."),
            ("same name", "The value keeps its name."),
            ("stay paused", "Nothing happens until somebody decides."),
            ("the rest", "All that no other line names."),
            ("unfinished", "In a status in which somebody still has to do something."),
            ("window", "The time in which you switch, from its beginning on."),
        ],
    ),
    (
        "over many values",
        &[
            ("mean", "The sum of all values, divided by their number."),
            ("median", "Half of the values are smaller, half are larger."),
            ("p90", "Nine of ten values are smaller."),
            ("p95", "Nineteen of twenty values are smaller."),
        ],
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use cutover_analysis::lower::{rollback, team, words};
    use cutover_analysis::metrics;

    use super::LISTS;

    #[test]
    fn they_are_the_lists_of_the_language() {
        let roles: Vec<&str> = team::FULL.iter().chain(team::SMALL).copied().collect();
        let of: &[(&str, &[&str])] = &[
            ("a role", &roles),
            ("rules that stay as they are", words::FROZEN_RULES),
            ("what agents are trained in", words::SCENARIOS),
            ("what a rehearsal tries", words::RUNS),
            ("records that a sample holds on purpose", words::STRATA),
            ("what is compared of an export", words::EXPORT_VERIFIED),
            ("a review area", words::REVIEW_AREAS),
            ("a channel", words::CHANNELS),
            ("what can be left over", words::EXCEPTIONS),
            ("what has to be over first", words::BEFORE_THE_END),
            ("texts and rules that can be read", words::INSPECTED),
            ("as what it is built anew", words::RECREATED_AS),
            ("what a reply to an old ticket becomes", words::REOPENED_AS),
            ("which of several equal objects stays", words::PREFERENCES),
            ("the state in which something is kept", words::STATES),
            ("the length of a piece", words::PIECES),
            ("what is kept of the meantime", rollback::KEPT),
            ("over many values", metrics::STATISTICS),
        ];
        for (list, words) in of {
            let known =
                LISTS.iter().find(|(name, _)| name == list).map(|(_, known)| *known).unwrap_or_default();
            let known: BTreeSet<&str> = known.iter().map(|(word, _)| *word).collect();
            assert_eq!(known, words.iter().copied().collect::<BTreeSet<&str>>(), "{list}");
        }
        for (list, words) in LISTS {
            let whole = words.iter().all(|(_, says)| says.ends_with('.') && says.len() > 5);
            assert!(whole, "{list}");
        }
    }
}
