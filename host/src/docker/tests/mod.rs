//! Docker behind a socket that a test answers for.

mod answers;
mod fake;
mod settle;
