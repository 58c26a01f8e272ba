//! Manifest to SQL text.
pub mod encoding;
