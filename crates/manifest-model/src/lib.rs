//! The typed vocabulary of a control plane.
