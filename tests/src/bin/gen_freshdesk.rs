//! Writes an invented Freshdesk account: `gen_freshdesk FOLDER [PERCENT] [SEED]`. See `cutover_tests::generate::freshdesk`.

use cutover_tests::generate::{Arguments, freshdesk};

fn main() -> Result<(), String> {
    Arguments::read(std::env::args().skip(1), freshdesk::SIZE, freshdesk::SEED)?.run(freshdesk::write)
}
