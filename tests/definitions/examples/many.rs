//! Forty steered services, `s0` to `s39`, in ten chains of four: each but the first of its chain depends on the one
//! before.

use drillmaster_sdk::Group;
use drillmaster_test_definitions::steered;

fn group() -> Group {
    let name = |number: usize| -> &'static str { format!("s{number}").leak() };
    let before = |number: usize| if number.is_multiple_of(4) { vec![] } else { vec![name(number - 1)] };
    let services: Vec<_> = (0..40).map(|number| (name(number), &*before(number).leak())).collect();
    steered::group(services.leak())
}

drillmaster_sdk::export_group!(group());
