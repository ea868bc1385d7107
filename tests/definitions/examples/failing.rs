//! Services that fail, each in a hook of its own, and `fine`, which does not. Each language has the same group, and its
//! errors say the same. With the parameter `broken` the fields fail.

use drillmaster_sdk::{Container, Fields, Group, Parameters, Result, Service};
use drillmaster_test_definitions::IMAGE;

struct Fine;

impl Service for Fine {
    fn fields(&self, parameters: &Parameters) -> Result<Fields> {
        match parameters.get("broken") {
            None => Ok(Fields::new(IMAGE)),
            Some(how) => Err(format!("it is broken: {how}").into()),
        }
    }

    fn pre_stop(&self, _: &Container) -> Result<()> {
        Err("it does not want to stop".into())
    }
}

/// `pre_start` fails.
struct Refusing;

impl Service for Refusing {
    fn fields(&self, _: &Parameters) -> Result<Fields> {
        Ok(Fields::new(IMAGE))
    }

    fn pre_start(&self, _: &str) -> Result<()> {
        Err("the licence has run out\n— since Monday".into())
    }
}

/// `ping` fails.
struct Pinging;

impl Service for Pinging {
    fn fields(&self, _: &Parameters) -> Result<Fields> {
        Ok(Fields::new(IMAGE))
    }

    fn ping(&self, _: &Container) -> Result<bool> {
        Err("it will never be ready".into())
    }
}

/// The host's own error is handed on.
struct Initialising;

impl Service for Initialising {
    fn fields(&self, _: &Parameters) -> Result<Fields> {
        Ok(Fields::new(IMAGE))
    }

    fn post_start_init(&self, container: &Container) -> Result<()> {
        container.dependency("fine")?;
        Ok(())
    }
}

/// A command fails.
struct Commanding;

impl Service for Commanding {
    fn fields(&self, _: &Parameters) -> Result<Fields> {
        Ok(Fields::new(IMAGE))
    }

    fn post_start_init(&self, container: &Container) -> Result<()> {
        container.exec(["/service", "fail", "no such table"])?.check()?;
        Ok(())
    }
}

fn group() -> Group {
    Group::named("failing")
        .service("fine", Fine)
        .service("refusing", Refusing)
        .service("pinging", Pinging)
        .service("initialising", Initialising)
        .service("commanding", Commanding)
        .on_start(|services| Err(format!("nobody waits for {}", services.join(", ")).into()))
        .on_stop(|services| Err(format!("nobody misses {}", services.join(", ")).into()))
}

drillmaster_sdk::export_group!(group());
