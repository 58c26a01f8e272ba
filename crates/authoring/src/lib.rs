//! Manifests and a capture to files.
