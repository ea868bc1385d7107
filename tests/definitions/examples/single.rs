//! One steered service, `app`.

use drillmaster_test_definitions::steered;

drillmaster_sdk::export_group!(steered::group(&[("app", &[])]));
