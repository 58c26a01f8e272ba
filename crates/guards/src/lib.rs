//! Guard loader, inputs document, verdict.
