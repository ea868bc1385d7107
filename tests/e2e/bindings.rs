//! What is generated and committed.

use drillmaster_tests::bindings;

#[test]
fn the_bindings_are_those_of_the_wit() {
    bindings::check().unwrap_or_else(|error| panic!("{error:#}"));
}
