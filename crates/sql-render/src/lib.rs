//! Manifest to SQL text.
