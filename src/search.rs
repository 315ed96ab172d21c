//! Search without a server: what the browser reads is an output like any other.
//!
//! 1. [`analyzer`]: text → terms, for index and query alike;
//! 2. [`entry`]: what the index knows of a page;
//! 3. `index`: entries → tantivy's inverted index, in memory;
//! 4. `base`: tantivy's lists → static files, named by what is in them; `delta`: what changed since, in small
//!    files beside the large ones; `files`: what both are written with; `positions`: where terms stand, if a site
//!    wants them;
//! 5. [`publish`]: which of the two it is this time, and what is left for the next build.
//!
//! The format of the files is described in ARCHITECTURE.md.

pub mod analyzer;
mod base;
mod bm25;
mod codec;
mod delta;
pub mod engine;
pub mod entry;
pub mod export;
mod files;
mod index;
#[doc(hidden)]
pub mod inspect;
mod pinyin;
mod positions;
pub mod publish;
pub mod query;
