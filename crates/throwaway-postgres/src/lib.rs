//! A Postgres that dies with its handle.
