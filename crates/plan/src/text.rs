//! Words and characters: how typed content becomes text that people read, and stays nothing but text.

pub mod escape;
pub mod local;
pub mod numbers;
pub mod words;
