//! One steered service, `web`, which depends on `app` of the definition `single`.

use drillmaster_test_definitions::steered;

drillmaster_sdk::export_group!(steered::group(&[("web", &["app"])]));
