//! What a rule says and what follows from it: pure arithmetic on days and numbers, which knows neither
//! records nor pages. `model` puts the site's records in, pages show what comes out.
//!
//! Nothing here is a verdict: a state says what is recorded, a sum how it was reached; people decide.

pub mod cadence;
pub mod disclosure;
pub mod life;
pub mod programme;
pub mod vote;
