//! A file of the site as it was found: the first value of the pipeline.

use crate::digest::Digest;
use crate::picture::Look;
use std::sync::Arc;

/// A text file that will be parsed.
#[derive(Debug, Clone)]
pub struct Source {
    /// The path relative to the content folder, with `/`, in Unicode NFC.
    pub path: String,
    /// The path relative to the site's root, as diagnostics name it.
    pub shown: String,
    /// The text; invalid UTF-8 has been reported and replaced.
    pub text: Arc<str>,
    /// The digest of the bytes as they are on disk.
    pub digest: Digest,
}

/// A file that is no text of the site: a picture, a film, an attachment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asset {
    /// The path relative to the content folder, with `/`, in Unicode NFC.
    pub path: String,
    /// The size in bytes.
    pub size: u64,
    /// The digest of its bytes as they are on disk.
    pub digest: Digest,
    /// What it is, if it is a picture or film or says so.
    pub look: Option<Look>,
}
