//! The arithmetic of rules: pure sums over days and counts, which know nothing of sites and pages.
//!
//! What is counted, and what follows from it, is data in content files; here only the sums are made.

pub mod programme;
