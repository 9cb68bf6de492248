//! A Freshdesk account of the size and shape of `examples/acme`, from which its `inventory/source.yaml` is scanned.
//!
//! At full size (100 percent) it holds 12,480 unfinished and 30,000 finished tickets, 8,210 chat transcripts, 127,333 conversations,
//! 9,000 contacts, 600 companies, 48 agents and 14 groups, in 120 MB. The full account is not committed: it is made when it is needed,
//! always with the same bytes.
//!
//! # Layout
//! JSON lines in UTF-8, a file a kind, every column in every line. Objects as Freshdesk's interface and account export write them: a coded
//! column stands beside its label (`status` 3, `status_name` "Pending"). Times are ISO 8601 in UTC, dates `YYYY-MM-DD`, ids are integers;
//! `?` may be null.
//!
//! | file | key | columns |
//! |---|---|---|
//! | `tickets.jsonl` | `id` | `id`, `display_id` (what people call the ticket's number), `subject`, `description` (HTML), `description_text`, `status`, `status_name`, `priority`, `priority_name`, `source`, `source_name`, `type`?, `requester_id`? → contacts or agents, `responder_id`? → agents, `group_id`? → groups, `company_id`? → companies, `product_id`? → products, `email_config_id`? → email_configs, `to_emails`[]?, `cc_emails`[], `fwd_emails`[], `reply_cc_emails`[], `spam`, `deleted`, `fr_escalated`, `is_escalated`, `due_by`?, `fr_due_by`?, `tags`[], `custom_fields` {`cf_region`?, `cf_product`?, `cf_legacy_id`?, `cf_order_number`?, `cf_refund`?, `cf_contract_end`?}, `attachments`[], `stats` {`first_responded_at`?, `resolved_at`?, `closed_at`?, `reopened_at`?, `pending_since`?}, `merged_into`? → tickets, `association_type`?, `created_at`, `updated_at` |
//! | `conversations.jsonl` | `id` | `id`, `ticket_id` → tickets, `user_id`? → contacts or agents, `body` (HTML), `body_text`, `incoming`, `private`, `source`, `from_email`?, `to_emails`[], `cc_emails`[], `message_id`?, `attachments`[], `created_at`, `updated_at` |
//! | `transcripts.jsonl` | `id` | `id`, `ticket_id` → tickets, `channel`, `contact_id`?, `agent_id`?, `started_at`, `ended_at`, `body` (the messages as text, one a line), `messages`[] {`at`, `author_type`, `author_id`?, `text`} |
//! | `contacts.jsonl` | `id` | `id`, `name`, `email`?, `other_emails`[], `phone`?, `mobile`?, `company_id`? → companies, `active`, `deleted`, `blocked`, `language`, `time_zone`, `tags`[], `unique_external_id`?, `custom_fields` {`cf_loyalty`?}, `created_at`, `updated_at` |
//! | `companies.jsonl` | `id` | `id`, `name`, `domains`[], `description`?, `note`?, `health_score`?, `account_tier`?, `renewal_date`?, `industry`?, `custom_fields` {}, `created_at`, `updated_at` |
//! | `agents.jsonl` | `id` | `id`, `contact` {`name`, `email`, `active`, `last_login_at`}, `active`, `deactivated`, `role` (`Agent`, `Admin`), `role_ids`[] → roles, `group_ids`[] → groups, `ticket_scope`, `occasional`, `type`, `available`, `signature`?, `created_at`, `updated_at` |
//! | `groups.jsonl` | `id` | `id`, `name`, `description`?, `agent_ids`[] → agents, `business_hour_id`? → business_hours, `escalate_to`? → agents, `unassigned_for`?, `created_at`, `updated_at` |
//! | `ticket_fields.jsonl` | `id` | `id`, `name`, `label`, `type`, `required_for_agents`, `required_for_closure`, `displayed_to_customers`, `default` (false: a custom field), `archived`, `choices` (object or list), `created_at`, `updated_at` |
//! | `tags.jsonl` | `name` | `name`, `tickets_count`, `last_used`? (date) |
//! | `roles.jsonl`, `products.jsonl`, `email_configs.jsonl`, `business_hours.jsonl`, `sla_policies.jsonl`, `canned_responses.jsonl` (the macros), `automations.jsonl`, `views.jsonl`, `kb_links.jsonl` | `id` | see `configuration.rs`, a function a file |
//! | `files/` | | the bytes of attachments of up to 20,000 bytes, each under its id; `attachment_url` of an attachment is that path, or an address |
//! | `crm.csv` | `email` | not Freshdesk's: what the CRM says of each address, `email`, `tier` (`premium`, `standard`), `since` |
//! | `time_entries.jsonl` | `id` | `id`, `ticket_id` → tickets, `agent_id` → agents, `time_spent` (`HH:MM`), `billable`, `note`?, `start_time`, `created_at` |
//! | `satisfaction_ratings.jsonl` | `id` | `id`, `ticket_id` → tickets, `user_id`? → contacts, `agent_id`? → agents, `ratings` {`default_question`: -103 to 103}, `feedback`?, `created_at` |
//!
//! # Dirt, at full size
//! Beside the folder stands a ledger of what was planted, `export.planted.jsonl`, a line a piece: what it is, kind and key of the record, what lists it, and its ticket.
//! 41 unfinished tickets have a subject longer than 150 characters, the longest 312; no other subject is longer. 61 tickets have no requester, 23 one
//! who no longer exists. One contact in 41 is the one before with the address in other letters. A quarter of the agents has left, and still owns
//! tickets. The region is free text in some twenty spellings. Companies and groups that are gone, merged tickets, spam, products without a slash,
//! private notes, files that are not there or cut off (one in fifteen hundred each), subjects with line breaks, HTML, tags that nobody has used for years, tags that differ only in case and blanks.

mod configuration;
mod people;
mod planted;
mod tickets;

use std::io;
use std::path::Path;

pub use planted::{Dirt, Planted};

/// The size of `examples/acme`, in percent of itself.
pub const SIZE: usize = 100;
/// The seed of `examples/acme`.
pub const SEED: u64 = 20_261_205;

/// How much there is of everything.
#[derive(Clone, Copy, Debug)]
struct Account {
    seed: u64,
    unfinished: usize,
    finished: usize,
    transcripts: usize,
    contacts: usize,
    companies: usize,
    long_subjects: usize,
    without_requester: usize,
    lost_requester: usize,
}

impl Account {
    fn of(percent: usize, seed: u64) -> Self {
        // At least one of each, so that a small account has every sort of dirt.
        let part = |whole: usize| (whole * percent / 100).max(1);
        Account {
            seed,
            unfinished: part(12_480),
            finished: part(30_000),
            transcripts: part(8_210),
            contacts: part(9_000).max(60),
            companies: part(600).max(8),
            long_subjects: part(41),
            without_requester: part(61),
            lost_requester: part(24),
        }
    }

    fn tickets(self) -> usize {
        self.unfinished + self.finished
    }
}

/// Writes an account of so many percent of the full size into a folder that exists, and beside it the ledger of its dirt ([`Planted::path`]).
///
/// # Errors
/// When something cannot be written.
pub fn write(folder: &Path, percent: usize, seed: u64) -> io::Result<()> {
    let account = Account::of(percent, seed);
    configuration::write(folder)?;
    let mut planted = Planted::default();
    people::write(account, folder, &mut planted)?;
    tickets::write(account, folder, &mut planted)?;
    planted.write(folder)
}
