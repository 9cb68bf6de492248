//! What clauses and statements mean, in one sentence each: for the reference and for whoever points at a word in an editor.

use crate::keywords::{ClauseKw as C, ItemKw as I, StmtKw as S};

/// What a clause says in a line of a block: of a statement, or of the block's first or other lines.
#[must_use]
pub fn of_clause(item: I, statement: Option<S>, clause: C) -> &'static str {
    match (clause, item, statement) {
        (C::Plan, ..) => "What the account is subscribed to: what it can do and how fast depends on that.",
        (C::KeyedBy, ..) => "The ticket's field that holds the key of a row of the table.",
        (C::Inventory, _, Some(S::Table)) => "The file that lists the table's columns and their values.",
        (C::Inventory, ..) => {
            "The file that `cutover inventory scan` made of the account: its fields, options and numbers."
        }
        (C::Role, ..) => "What somebody does in the migration; one person may have several roles.",
        (C::Contact, ..) => "How somebody is reached in the night.",
        (C::Git, ..) => "The address under which somebody commits. A signature is compared with it.",
        (C::Available, ..) => "From when somebody can be reached.",
        (C::Of, I::Baseline, _) => "Which desk was measured.",
        (C::Of, I::Inspect, _) => "Which texts and rules of the new desk are read.",
        (C::Of, I::Sla, _) => "The clocks for which the line holds; without it, all of them.",
        (C::Of, ..) => "The field by which the pieces are cut.",
        (C::Where, I::Sla, _) => "The tickets that have this promise.",
        (C::Where, I::Wave, _) => "The tickets of this wave.",
        (C::Where, ..) => "The records that the line is about; without it, all of the kind.",
        (C::IdentifiedBy, ..) => {
            "The fields by which the new desk finds a record again, so that nobody comes twice."
        }
        (C::WithSame, ..) => "What has to be equal for several records to be one.",
        (C::With, I::Map, _) => {
            "`with link`: the address of the record in the old desk stands beside the value."
        }
        (C::With, ..) => "What hangs on the records and travels with them.",
        (C::On, I::Allow, _) => {
            "The only item for which the finding is silenced: `on criterion lost`, `on scope`."
        }
        (C::On, ..) => "The calendar by whose opening hours the promise is counted.",
        (C::In, I::Migration, _) => "The time zone of the window, and of all other local times of the spec.",
        (C::In, I::Team, _) => "The time zone of somebody's hours, where it is not that of the window.",
        (C::In, I::Wave, _) => "`in window`: loaded in the night.",
        (C::In, I::Accept, _) => "The place where the original is kept.",
        (C::In, I::Rollback, _) => "The place where it is kept.",
        (C::In, I::Lessons, _) => "The file or place with the lessons.",
        (C::In, ..) => "The place where it lies.",
        (C::As, I::Map, _) => "`as key`: records are found again by this field.",
        (C::As, I::Sla, _) => "What the new desk calls this clock.",
        (C::As, I::Scope, _) => "What it becomes in the new desk.",
        (C::As, ..) => "The state, or the stand-in, that the records get.",
        (C::To, I::Clean, _) => "Who gets the records: a person, or a group of the new desk.",
        (C::To, I::Hypercare, _) => "Who takes what is broken.",
        (C::To, ..) => "Until when.",
        (C::By, I::Clean, _) => "The functions or the translation that give the new name.",
        (C::By, ..) => {
            "What happens to the value, from left to right: functions and translations. `by catalog` takes what both catalogs say."
        }
        (C::CutTo, ..) => "Keeps so many characters, and loses what is longer.",
        (C::OverflowTo, ..) => "The field that gets what was cut off.",
        (C::SplitAt, ..) => {
            "Makes several values of one, at this text; the fields on the right get them in order."
        }
        (C::JoinedBy, ..) => "Makes one text of several values, with this text between them.",
        (C::Add, ..) => "Values that are added to the list.",
        (C::ThreadsKept, ..) => "Answers stay below what they answer.",
        (C::Seats, ..) => "How many paid places there are at most.",
        (C::Preferring, ..) => "Which of several equal records stays.",
        (C::ListedIn, ..) => "A file of the project with the pairs that somebody has looked through.",
        (C::ChunkedBy, ..) => "The length of a piece that can be checked and repeated alone.",
        (C::RedirectsVerified, ..) => "Somebody has tried that the old addresses lead to the archive.",
        (C::BothWays, ..) => "Data flows into the helpdesk and out of it.",
        (C::ReadsOnly, ..) => "It only reads from the helpdesk.",
        (C::WritesOnly, ..) => "It only writes into the helpdesk.",
        (C::Switched, ..) => "It is pointed at the new desk as it is.",
        (C::Rebuilt, ..) => "It is built anew for the new desk.",
        (C::Risk, ..) => "How much hangs on it. A high risk asks for an early change.",
        (C::HeldAt, ..) => "Where mail waits while nobody takes it in.",
        (C::Reads, ..) => "The fields that somebody outside relies on: none of them may be dropped.",
        (C::Area, ..) => "Which of the nine review areas it proves.",
        (C::DecidedBy, ..) => "Who decides whether everything is taken back: a person, then the deputies.",
        (C::DoneIf, ..) => "The condition under which there is nothing left to count.",
        (C::Unpaused, ..) => {
            "You know that the time for which the clock stood still is not known to the new desk."
        }
        (C::Else, I::Rollback, _) => {
            "What happens when nobody answers in time: `stay paused`, `roll back` or `go on`."
        }
        (C::Else, ..) => "What happens to the clock where the condition does not hold.",
        (C::Inherit, ..) => {
            "Takes over what is there: `due`, the due time, or `remaining`, the time that is left."
        }
        (C::Recalculate, ..) => "Counts the due time anew in the new desk.",
        (C::Suspend, ..) => "Stops the clock; it starts later.",
        (C::SpreadOver, ..) => {
            "The fields over whose values the sample is spread, so that rare ones are in it."
        }
        (C::EachOf, ..) => "Groups of records in which things go wrong; so many of each are in the sample.",
        (C::ReopenedAs, ..) => "What a reply to a ticket of this wave becomes.",
        (C::GatedBy, ..) => "Checks and criteria that must pass before the wave begins.",
        (C::Replacing, ..) => "What changed meanwhile is overwritten.",
        (C::Appending, ..) => "What is new is added to what was loaded.",
        (C::Tag, ..) => "The tag that keeps the new desk's rules quiet. The map puts it on the tickets.",
        (C::ProvenBy, ..) => "How somebody sees that the new desk really writes to nobody.",
        (C::Template, ..) => "The file with the text.",
        (C::EscalationsTo, ..) => "Whom agents call when a customer cannot wait.",
        (C::AnomaliesTo, ..) => "Where agents tell what looks odd.",
        (C::AtLeast, ..) => "How many have to take part: `90% of each group`.",
        (C::Forbid, ..) => "Words and names that may no longer stand there.",
        (C::Alert, ..) => "Who is called when a condition becomes true.",
        (C::Access, ..) => "Somebody who needs the old desk can still get in.",
        (C::SeenAs, ..) => "What customers see in the place of the status.",
        (C::KeptIn, ..) => "`kept in tag`: the old value is written down as a tag.",
        (C::WhenMissing, ..) => {
            "What stands there where the old record has no value, or refers to something that stays behind: `empty`, `reject`, a value, or `placeholder \"...\"`."
        }
        (C::Was, ..) => "What the item was called before, so that its signatures stay.",
        (C::Owner, I::Inbound, _) => "Who watches the address until it is drained.",
        (C::Owner, ..) => "Who does it and answers for it.",
        (C::SignedBy, ..) => "Who has to approve, other than the owner.",
        (C::AtMost, _, Some(S::Downtime)) => "How long customers may wait.",
        (C::AtMost, ..) => {
            "How much of the calls that the product allows the run may take, while people work there."
        }
        (C::ChangedBefore, ..) => "The last day on which it is changed.",
        (C::From, I::Truth, _) => "The system that is right.",
        (C::From, I::Sla, _) => "The field from whose time the clock is counted.",
        (C::From, I::Announce, _) => "When it is sent.",
        (C::From, I::Lessons, _) => "The day on which the team sits together.",
        (C::From, I::Freeze, _) => "From when on nobody changes them.",
        (C::From, ..) => "The first day.",
        (C::Before, I::Wave, _) => "`before window`, or a day: when the wave has to be over.",
        (C::Before, I::Rollback, _) => "Until when going back leaves nothing behind.",
        (C::Before, ..) => "By when it has to be done.",
        (C::After, I::Decommission, _) => "What has to be over before the old desk is switched off.",
        (C::After, I::Hypercare, _) => {
            "How long nothing may have happened: `after 5 days without exceptions`."
        }
        (C::After, ..) => "From which moment on it is kept.",
        (C::Every, ..) => "How often somebody looks.",
        (C::For, ..) => "For how long.",
        (C::Until, I::GoLive, _) => "What ends the silence: `checks pass`.",
        (C::Until, _, Some(S::Archive)) => "How long it is kept.",
        (C::Until, _, Some(S::Secret)) => "The day on which the key stops working.",
        (C::Until, _, Some(S::Pace)) => "Until when the limit holds.",
        (C::Until, _, Some(S::Clock)) => "When the clock starts again.",
        (C::Until, I::ReadOnly, _) => "The last day on which the old desk can be read.",
        (C::Until, I::Allow, _) => "The day after which the finding is told again.",
        (C::Until, ..) => "The last day on which it holds.",
        (C::Then, I::Team, _) => "Who takes over when the hours end.",
        (C::Then, I::Sla, _) => "What comes next: `then recalculate`.",
        (C::Then, ..) => "`then delete`: what happens when the time is over.",
        (C::Within, I::ReadOnly, _) => "How long somebody who needs the old desk waits for it.",
        (C::Within, I::Rollback, _) => "How long the people who decide have.",
        (C::Within, ..) => "Within what time it is done.",
        (C::Lossy, ..) => "What is lost here, and why that is right. Nothing is lost in silence.",
        (C::Because, ..) => "The reason, for whoever reviews it.",
        (C::Meaning, ..) => "What the field is for; it stands in the mapping matrix.",
    }
}

/// What a statement of a block does.
#[must_use]
pub fn of_statement(item: I, statement: S) -> &'static str {
    match (statement, item) {
        (S::Source, _) => "The desk that is left.",
        (S::Target, _) => "The desk that is moved to.",
        (S::Sandbox, _) => "The test account of the new product, in which you rehearse.",
        (S::Table, _) => "Data from outside that maps may look up.",
        (S::Secret, _) => "The name of a key that the run needs. The key itself stands in no file.",
        (S::Window, _) => "The time in which you switch.",
        (S::Downtime, _) => "How long customers may wait for an answer.",
        (S::Pace, _) => "How fast the run may read or write while people still work there.",
        (S::Import, _) => "Brings records into the new desk. Each imported kind has a map.",
        (S::Archive, _) => "Keeps records readable elsewhere.",
        (S::Retire, _) => "Leaves records behind, with a reason.",
        (S::Recreate, _) => "Builds something anew by hand, such as macros and automations.",
        (S::Merge, _) => "Makes one of several equal records.",
        (S::Reassign, _) => "Gives records another owner.",
        (S::Adopt, _) => "Gives records a person who have none.",
        (S::Keep, I::Rollback) => "What customers and agents did meanwhile, and where it is preserved.",
        (S::Keep, _) => "Takes records along in a state.",
        (S::Rename, _) => "Changes names by functions or a translation.",
        (S::Drop, I::Clean) => "Leaves records out, with a reason.",
        (S::Drop, _) => "Leaves fields of the old desk behind, with a reason.",
        (S::Link, _) => "Keeps merged records as ones of their own, in a state.",
        (S::Restore, _) => "How many records are read back from the backup, who signs that, and by when.",
        (S::Verify, _) => "What is compared of each part.",
        (S::Sample, I::Rehearse) => "How many records go through the rehearsal.",
        (S::Sample, _) => "How many records a person looks at.",
        (S::Include, _) => "So many records of groups in which things go wrong.",
        (S::Run, _) => "What is tried. Without this line everything is.",
        (S::Require, _) => "Records for which this does not hold are refused.",
        (S::Remaining, _) => {
            "`remaining fields by catalog`: what the map does not name goes as the two catalogs say."
        }
        (S::Given, _) => "A record of the old desk, or a row of a table.",
        (S::Expect, _) => "What must become of it: a record, a due time, or `rejected`.",
        (S::Clock, _) => {
            "A promise: what is measured, its target, and what happens to the clock in the switch."
        }
        (S::Runs, _) => "Statuses of the old desk in which clocks run.",
        (S::Pauses, _) => "Statuses of the old desk in which clocks stand still.",
        (S::Stops, _) => "Statuses of the old desk in which there is nothing left to count.",
        (S::Tolerance, _) => "How far a due date may move without a reason.",
        (S::Notify, _) => "Whom to tell, and when.",
        (S::Hold, _) => "Lets mail wait, so that nothing bounces.",
        (S::Load, _) => "What is loaded in the night.",
        (S::Silent, _) => "Keeps the new desk from writing to customers.",
        (S::Switch, _) => "Moves channels to the new desk. From here on replies go there.",
        (S::Drain, _) => "Lets the waiting mail in.",
        (S::Evidence, _) => "What a person shows, where nothing can be counted.",
        (S::Trigger, _) => "A number at which everything stops, and the people who decide are asked.",
        (S::Undo, _) => "What is taken back, and until when going back leaves nothing behind.",
        (S::Message, _) => "The file with the text that goes out when everything is taken back.",
        (S::Report, _) => "Figures that are only written down.",
        (S::Daily, _) => "The time of the daily talk.",
        (S::Defects, _) => "Who takes what is broken, and within what time.",
        (S::Stable, _) => "When it is over.",
        (S::Zone, _) => "The time zone of the place.",
        (S::Open, _) => "Weekdays and the hours at which somebody works.",
        (S::Break, _) => "Weekdays and hours at which nobody works in between.",
        (S::Holiday, _) => "A day on which nobody works.",
        (S::Special, _) => "A day with other hours.",
        (S::Horizon, _) => {
            "The last day whose holidays are known. It lies behind every due date that counts."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{of_clause, of_statement};
    use crate::construct::{BodyRule, CONSTRUCTS, ClauseRule};
    use crate::keywords::{ItemKw, StmtKw};

    #[test]
    fn each_clause_and_statement_of_the_table_says_what_it_means() {
        let mut seen = 0;
        let mut look = |item: ItemKw, statement: Option<StmtKw>, rules: &[ClauseRule]| {
            for rule in rules {
                let says = of_clause(item, statement, rule.keyword);
                assert!(says.len() > 8 && says.ends_with('.'), "{item} {} says {says:?}", rule.keyword);
                seen += 1;
            }
        };
        for row in CONSTRUCTS {
            look(row.keyword, None, row.clauses);
            if let BodyRule::Lines { statements, members, .. } = row.body {
                look(row.keyword, None, members.clauses());
                for statement in statements {
                    look(row.keyword, Some(statement.keyword), statement.clauses);
                    let says = of_statement(row.keyword, statement.keyword);
                    assert!(says.ends_with('.'), "{}", statement.keyword);
                }
            }
        }
        assert!(seen > 150, "only {seen} clauses");
    }
}
