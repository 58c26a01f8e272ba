//! Packets for people and for machines: HTML, Markdown, a terminal, JUnit, SARIF, JSON.
//!
//! Not for: judging, which the packet's verifier has done. The one fact to know: it sees a packet and nothing
//! else, so what a page lacks is added to the packet; and every name in it is somebody else's, so it goes
//! through the escaping of its form, `text.rs`, or `maud`'s.

mod attempts;
mod compare;
mod html;
mod json;
mod junit;
mod markdown;
mod sarif;
mod summary;
mod terminal;
mod text;
mod ways;

pub use compare::{Change, Comparison, Kind, compare};
pub use html::html;
pub use json::json;
pub use junit::junit;
pub use markdown::markdown;
pub use sarif::sarif;
pub use terminal::terminal;

/// What a report could not be made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed(pub String);

impl std::fmt::Display for Failed {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Failed {}
