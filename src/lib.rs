//! Beilin (碑林): a static site generator for archives and showcases of party branches.
//!
//! **A site is a value; every output is a pure function of named inputs; only [`disk`] touches the
//! world.** The stages, in order, each taking the value of the one before:
//!
//! 1. [`discover`]: directory → [`source::Source`]s and assets, sorted;
//! 2. [`parse`]: Source → [`parse::Document`], one file at a time; [`history`]: where files come from;
//! 3. [`model`]: Documents → [`model::Site`]: kinds, references, links; by the
//!    arithmetic of [`rules`]: ledgers, sums of meetings;
//! 4. [`plan`]: Site → [`plan::Plan`]: every output that will exist, collisions found;
//! 5. [`render`]: Job → [`output::Output`], in parallel;
//! 6. [`write`](mod@write): Outputs → the output folder: what differs, atomically.
//!
//! [`build`](mod@build) runs them. A stage names only stages before it and the ground ([`source`],
//! [`output`], [`picture`], [`digest`], [`diagnostic`], [`config`], [`disk`], [`library`]); `tests/it/architecture.rs` holds
//! the imports to that.

pub mod build;
pub mod cache;
pub mod cli;
pub mod config;
pub mod diagnostic;
pub mod digest;
pub mod discover;
pub mod disk;
mod door;
pub mod follow;
pub mod history;
pub mod library;
pub mod model;
pub mod output;
pub mod parse;
pub mod picture;
pub mod plan;
pub mod publish;
pub mod render;
pub mod rules;
pub mod search;
pub mod serve;
pub mod source;
pub mod write;

pub use build::{Input, Report, build, check, load};
pub use diagnostic::{Diagnostic, Error, Lang, Severity};
pub use model::Site;
