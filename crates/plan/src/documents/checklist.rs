//! The checklist: what reviewers read and sign.

mod decided;
mod first;
mod look;
mod matrix;
mod proof;
mod registers;
mod tasks;
mod way_back;

use super::page::Page;
use crate::model::Plan;
use crate::schedule::Schedule;

pub(super) fn write(plan: &Plan, times: &Schedule) -> String {
    let about = "The checklist of this migration, for those who review and sign it. A tick in a box is a note to yourself; a signature is a record of its own.";
    let mut page = Page::new(plan, &plan.migration.title, about);
    page.of_plan();
    first::write(&mut page, times);
    tasks::write(&mut page, times);
    matrix::write(&mut page);
    proof::write(&mut page);
    way_back::write(&mut page, times);
    registers::write(&mut page);
    decided::write(&mut page);
    page.out
}
