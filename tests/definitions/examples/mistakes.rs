//! A mistake in nearly every service.

use drillmaster_sdk::{Fields, Group, Parameters, Result, Service};
use drillmaster_test_definitions::fields;

struct Declared(fn(Fields) -> Fields);

impl Service for Declared {
    fn fields(&self, _: &Parameters) -> Result<Fields> {
        Ok(self.0(fields()))
    }
}

fn group() -> Group {
    Group::new()
        .service("twice", Declared(|fields| fields))
        .service("twice", Declared(|fields| fields))
        .service("", Declared(|fields| fields))
        .service("under_score", Declared(|fields| fields))
        .service("no-image", Declared(|_| Fields::new("")))
        .service("bad-image", Declared(|_| Fields::new("NOT an image")))
        .service("lost", Declared(|fields| fields.depends_on("nobody")))
        .service("a", Declared(|fields| fields.depends_on("b")))
        .service("b", Declared(|fields| fields.depends_on("c")))
        .service("c", Declared(|fields| fields.depends_on("a")))
        .service("first", Declared(|fields| fields.port(80, 5000)))
        .service("second", Declared(|fields| fields.port(81, 5000)))
        .service("variable", Declared(|fields| fields.env("NA=ME", "value")))
        .service("outside", Declared(|fields| fields.mount("/etc", "/up")))
        .service("nowhere", Declared(|fields| fields.build("no-such-directory")))
        .service("relative", Declared(|fields| fields.volume("data", "counts")))
        .service("labelled", Declared(|fields| fields.label("dev.drillmaster.group", "mine")))
        .service("good", Declared(|fields| fields))
}

drillmaster_sdk::export_group!(group());
