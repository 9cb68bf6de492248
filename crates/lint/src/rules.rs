//! The rules: one file a rule, one line in the list.

mod after_due;
mod answers_by_itself;
mod cleans_none;
mod common;
mod cuts_many;
mod empty_field;
mod far_off;
mod hypercare_length;
mod idle;
mod in_bulk;
mod in_opening_hours;
mod inactive_agents;
mod late_change;
mod lax;
mod long_session;
mod macro_by_rule;
mod native_instead;
mod no_end;
mod no_holidays;
mod no_meaning;
mod no_reason;
mod no_slack;
mod no_test;
mod no_title;
mod nothing_forbidden;
mod old_baseline;
mod out_of_hours;
mod over_import;
mod rest_takes_most;
mod rule_conflict;
mod same_name_only;
mod seldom;
mod selects_none;
mod short_baseline;
mod short_freeze;
mod short_notice;
mod short_read_only;
mod short_watch;
mod slow;
mod small_check;
mod small_rehearsal;
mod small_restore;
mod stale_inventory;
mod stale_tag;
mod stands_in_often;
mod structure_and_surface;
mod tag_collision;
mod too_much;
mod transcripts_used;
mod unread_field;
mod unused_automation;
mod unused_macro;
mod unused_view;
mod wave_order;
mod wide_tolerance;

use crate::rule::Rule;

/// All rules, in the order of their codes.
pub(crate) const ALL: &[&Rule] = &[
    &no_end::RULE,
    &short_notice::RULE,
    &small_restore::RULE,
    &old_baseline::RULE,
    &short_baseline::RULE,
    &no_holidays::RULE,
    &small_check::RULE,
    &cleans_none::RULE,
    &tag_collision::RULE,
    &short_read_only::RULE,
    &after_due::RULE,
    &short_freeze::RULE,
    &far_off::RULE,
    &no_title::RULE,
    &hypercare_length::RULE,
    &nothing_forbidden::RULE,
    &late_change::RULE,
    &stale_inventory::RULE,
    &cuts_many::RULE,
    &empty_field::RULE,
    &no_meaning::RULE,
    &same_name_only::RULE,
    &stands_in_often::RULE,
    &unread_field::RULE,
    &idle::RULE,
    &out_of_hours::RULE,
    &small_rehearsal::RULE,
    &lax::RULE,
    &slow::RULE,
    &answers_by_itself::RULE,
    &inactive_agents::RULE,
    &macro_by_rule::RULE,
    &native_instead::RULE,
    &no_reason::RULE,
    &over_import::RULE,
    &in_bulk::RULE,
    &selects_none::RULE,
    &stale_tag::RULE,
    &transcripts_used::RULE,
    &unused_automation::RULE,
    &unused_macro::RULE,
    &unused_view::RULE,
    &rule_conflict::RULE,
    &wide_tolerance::RULE,
    &no_test::RULE,
    &long_session::RULE,
    &rest_takes_most::RULE,
    &seldom::RULE,
    &short_watch::RULE,
    &wave_order::RULE,
    &structure_and_surface::RULE,
    &too_much::RULE,
    &in_opening_hours::RULE,
    &no_slack::RULE,
];

#[cfg(test)]
mod tests {
    use super::ALL;

    #[test]
    fn rules_are_in_order_and_speak_in_sentences() {
        assert!(ALL.is_sorted_by(|a, b| a.code < b.code), "sort them by code");
        for rule in ALL {
            for text in [rule.what, rule.why] {
                assert!(!text.ends_with('.'), "{}: {text}", rule.code);
                assert!(text.starts_with(char::is_uppercase), "{}: {text}", rule.code);
            }
            let mut names: Vec<&str> = rule.options.iter().map(|option| option.name).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), rule.options.len(), "{}", rule.code);
        }
    }
}
