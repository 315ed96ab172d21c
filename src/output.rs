//! A file that will be published: the last value of the pipeline.

/// One file of the built site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// The path relative to the output folder, with `/`.
    pub path: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

impl Output {
    /// Makes an output of text.
    pub fn text(path: impl Into<String>, text: String) -> Output {
        Output { path: path.into(), bytes: text.into_bytes() }
    }
}
