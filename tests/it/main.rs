//! What Beilin promises, tried from outside: one crate, a module per feature, named as in the manual.
//!
//! Most tests build a small site on [`beilin::disk::Memory`] and look at what a visitor or a machine
//! would see; `cli` runs the binary. `BEILIN_BLESS=1 cargo test` rewrites the expectations under
//! `tests/sites/*/expected/`; the diff is then read like any other change.
#![allow(clippy::disallowed_methods, reason = "tests read their fixtures and run the binary on the machine itself")]
#![allow(clippy::print_stderr, reason = "a test that passes over something says so")]

mod support;

mod adopt;
mod any_edits;
mod architecture;
mod caps;
mod cases;
mod channels;
mod cli;
mod commonmark;
mod config;
mod disclosure;
mod evidence;
mod faults;
mod films;
mod follow;
mod front_matter;
mod fuzz;
mod history;
mod honours;
mod hooks;
mod hostile;
mod incremental;
mod kinds;
mod ledger;
mod library;
mod links;
mod machine;
mod manual;
mod markdown;
mod markdown_properties;
mod meetings;
mod no_outside;
mod output;
mod pages;
mod pictures;
mod places;
mod programmes;
mod properties;
mod publish;
mod references;
mod registry;
mod reports;
mod search_export;
mod search_page;
mod serve;
mod theme;
