//! What earlier versions built runs with this one, and does what it did then.

use super::{Written, calls};

/// Components of the reference that version 0.1.0 built, and what they asked the host for.
const OF_0_1_0: [Written; 3] =
    [Written::Kept("0.1.0/rust.wasm"), Written::Kept("0.1.0/rust-wasip2.wasm"), Written::Kept("0.1.0/c.wasm")];
const CALLS_OF_0_1_0: &str = include_str!("../../guests/0.1.0/calls.txt");

#[test]
fn what_0_1_0_built_asks_the_host_for_the_same() {
    let model: Vec<String> = CALLS_OF_0_1_0.lines().map(str::to_owned).collect();
    for kept in OF_0_1_0 {
        calls::are(kept, &model);
    }
}

#[test]
fn what_0_1_0_built_does_the_same_on_docker() {
    for kept in OF_0_1_0 {
        super::does_the_same_on_docker(kept);
    }
}
