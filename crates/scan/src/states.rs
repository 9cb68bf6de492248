//! States that an account added to those of the product.

use cutover_catalog::State;
use cutover_catalog::fact::Names;
use cutover_catalog::kind::{Change, StateCategory, Write};

/// Where in its life a ticket is, as the account's own configuration says.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    Initial,
    Active,
    Inactive,
}

/// A state of which the configuration tells the stage. Its category is guessed from the name, within what the stage allows.
pub(crate) fn of_stage(name: &str, stage: Stage) -> State {
    let category = category(&name.to_lowercase(), stage);
    State {
        category,
        class: category.class(),
        api: None,
        seen_as: None,
        write: Write::default(),
        change: Change::default(),
        requires: Names::default(),
        clock: None,
        from: Names::default(),
        mark: None,
        note: Some(
            "finished or not as the account's configuration says; the category is guessed from the name"
                .into(),
        ),
    }
}

fn category(name: &str, stage: Stage) -> StateCategory {
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    match stage {
        Stage::Initial => StateCategory::New,
        Stage::Active if has(&["hold", "vendor", "third"]) => StateCategory::Hold,
        Stage::Active if has(&["wait", "pending", "stall", "customer", "sent"]) => StateCategory::Pending,
        Stage::Active => StateCategory::Open,
        Stage::Inactive if has(&["spam", "junk"]) => StateCategory::Spam,
        Stage::Inactive if has(&["reject", "refuse", "declin", "cancel"]) => StateCategory::Rejected,
        Stage::Inactive if has(&["delete", "remove"]) => StateCategory::Removed,
        Stage::Inactive if has(&["merge", "duplicate"]) => StateCategory::Merged,
        Stage::Inactive if has(&["solve", "fixed", "done"]) => StateCategory::Solved,
        Stage::Inactive => StateCategory::Closed,
    }
}

#[cfg(test)]
mod tests {
    use cutover_ir::predicate::StatusClass;

    use super::{Stage, of_stage};

    #[test]
    fn the_stage_decides_whether_work_is_left() {
        for name in ["", "spam", "on-hold", "solved", "Waiting on customer"] {
            assert_eq!(of_stage(name, Stage::Initial).class, StatusClass::Unfinished);
            assert_eq!(of_stage(name, Stage::Active).class, StatusClass::Unfinished);
            assert_eq!(of_stage(name, Stage::Inactive).class, StatusClass::Finished);
        }
    }
}
