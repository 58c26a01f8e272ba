//! The one binary: arguments, exit codes, printing.
fn main() {}
