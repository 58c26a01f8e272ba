//! S00: what a live database is, read-only.
