//! `beilin search`: searches the site as it is now, without a browser.

use super::args::{self, SearchCommand};
use super::{Cli, Failure, Outcome};
use crate::say;

pub(super) fn run(_: &mut Cli<'_, '_>, args: &args::Search) -> Outcome {
    match &args.command {
        Some(SearchCommand::Export(_)) | None => {
            Err(Failure::of(say!("还不能检索", "cannot search yet"), say!("", "")))
        }
    }
}
