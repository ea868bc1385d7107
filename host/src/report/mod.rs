//! Showing what happens: each way of showing draws the same events.

mod lines;
mod summary;
mod visible;

pub use lines::Lines;
pub use summary::summary;
pub use visible::visible;
