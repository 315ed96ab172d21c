//! Entries → tantivy's inverted index, in memory: segments of a few thousand pages each.
//!
//! Fields: `all`, every piece with frequencies and lengths; `tier0` …, the parts that weigh more, each term
//! once; `marks`, what filters and pinyin look for. Numbers of documents run on from segment to segment.

use super::analyzer;
use super::entry::{Entry, Tier};
use crate::diagnostic::Error;
use crate::say;
use std::io;
use std::path::Path;
use tantivy::directory::RamDirectory;
use tantivy::indexer::SingleSegmentIndexWriter;
use tantivy::postings::BlockSegmentPostings;
use tantivy::schema::{Field, IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::{Token, TokenStream, Tokenizer};
use tantivy::{Directory as _, Index, IndexBuilder, InvertedIndexReader, SegmentReader, TantivyDocument};

/// The most pages of a segment: what an arena of some 60 MB holds.
pub(super) const SEGMENT: usize = 8192;

/// The file that names the others; it has no checksum.
const META: &str = "meta.json";

/// The fields of the index.
#[derive(Debug, Clone)]
pub(super) struct Fields {
    pub(super) all: Field,
    pub(super) tiers: Vec<Field>,
    pub(super) marks: Field,
}

fn schema(tiers: usize) -> (Schema, Fields) {
    let mut builder = Schema::builder();
    let options = |tokenizer: &str, record, with_lengths| {
        let indexing = TextFieldIndexing::default().set_tokenizer(tokenizer).set_index_option(record);
        TextOptions::default().set_indexing_options(indexing.set_fieldnorms(with_lengths))
    };
    let all = builder.add_text_field("all", options("terms", IndexRecordOption::WithFreqs, true));
    let tier = |n| builder.add_text_field(&format!("tier{n}"), options("terms", IndexRecordOption::Basic, false));
    let tiers = (0..tiers).map(tier).collect();
    let marks = builder.add_text_field("marks", options("lines", IndexRecordOption::Basic, false));
    (builder.build(), Fields { all, tiers, marks })
}

pub(super) fn refused(e: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(say!("搜索索引建不成", "cannot make the search index"), io::Error::other(e))
}

/// A segment being filled.
pub(super) struct Filling {
    writer: SingleSegmentIndexWriter,
    directory: RamDirectory,
    fields: Fields,
}

impl Filling {
    pub(super) fn new(tiers: &[Tier]) -> Result<Filling, Error> {
        let (schema, fields) = schema(tiers.len());
        let builder = IndexBuilder::new().schema(schema).tokenizers(tokenizers());
        let directory = RamDirectory::create();
        let writer = builder.single_segment_index_writer(directory.clone(), 60 << 20).map_err(refused)?;
        Ok(Filling { writer, directory, fields })
    }

    pub(super) fn add(&mut self, entry: &Entry, tiers: &[Tier]) -> Result<(), Error> {
        self.add_spoken(entry, &entry.spoken(), tiers)
    }

    /// As [`Filling::add`], of one of which is known how it is spoken.
    pub(super) fn add_spoken(&mut self, entry: &Entry, spoken: &str, tiers: &[Tier]) -> Result<(), Error> {
        let mut doc = TantivyDocument::default();
        for (part, text) in entry.pieces() {
            doc.add_text(self.fields.all, text);
            for (field, _) in self.fields.tiers.iter().zip(tiers).filter(|(_, t)| t.parts.contains(&part)) {
                doc.add_text(*field, text);
            }
        }
        doc.add_text(self.fields.marks, entry.marks(spoken).join("\n"));
        self.writer.add_document(doc).map_err(refused)
    }

    pub(super) fn finish(self) -> Result<Segment, Error> {
        Segment::of(self.writer.finalize().map_err(refused)?, self.directory, self.fields)
    }
}

fn tokenizers() -> tantivy::tokenizer::TokenizerManager {
    let manager = tantivy::tokenizer::TokenizerManager::new();
    manager.register("terms", Terms::default());
    manager.register("lines", Lines::default());
    manager
}

/// A segment to be read.
pub(super) struct Segment {
    index: Index,
    /// Where the index has its files. tantivy's own view of it shows them without their checksums, and not the
    /// one that names the others.
    directory: RamDirectory,
    pub(super) reader: SegmentReader,
    pub(super) fields: Fields,
}

impl Segment {
    fn of(index: Index, directory: RamDirectory, fields: Fields) -> Result<Segment, Error> {
        let segments = index.searchable_segments().map_err(refused)?;
        let Some(segment) = segments.first() else {
            return Err(refused(io::Error::other("an index without a segment")));
        };
        let reader = SegmentReader::open(segment).map_err(refused)?;
        Ok(Segment { index, directory, reader, fields })
    }

    /// Returns tantivy's own way to search it.
    pub(super) fn searcher(&self) -> Result<tantivy::Searcher, Error> {
        let reader = self.index.reader_builder().reload_policy(tantivy::ReloadPolicy::Manual);
        let reader: tantivy::IndexReader = reader.try_into().map_err(refused)?;
        Ok(reader.searcher())
    }

    pub(super) fn docs(&self) -> u32 {
        self.reader.max_doc()
    }

    pub(super) fn field(&self, field: Field) -> Result<std::sync::Arc<InvertedIndexReader>, Error> {
        self.reader.inverted_index(field).map_err(refused)
    }

    /// Returns the files it is made of.
    pub(super) fn files(&self) -> Result<Vec<(String, Vec<u8>)>, Error> {
        let mut paths: Vec<std::path::PathBuf> = vec![META.into()];
        paths.extend(self.index.directory().list_managed_files());
        let mut files = Vec::new();
        for path in paths {
            // The list names files of kinds that this segment does not have.
            let Ok(slice) = self.directory.open_read(&path) else { continue };
            let bytes = slice.read_bytes().map_err(refused)?;
            files.push((path.to_string_lossy().into_owned(), bytes.as_slice().to_vec()));
        }
        Ok(files)
    }

    /// Opens a segment from its files.
    pub(super) fn open(files: &[(String, Vec<u8>)], tiers: usize) -> Result<Segment, Error> {
        let directory = RamDirectory::create();
        for (path, bytes) in files {
            directory.atomic_write(Path::new(path), bytes).map_err(refused)?;
        }
        let mut index = Index::open(directory.clone()).map_err(refused)?;
        index.set_tokenizers(tokenizers());
        let (schema, fields) = schema(tiers);
        if index.schema() != schema {
            return Err(refused(io::Error::other("an index of other fields")));
        }
        // What is damaged would be read as if it were whole.
        for (path, _) in files.iter().filter(|(path, _)| path != META) {
            if !index.directory().validate_checksum(Path::new(path)).map_err(refused)? {
                return Err(refused(io::Error::other("a damaged index")));
            }
        }
        Segment::of(index, directory, fields)
    }
}

/// A term with the numbers of the documents that have it, over all segments.
#[derive(Default)]
pub(super) struct List {
    pub(super) term: Vec<u8>,
    pub(super) docs: Vec<u32>,
    pub(super) frequencies: Vec<u32>,
}

/// Goes through a field's terms in order of their bytes, over all segments.
pub(super) struct Walk<'a> {
    streams: Vec<Stream<'a>>,
    block: Option<BlockSegmentPostings>,
    with_frequencies: bool,
}

struct Stream<'a> {
    terms: tantivy::termdict::TermStreamer<'a>,
    reader: &'a InvertedIndexReader,
    first: u32,
    is_live: bool,
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        readers: &'a [(std::sync::Arc<InvertedIndexReader>, u32)],
        with_frequencies: bool,
    ) -> Result<Walk<'a>, Error> {
        let mut streams = Vec::new();
        for (reader, first) in readers {
            let mut terms = reader.terms().stream().map_err(refused)?;
            let is_live = terms.advance();
            streams.push(Stream { terms, reader, first: *first, is_live });
        }
        Ok(Walk { streams, block: None, with_frequencies })
    }

    /// Reads the next term into `list`; `false` at the end.
    pub(super) fn next(&mut self, list: &mut List) -> Result<bool, Error> {
        list.docs.clear();
        list.frequencies.clear();
        let Some(least) = self.streams.iter().filter(|s| s.is_live).map(|s| s.terms.key()).min() else {
            return Ok(false);
        };
        list.term.clear();
        list.term.extend_from_slice(least);
        let option = match self.with_frequencies {
            true => IndexRecordOption::WithFreqs,
            false => IndexRecordOption::Basic,
        };
        for stream in self.streams.iter_mut().filter(|s| s.is_live) {
            if stream.terms.key() != list.term {
                continue;
            }
            let info = stream.terms.value();
            let block = match &mut self.block {
                Some(block) => {
                    stream.reader.reset_block_postings_from_terminfo(info, block).map_err(refused)?;
                    block
                }
                none => none.insert(stream.reader.read_block_postings_from_terminfo(info, option).map_err(refused)?),
            };
            while !block.docs().is_empty() {
                list.docs.extend(block.docs().iter().map(|d| d + stream.first));
                if self.with_frequencies {
                    list.frequencies.extend_from_slice(block.freqs());
                }
                block.advance();
            }
            stream.is_live = stream.terms.advance();
        }
        Ok(true)
    }
}

/// The analyzer as tantivy calls it.
#[derive(Clone, Default)]
struct Terms {
    text: String,
    ends: Vec<usize>,
}

impl Tokenizer for Terms {
    type TokenStream<'a> = Stretch<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Stretch<'a> {
        self.text.clear();
        self.ends.clear();
        analyzer::terms(&analyzer::fold(text), |term| {
            self.text.push_str(term);
            self.ends.push(self.text.len());
        });
        Stretch { text: &self.text, ends: &self.ends, at: 0, start: 0, token: Token::default() }
    }
}

/// Each line is a term.
#[derive(Clone, Default)]
struct Lines {
    ends: Vec<usize>,
    text: String,
}

impl Tokenizer for Lines {
    type TokenStream<'a> = Stretch<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Stretch<'a> {
        self.text.clear();
        self.ends.clear();
        for line in text.lines() {
            self.text.push_str(line);
            self.ends.push(self.text.len());
        }
        Stretch { text: &self.text, ends: &self.ends, at: 0, start: 0, token: Token::default() }
    }
}

/// Terms written one behind the other.
struct Stretch<'a> {
    text: &'a str,
    ends: &'a [usize],
    at: usize,
    start: usize,
    token: Token,
}

impl TokenStream for Stretch<'_> {
    fn advance(&mut self) -> bool {
        let Some(end) = self.ends.get(self.at) else { return false };
        self.token.text.clear();
        self.token.text.push_str(&self.text[self.start..*end]);
        self.token.position = self.at;
        (self.start, self.at) = (*end, self.at + 1);
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}
