//! A second start: what is kept, what is started again, what is replaced.

use bollard::models::{ContainerConfig, ContainerCreateBody};
use bollard::query_parameters::{CommitContainerOptionsBuilder, CreateContainerOptionsBuilder, TagImageOptionsBuilder};
use drillmaster_tests::engine::block;
use drillmaster_tests::images;
use drillmaster_tests::scenario::Scenario;

use crate::support::{counter, docker_rename, docker_stop, free_port, see};

/// Makes sure that a start with these arguments replaces `subject`, and nothing else, giving this reason.
#[track_caller]
fn replaces_subject(scenario: &Scenario, arguments: &[&str], reason: &str) {
    let (old, bystander) = (scenario.id("subject"), see(scenario, "bystander"));
    scenario.start(arguments).code(0).stderr_has(reason);
    assert_ne!(see(scenario, "subject").id, old);
    assert_eq!(counter(scenario, "subject", "init"), 1);
    assert_eq!(scenario.names(), ["bystander", "subject"]);
    assert_eq!(scenario.engine().inspect(&old).unwrap(), None, "the replaced container is still there");
    assert_eq!(see(scenario, "bystander"), bystander);
}

fn started() -> Scenario {
    let scenario = Scenario::new("adjustable");
    scenario.start(&[]).code(0);
    scenario
}

#[test]
fn a_second_start_does_nothing() {
    let scenario = started();
    let look =
        || ["subject", "bystander"].map(|service| (see(&scenario, service), counter(&scenario, service, "ping")));
    let before = look();
    scenario.start(&[]).code(0);
    assert_eq!(look(), before);
}

#[test]
fn what_was_stopped_is_started_again_and_pinged_but_not_initialised_again() {
    let scenario = started();
    let (subject, bystander) = (see(&scenario, "subject"), see(&scenario, "bystander"));
    let asked = counter(&scenario, "subject", "ping");
    docker_stop(&scenario, "subject");

    scenario.start(&[]).code(0);

    let again = see(&scenario, "subject");
    assert_eq!(again.id, subject.id);
    assert!(again.started_at > subject.started_at);
    assert!(counter(&scenario, "subject", "ping") > asked);
    assert_eq!(counter(&scenario, "subject", "init"), 1);
    assert_eq!(see(&scenario, "bystander"), bystander);
}

#[test]
fn what_was_removed_is_created_anew_and_initialised() {
    let scenario = started();
    let (subject, bystander) = (scenario.id("subject"), see(&scenario, "bystander"));
    scenario.engine().remove_container(&subject).unwrap();

    scenario.start(&[]).code(0);

    assert_ne!(see(&scenario, "subject").id, subject);
    assert_eq!(counter(&scenario, "subject", "init"), 1);
    assert_eq!(see(&scenario, "bystander"), bystander);
}

#[test]
fn a_container_whose_environment_changed_is_replaced_and_no_other_one() {
    let scenario = started();
    replaces_subject(&scenario, &["--set", "VALUE=new"], "env VALUE: ");
    assert_eq!(scenario.get("subject", "/env/VALUE").text(), "new");
}

#[test]
fn a_container_that_was_stopped_is_replaced_too_when_a_field_changed() {
    let scenario = started();
    docker_stop(&scenario, "subject");
    replaces_subject(&scenario, &["--set", "VALUE=new"], "env VALUE: ");
}

#[test]
fn a_container_whose_ports_changed_is_replaced() {
    let scenario = started();
    let port = free_port();
    replaces_subject(&scenario, &["--set", &format!("port={port}")], "port 9090/tcp: ");
    assert_eq!(scenario.address("subject", 9090).port(), port);
}

#[test]
fn a_container_whose_command_changed_is_replaced() {
    let scenario = started();
    replaces_subject(&scenario, &["--set", "command=new"], "command: ");
    assert_eq!(scenario.get("subject", "/argv").text(), "/service\nserve\nnew");
}

#[test]
fn a_container_whose_user_changed_is_replaced() {
    let scenario = started();
    replaces_subject(&scenario, &["--set", "user=1234:2345"], "user: ");
    assert_eq!(scenario.get("subject", "/user").text(), "1234:2345");
}

#[test]
fn a_container_whose_image_has_another_name_is_replaced() {
    let scenario = started();
    tag(&scenario, "new");
    replaces_subject(&scenario, &["--set", &format!("image={}-app:new", scenario.group())], "image: ");
}

#[test]
fn a_container_is_replaced_when_its_tag_stands_for_another_image() {
    let scenario = Scenario::new("adjustable");
    let image = format!("{}-app:latest", scenario.group());
    let scenario = scenario.set("image", &image);
    tag(&scenario, "latest");
    scenario.start(&[]).code(0);
    let old = scenario.container("subject").unwrap().image;
    // The same tag, from now on for an image that was made of a container in which nothing was counted.
    let untouched = create_like_subject(&scenario, "untouched");
    let repository = format!("{}-app", scenario.group());
    let options = CommitContainerOptionsBuilder::new().container(&untouched).repo(&repository).tag("latest").build();
    block("commit", scenario.engine().docker().commit_container(options, ContainerConfig::default())).unwrap();
    scenario.engine().remove_container(&untouched).unwrap();
    replaces_subject(&scenario, &[], "image: ");
    assert_ne!(scenario.container("subject").unwrap().image, old);
}

#[test]
fn a_service_that_always_starts_new_is_kept_while_it_runs_and_replaced_once_it_is_stopped() {
    let scenario = Scenario::new("adjustable").set("always_start_new", "true");
    scenario.start(&[]).code(0);
    let running = see(&scenario, "subject");
    scenario.start(&[]).code(0);
    assert_eq!(see(&scenario, "subject"), running);
    docker_stop(&scenario, "subject");
    replaces_subject(&scenario, &[], "always_start_new");
}

#[test]
fn a_container_that_was_never_finished_is_replaced() {
    let scenario = started();
    let (unfinished, bystander) = (see(&scenario, "subject"), see(&scenario, "bystander"));
    // As it is called until it is initialised.
    docker_rename(&scenario, "subject", "subject.starting");

    scenario.start(&[]).code(0).stderr_has("an earlier start did not finish");

    assert_ne!(see(&scenario, "subject").id, unfinished.id);
    assert_eq!(scenario.engine().inspect(&unfinished.id).unwrap(), None);
    assert_eq!(scenario.names(), ["bystander", "subject"]);
    assert_eq!(see(&scenario, "bystander"), bystander);
}

#[test]
fn a_container_that_was_about_to_be_replaced_is_used_again() {
    let scenario = started();
    let (subject, bystander) = (scenario.id("subject"), see(&scenario, "bystander"));
    docker_stop(&scenario, "subject");
    // As it is called for a moment while the new one takes its name.
    docker_rename(&scenario, "subject", "subject.old");

    scenario.start(&[]).code(0);

    assert_eq!(see(&scenario, "subject").id, subject);
    assert_eq!(counter(&scenario, "subject", "init"), 1);
    assert_eq!(scenario.names(), ["bystander", "subject"]);
    assert_eq!(see(&scenario, "bystander"), bystander);
}

#[test]
fn what_was_replaced_is_removed_by_the_next_start_if_it_is_still_there() {
    let scenario = started();
    let subject = see(&scenario, "subject");
    create_like_subject(&scenario, "subject.old");
    scenario.start(&[]).code(0);
    assert_eq!(see(&scenario, "subject"), subject);
    assert_eq!(scenario.names(), ["bystander", "subject"]);
}

#[test]
fn a_container_whose_start_failed_is_replaced() {
    let scenario = Scenario::new("adjustable");
    scenario.start(&["--set", "EXIT_AFTER_MS=0"]).code(1);
    assert_eq!(scenario.names(), ["bystander", "subject.starting"]);
    let (failed, bystander) = (scenario.id("subject.starting"), see(&scenario, "bystander"));

    scenario.start(&[]).code(0);

    assert_eq!(scenario.engine().inspect(&failed).unwrap(), None);
    assert_eq!(scenario.names(), ["bystander", "subject"]);
    assert_eq!(counter(&scenario, "subject", "init"), 1);
    assert_eq!(see(&scenario, "bystander"), bystander);
}

#[test]
fn a_replacement_that_fails_leaves_the_old_container_with_its_data() {
    let scenario = started();
    let old = scenario.id("subject");
    for expected in ["1", "2", "3"] {
        assert_eq!(scenario.get("subject", "/count/data").text(), expected);
    }

    scenario.start(&["--set", "EXIT_AFTER_MS=0", "--set", "EXIT_CODE=3"]).code(1);

    assert_eq!(scenario.names(), ["bystander", "subject", "subject.starting"]);
    assert_eq!(scenario.id("subject"), old);
    assert_eq!(scenario.exit_code("subject.starting"), 3);
    assert!(!scenario.is_running("subject") && !scenario.is_running("subject.starting"));

    scenario.start(&[]).code(0);

    assert_eq!(see(&scenario, "subject").id, old);
    assert_eq!(counter(&scenario, "subject", "data"), 3);
    assert_eq!(counter(&scenario, "subject", "init"), 1);
    assert_eq!(scenario.names(), ["bystander", "subject"]);
}

#[test]
fn a_replacement_whose_image_cannot_be_had_leaves_the_old_container_running() {
    let scenario = started();
    let old = see(&scenario, "subject");
    // Nothing listens on that port.
    let run = scenario.start(&["--set", "image=127.0.0.1:1/nothing:here", "--allow-net", "127.0.0.1:1"]);
    run.code(1).says("connection refused");
    assert_eq!(see(&scenario, "subject"), old);
    assert_eq!(scenario.names(), ["bystander", "subject"]);
}

/// Creates, and does not start, a container with the labels of `subject`'s and another name. Gives its id.
fn create_like_subject(scenario: &Scenario, name: &str) -> String {
    let body = ContainerCreateBody {
        image: Some(images::SERVICE.to_owned()),
        labels: scenario.container("subject").unwrap().config.unwrap().labels,
        ..ContainerCreateBody::default()
    };
    let options = CreateContainerOptionsBuilder::new().name(&format!("{}-{name}", scenario.group())).build();
    block("create", scenario.engine().docker().create_container(Some(options), body)).unwrap().id
}

/// Gives the image of the tests' service a tag of the scenario's own, `GROUP-app:TAG`, which goes with it.
fn tag(scenario: &Scenario, tag: &str) {
    let repository = format!("{}-app", scenario.group());
    let options = TagImageOptionsBuilder::new().repo(&repository).tag(tag).build();
    block("tag", scenario.engine().docker().tag_image(images::SERVICE, Some(options))).unwrap();
}
