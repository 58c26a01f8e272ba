//! Holds no code: the folder is a package so that `cargo insta` looks for orphans in it.
