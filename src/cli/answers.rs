//! Questions to the person at the terminal.

use dialoguer::{Input, Select};
use std::io;

/// Who answers questions.
pub trait Answers {
    /// Lets one of several be chosen; returns its number.
    fn choose(&mut self, question: &str, among: &[String]) -> io::Result<usize>;
    /// Asks for a line of text; what is proposed is taken where nothing is written.
    fn text(&mut self, question: &str, proposed: &str) -> io::Result<String>;
}

/// The person at the terminal.
#[derive(Debug, Clone, Copy)]
pub struct Person;

impl Answers for Person {
    fn choose(&mut self, question: &str, among: &[String]) -> io::Result<usize> {
        let chosen = Select::new().with_prompt(question).items(among).default(0).max_length(15).interact();
        chosen.map_err(|dialoguer::Error::IO(e)| e)
    }

    fn text(&mut self, question: &str, proposed: &str) -> io::Result<String> {
        let input = Input::<String>::new().with_prompt(question).allow_empty(true);
        let input = if proposed.is_empty() { input } else { input.default(proposed.to_owned()) };
        input.interact_text().map_err(|dialoguer::Error::IO(e)| e)
    }
}
