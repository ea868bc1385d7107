//! Ten steered services, `s0` to `s9`, in five pairs: the second depends on the first.

use drillmaster_test_definitions::steered;

drillmaster_sdk::export_group!(steered::group(&[
    ("s0", &[]),
    ("s1", &["s0"]),
    ("s2", &[]),
    ("s3", &["s2"]),
    ("s4", &[]),
    ("s5", &["s4"]),
    ("s6", &[]),
    ("s7", &["s6"]),
    ("s8", &[]),
    ("s9", &["s8"]),
]));
