//! The typed vocabulary of an estate.
