//! Integration tests of the renderers.
//!
//! For: what only the rendered whole can show. Not for: single functions. The fact to know: one binary,
//! one module a subject.

#![expect(clippy::unwrap_used, reason = "a test may fail by a panic, its helpers too")]

mod estate;
