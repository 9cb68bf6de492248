//! Writes an invented Zendesk account: `gen_zendesk FOLDER [TICKETS] [SEED]`. See `cutover_tests::generate::zendesk`.

use cutover_tests::generate::{Arguments, zendesk};

fn main() -> Result<(), String> {
    Arguments::read(std::env::args().skip(1), zendesk::SIZE, zendesk::SEED)?.run(zendesk::write)
}
