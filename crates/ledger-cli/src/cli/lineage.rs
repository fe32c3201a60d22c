//! The flags of `lineage`.

use clap::{Args, ValueEnum};
use ledger_core::lineage::AsOf;
use ledger_core::views::lineage::Reach;
use ledger_core::{Artifact, Error};

use super::pair;
use crate::filter::parse_time;

/// Whose lineage, how far, and in which form.
#[derive(Debug, Args)]
pub(crate) struct Lineage {
    /// The table, file or whatever operations named.
    pub(crate) artifact: Artifact,
    /// Looks ahead, to what was made from it.
    #[arg(long, conflicts_with = "both")]
    pub(crate) forward: bool,
    /// Looks both ways.
    #[arg(long)]
    pub(crate) both: bool,
    /// Takes it as the name of a column, `artifact.column`; so it is taken anyway when no artifact has that name.
    #[arg(long)]
    pub(crate) columns: bool,
    /// How many operations away to look at most; 0 shows the artifact alone.
    #[arg(long, value_name = "N", default_value_t = Reach::DEPTH)]
    pub(crate) depth: usize,
    /// How many operations to show at most: the nearest, and of those the newest.
    #[arg(long, value_name = "N", default_value_t = Reach::MOST)]
    pub(crate) most: usize,
    /// As it was at an offset or a time: 17, 2026-01-31T12:00:00Z, or 7d for a week ago.
    #[arg(long, value_name = "OFFSET|TIME", value_parser = parse_as_of)]
    pub(crate) as_of: Option<AsOf>,
    /// The form.
    #[arg(long, value_enum, default_value_t = Form::Tree)]
    pub(crate) format: Form,
    /// Shows an artifact by another name.
    #[arg(long = "label", value_name = "ARTIFACT=NAME", value_parser = parse_label)]
    pub(crate) labels: Vec<(String, String)>,
    /// The most tokens of a prompt, at about four bytes each.
    #[arg(long, value_name = "TOKENS")]
    pub(crate) budget: Option<usize>,
    /// Names the offsets of events in a prompt, to be cited.
    #[arg(long)]
    pub(crate) cite: bool,
}

/// A form of a graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// For a terminal.
    Tree,
    /// For programs, as --json.
    Json,
    /// For language models.
    Prompt,
    /// For Mermaid.
    Mermaid,
    /// For Graphviz.
    Dot,
    /// A picture.
    Svg,
}

/// Reads an offset, or a time.
pub(super) fn parse_as_of(text: &str) -> Result<AsOf, Error> {
    match text.parse() {
        Ok(offset) => Ok(AsOf::Offset(offset)),
        Err(_) => parse_time(text).map(AsOf::Time),
    }
}

/// Splits at the last sign, because artifacts such as `orders/day=1` have signs of their own.
fn parse_label(text: &str) -> Result<(String, String), String> {
    pair(text.rsplit_once('='), "write ARTIFACT=NAME")
}
