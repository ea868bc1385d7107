//! Steered services: `top` depends on `left` and `right`, both of them on `db`; `aside` has nothing to do with them.

use drillmaster_test_definitions::steered;

drillmaster_sdk::export_group!(steered::group(&[
    ("top", &["left", "right"]),
    ("left", &["db"]),
    ("right", &["db"]),
    ("db", &[]),
    ("aside", &[]),
]));
