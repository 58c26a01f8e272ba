//! Plan in, outcome out; always rolled back.
