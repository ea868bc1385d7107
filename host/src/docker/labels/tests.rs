use std::collections::BTreeMap;

use super::*;
use crate::group::{FingerprintKey, Service, Template};
use crate::plan::{ImageId, environment_fingerprints};

/// What 0.1 wrote of a service on which every field is set, and its hash of the variables with the context filled in.
const DECLARED_BY_0_1: &str = r#"{"name":"db","image":"drillmaster-test-service:latest","dependencies":["cache"],"env":{"MODE":"dev","POSTGRES_PASSWORD":"hunter2","URL":"{cache.url}"},"ports":[{"container":53,"address":"127.0.0.1","host":null,"protocol":"Udp"},{"container":5432,"address":"127.0.0.1","host":25433,"protocol":"Tcp"}],"always_start_new":false,"stop_signal":"Int","stop_timeout":{"secs":1,"nanos":500000000},"build":null,"entrypoint":["/service"],"command":["serve","--token=hunter3"],"user":"1000","working_directory":"/","mounts":{},"volumes":{"/data":{"name":"data","read_only":false}},"tmpfs":["/tmp"],"labels":{"team":"a"},"aliases":["database"],"networks":["back"],"restart_policy":"OnFailure","health_check":{"command":["/service","print","a \"b\" ü"],"interval":{"secs":0,"nanos":500000000}},"platform":"linux/amd64","shared_memory_mib":64,"memory_limit_mib":512,"cpu_limit_millis":500}"#;
const ENVIRONMENT_OF_0_1: &str = "13fde16c0c590ba77ac4708f784ac3d75d6a9ee7c48c21134a95e7864ee81bfb";

fn labels_of_0_1() -> HashMap<String, String> {
    [
        (DECLARED, DECLARED_BY_0_1),
        (ENVIRONMENT, ENVIRONMENT_OF_0_1),
        ("dev.drillmaster.fields", "70fde2d8ee6ecf0f3056b9bb18bd82513f349370639474e369959fad4fe3ca9a"),
        (GROUP, "secrets-old"),
        (SERVICE, "db"),
        (INSTANCE, "db-18ec1f128d387b53-138a"),
        (DEPENDENCIES, "cache"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

fn declared_by_0_1() -> Service {
    serde_json::from_str(DECLARED_BY_0_1).unwrap()
}

fn new_container(service: Service) -> NewContainer {
    let (key, instance) = (FingerprintKey::of_tests(), "db-1".to_owned());
    let value = |_: &str| Some("redis://:hunter4@cache");
    let env = service.env.iter().map(|(name, text)| (name.clone(), text.fill(value).unwrap())).collect();
    NewContainer {
        group: GroupName::new("shop").unwrap(),
        owner: Owner { id: "0123".to_owned(), account: "ada@host".to_owned(), project: "/home/ada/shop".to_owned() },
        name: "shop-db.starting".to_owned(),
        image: ImageId("sha256:0".to_owned()),
        emptied_labels: BTreeSet::new(),
        fingerprints: Fingerprints::of_fields(&service, &instance, &key),
        environment: environment_fingerprints(&service, &value, &instance, &key),
        instance,
        env,
        service,
        definition: Digest::from_text("0123"),
        networks: Vec::new(),
        own_volumes: BTreeMap::new(),
    }
}

#[test]
fn what_is_written_is_read_again() {
    let new = new_container(declared_by_0_1());
    let labels = of_container(&new);
    let read = read(&labels);
    let Recorded::Fingerprints { fields, environment } = read.recorded else { panic!("{:?}", read.recorded) };
    assert_eq!((fields, environment), (new.fingerprints, new.environment));
    assert_eq!(read.stop_timeout, Some(Duration::from_millis(1500)));
    assert_eq!(read.dependencies, new.service.dependencies);
    assert_eq!(labels[INSTANCE], "db-1");
}

#[test]
fn no_label_of_ours_holds_a_value() {
    let mut labels = of_container(&new_container(declared_by_0_1()));
    assert_eq!(labels.remove("team").as_deref(), Some("a"), "the definition's own is as it says");
    for (name, value) in labels {
        for secret in ["hunter", "dev\"", "redis://", "serve", "cache.url", "1000"] {
            assert!(!value.contains(secret), "{secret} is in {name}: {value}");
        }
    }
}

#[test]
fn labels_of_0_1_are_read() {
    let read = read(&labels_of_0_1());
    let Recorded::Fields { service, environment } = read.recorded else { panic!("{:?}", read.recorded) };
    assert_eq!(*service, declared_by_0_1());
    assert_eq!(service.env["URL"], Template::new("{cache.url}"));
    assert_eq!(environment, Some(Digest::from_text(ENVIRONMENT_OF_0_1)));
    assert_eq!(read.stop_timeout, Some(Duration::from_millis(1500)));
}

#[test]
fn a_field_that_a_label_of_0_1_does_not_know_is_as_it_is_by_default() {
    // One after the other, as if each had been added later.
    let fields: serde_json::Map<String, serde_json::Value> = serde_json::from_str(DECLARED_BY_0_1).unwrap();
    for field in fields.keys().filter(|field| !["name", "image"].contains(&field.as_str())) {
        let mut older = fields.clone();
        older.remove(field);
        let recorded = recorded(&serde_json::to_string(&older).unwrap(), None);
        assert!(matches!(recorded, Recorded::Fields { .. }), "without {field}: {recorded:?}");
    }
}

#[test]
fn what_nobody_of_us_wrote_is_not_read() {
    for text in ["", "{}", "null", "hunter2", r#"{"v":3,"key":"","keyed":{}}"#] {
        assert_eq!(recorded(text, None), Recorded::Unreadable, "{text}");
    }
}
