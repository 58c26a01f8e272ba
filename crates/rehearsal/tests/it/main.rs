//! The engine on a toy control plane: green when all is sound, red for one fault at a time.

mod access;
mod attacks;
mod bad_input;
mod beside;
mod manifest_mutants;
mod narrowed;
mod operator;
mod red;
mod seldom;
mod sound;
mod toy;
mod weakened;
