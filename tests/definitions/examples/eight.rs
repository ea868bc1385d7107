//! Eight steered services: `s0` on its own, `s1` to `s3` on it, `s4` and `s5` on some of those, `s6` on both, and `s7`,
//! which has nothing to do with the others.

use drillmaster_test_definitions::steered;

drillmaster_sdk::export_group!(steered::group(&[
    ("s0", &[]),
    ("s1", &["s0"]),
    ("s2", &["s0"]),
    ("s3", &["s0"]),
    ("s4", &["s1", "s2"]),
    ("s5", &["s3"]),
    ("s6", &["s4", "s5"]),
    ("s7", &[]),
]));
