//! Manifest to SQL text.

pub mod encoding;
pub mod estate;
