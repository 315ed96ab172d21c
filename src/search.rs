//! Search without a server. So far the one analyzer that index and query share; the index, its static
//! shards and the browser's client stand on it.

pub mod analyzer;
