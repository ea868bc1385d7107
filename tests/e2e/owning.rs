//! Whose a group is, and what only looks like something of it.

use std::fs;
use std::path::PathBuf;

use bollard::models::{ContainerConfig, ContainerCreateBody, VolumeCreateRequest};
use bollard::query_parameters::{
    BuildImageOptionsBuilder, CommitContainerOptionsBuilder, CreateContainerOptionsBuilder, StartContainerOptions,
};
use drillmaster_tests::definitions;
use drillmaster_tests::engine::{GROUP, IMAGE, INSTANCE, OWNER, SERVICE, block};
use drillmaster_tests::images;
use drillmaster_tests::scenario::{Run, Scenario};

use crate::support::{counter, docker_stop, see};

/// Projects of the same name in several directories, whose group is the scenario's: it is named after them.
struct Projects(Scenario);

impl Projects {
    /// One in each of these directories.
    fn new(above: &[&str]) -> Self {
        let scenario = Scenario::empty();
        let group = scenario.group();
        let component = definitions::path("single");
        Self(
            above
                .iter()
                .fold(scenario, |scenario, above| scenario.with_copy(&component, &format!("{above}/{group}/app.wasm"))),
        )
    }

    fn directory(&self, above: &str) -> PathBuf {
        self.0.project().join(above).join(self.0.group())
    }

    /// A command about the definition in a project, which names no group.
    #[track_caller]
    fn run(&self, above: &str, command: &str, arguments: &[&str]) -> Run {
        self.with_state("state", above, command, arguments)
    }

    /// The same with another state directory, as another account or a machine that has lost its own.
    #[track_caller]
    fn with_state(&self, state: &str, above: &str, command: &str, arguments: &[&str]) -> Run {
        let state = self.0.state().with_file_name(state).display().to_string();
        let arguments = [&[command, "app.wasm"], arguments].concat();
        let invocation = self.0.raw_invocation(&arguments).within(&self.directory(above));
        invocation.envs(&[("XDG_STATE_HOME", &state)]).spawn().wait()
    }
}

/// A container that was run from an image that somebody committed from one of the group's. Gives its id.
#[track_caller]
fn run_committed(scenario: &Scenario, service: &str, name: &str) -> String {
    let docker = scenario.engine().docker();
    let tag = format!("{}-committed", scenario.group());
    let options =
        CommitContainerOptionsBuilder::new().container(&scenario.id(service)).repo(&tag).tag("latest").build();
    block("commit", docker.commit_container(options, ContainerConfig::default())).unwrap();
    run(scenario, &format!("{tag}:latest"), name)
}

/// Runs a container of an image as `docker run` does, without a label. Gives its id.
#[track_caller]
fn run(scenario: &Scenario, image: &str, name: &str) -> String {
    let docker = scenario.engine().docker();
    let body = ContainerCreateBody { image: Some(image.to_owned()), ..ContainerCreateBody::default() };
    let options = CreateContainerOptionsBuilder::new().name(name).build();
    let id = block("create", docker.create_container(Some(options), body)).unwrap().id;
    block("start", docker.start_container(&id, None::<StartContainerOptions>)).unwrap();
    id
}

/// Builds an image that only adds labels to the tests' service, under a tag of the scenario's.
#[track_caller]
fn labelled_image(scenario: &Scenario, labels: &[(&str, &str)]) -> String {
    let tag = format!("{}-labelled:latest", scenario.group());
    let written: Vec<_> = labels.iter().map(|(name, value)| format!("{name}=\"{value}\"")).collect();
    let dockerfile = format!("FROM {}\nLABEL {}\n", images::SERVICE, written.join(" "));
    let mut archive = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(dockerfile.len() as u64);
    header.set_mode(0o644);
    archive.append_data(&mut header, "Dockerfile", dockerfile.as_bytes()).unwrap();
    let options = BuildImageOptionsBuilder::new().t(&tag).rm(true).build();
    let context = bollard::body_full(archive.into_inner().unwrap().into());
    let steps = scenario.engine().docker().build_image(options, None, Some(context));
    block("build", futures_util::TryStreamExt::try_collect::<Vec<_>>(steps)).unwrap();
    tag
}

#[test]
fn a_container_run_from_a_committed_image_is_named_and_touched_by_no_command() {
    let scenario = Scenario::new("single");
    scenario.start(&[]).code(0);
    let app = see(&scenario, "app");
    let look = format!("{}-look", scenario.group());
    let copy = run_committed(&scenario, "app", &look);
    let left = format!("container {look} (its labels come from its image)");

    scenario.start(&["--json"]).code(0).stdout_has("\"event\":\"warning\"").stdout_has(&left);
    scenario.start(&[]).code(0).stderr_has(&left).stdout_has("app  ready");
    scenario.run(&["plan", "app.wasm"]).code(0).stdout_has("nothing to do").stderr_has(&left);
    let ps = scenario.run(&["ps", "app.wasm"]).code(0).stderr_has(&left);
    assert_eq!(ps.stdout.lines().count(), 1, "{}", ps.stdout);
    assert_eq!((see(&scenario, "app"), counter(&scenario, "app", "init")), (app.clone(), 1));
    scenario.run(&["exec", "app", "--", "/service", "count", "here"]).code(0);
    assert_eq!(counter(&scenario, "app", "here"), 1);
    scenario.run(&["restart", "app.wasm", "app"]).code(0);
    assert_eq!(scenario.id("app"), app.id);

    scenario.run(&["stop", "--remove", "--volumes", "--orphans"]).code(0).stderr_has(&left);
    assert_eq!(scenario.names(), ["look"]);
    assert_eq!(scenario.id_of(&look).as_ref(), Some(&copy));
    assert_eq!(scenario.running(), ["look"]);
}

#[test]
fn a_committed_image_that_is_run_under_the_services_name_is_refused_before_anything_is_done() {
    let scenario = Scenario::new("single");
    scenario.start(&[]).code(0);
    let name = format!("{}-app", scenario.group());
    run_committed(&scenario, "app", &format!("{}-look", scenario.group()));
    scenario.stop(&["--remove"]).code(0);
    let copy = run(&scenario, &format!("{}-committed:latest", scenario.group()), &name);
    for command in [&["start", "app.wasm"][..], &["plan", "app.wasm"], &["reload", "app.wasm", "app"]] {
        let run = scenario.run(command).code(3);
        run.says(&format!("there is a container {name} already")).says("its labels come from its image");
    }
    assert_eq!(scenario.id_of(&name).as_ref(), Some(&copy));
    assert_eq!(scenario.networks(), []);
    scenario.run(&["exec", "app", "--", "/service", "exit", "0"]).code(1).says("has no running container");
    scenario.run(&["stop", "--remove"]).code(0);
    assert_eq!(scenario.id_of(&name).as_ref(), Some(&copy));
}

#[test]
fn an_image_with_a_groups_labels_makes_no_container_the_groups() {
    let scenario = Scenario::new("single");
    scenario.start(&[]).code(0);
    let (app, group) = (see(&scenario, "app"), scenario.group());
    // With a made-up label of its own, and without one.
    let forged = [(GROUP, group.as_str()), (SERVICE, "app"), (INSTANCE, "app-1-1")];
    let kinds = [&forged[..], &forged[..2]];
    for (number, labels) in kinds.into_iter().enumerate() {
        let image = labelled_image(&scenario, labels);
        run(&scenario, &image, &format!("{group}-app.{number}"));
        run(&scenario, &image, &format!("{group}-worker{number}"));
    }
    let run = scenario.start(&[]).code(0).stderr_has("left alone");
    for name in ["app.0", "worker0", "app.1", "worker1"] {
        run.clone().stderr_has(&format!("container {group}-{name} ("));
    }
    assert_eq!(see(&scenario, "app"), app);
    scenario.stop(&["--remove", "--orphans"]).code(0);
    assert_eq!(scenario.running(), ["app.0", "app.1", "worker0", "worker1"]);
}

#[test]
fn what_is_made_says_which_project_of_whom_it_belongs_to() {
    let scenario = Scenario::new("single").set("app.volume", "counts").set("app.build", "oven").set("app.image", "own");
    scenario.write("oven/Dockerfile", format!("FROM {}\n", images::SERVICE));
    scenario.start(&[]).code(0);
    let project = scenario.project().canonicalize().unwrap().display().to_string();
    let [account, directory, id] = OWNER;
    let container = scenario.container("app").unwrap().config.unwrap().labels.unwrap();
    let volume = scenario.volumes().remove(0).labels;
    let network = scenario.networks().remove(0).labels.unwrap();
    for labels in [&container, &volume, &network] {
        assert_eq!(labels[directory], project);
        assert!(labels[account].contains('@'), "{}", labels[account]);
        assert_eq!((labels[id].len(), &labels[id]), (64, &container[id]));
    }
    let images = scenario.engine().images().unwrap();
    let image = images.into_iter().find(|image| image.repo_tags.contains(&scenario.built("own"))).unwrap();
    let label: serde_json::Value = serde_json::from_str(&image.labels[IMAGE]).unwrap();
    assert_eq!((&label["group"], &label["project"]), (&scenario.group().into(), &project.into()));
    assert_eq!((&label["owner"], &label["project-id"]), (&container[account][..].into(), &container[id][..].into()));
}

#[test]
fn a_group_is_named_after_its_projects_directory() {
    let projects = Projects::new(&["mine"]);
    projects.run("mine", "start", &[]).code(0);
    assert_eq!(projects.0.names(), ["app"]);
    projects.run("mine", "check", &[]).code(0).stdout_has(&format!("group {} is valid", projects.0.group()));
    projects.run("mine", "inspect", &[]).code(0).stdout_has(&format!("group {}: 1 service", projects.0.group()));
}

#[test]
fn no_command_of_another_project_has_a_group_that_its_definitions_name_like_theirs() {
    let projects = Projects::new(&["mine", "theirs"]);
    let scenario = &projects.0;
    let group = scenario.group();
    projects.run("mine", "start", &[]).code(0);
    let app = see(scenario, "app");
    let commands: [(&str, &[&str]); 8] = [
        ("start", &[]),
        ("plan", &[]),
        ("stop", &["--remove", "--volumes"]),
        ("restart", &["app"]),
        ("reload", &["app"]),
        ("ps", &[]),
        ("logs", &[]),
        ("exec", &["app", "--", "/service", "count", "theirs"]),
    ];
    for (command, arguments) in commands {
        let run = projects.run("theirs", command, arguments).code(2);
        assert_eq!(run.stdout, "", "{command}");
        run.says(&format!("group {group} belongs to the project in "))
            .says(&format!("/mine/{group} of "))
            .says(&format!("/theirs/{group} use the same group name; use --group {group} if this is the same group"));
    }
    assert_eq!((see(scenario, "app"), counter(scenario, "app", "theirs")), (app.clone(), 0));
    projects.run("mine", "start", &[]).code(0);
    assert_eq!(see(scenario, "app"), app);

    // A person can say that it is one, and need not say so again.
    projects.run("theirs", "restart", &["app", "--group", &group]).code(0);
    projects.run("theirs", "ps", &[]).code(0).stdout_has("app");
    projects.run("theirs", "stop", &[]).code(0);
    projects.run("mine", "stop", &["--remove"]).code(0);
    assert_eq!(scenario.names(), [""; 0]);
}

#[test]
fn a_project_file_that_names_the_group_of_another_project_does_not_get_it() {
    let projects = Projects::new(&["mine"]);
    let scenario = &projects.0;
    let group = scenario.group();
    projects.run("mine", "start", &[]).code(0);
    let app = see(scenario, "app");
    scenario.write("downloaded/drillmaster.toml", format!("definitions = [\"app.wasm\"]\ngroup = \"{group}\"\n"));
    fs::copy(definitions::path("single"), scenario.project().join("downloaded/app.wasm")).unwrap();
    for command in [&["start"][..], &["plan"], &["ps"], &["stop", "--remove", "--volumes"]] {
        let invocation = scenario.raw_invocation(command).within(&scenario.project().join("downloaded"));
        invocation.spawn().wait().code(2).says(&format!("group {group} belongs to the project in "));
    }
    assert_eq!(see(scenario, "app"), app);
}

#[test]
fn a_group_is_its_projects_whatever_state_directory_is_used_and_nobody_elses() {
    let projects = Projects::new(&["mine", "theirs"]);
    let scenario = &projects.0;
    projects.run("mine", "start", &[]).code(0);
    let app = see(scenario, "app");
    let refused = projects.with_state("elsewhere", "theirs", "start", &["--set", "app.SAY=new"]).code(2);
    refused.says("belongs to the project in ").says("/mine/");
    assert_eq!(see(scenario, "app"), app);
    projects.with_state("elsewhere", "mine", "start", &[]).code(0);
    assert_eq!(see(scenario, "app"), app);
}

#[test]
fn a_group_moves_with_its_project() {
    let projects = Projects::new(&["old", "copy"]);
    let scenario = &projects.0;
    projects.run("old", "start", &["--set", "app.volume=counts"]).code(0);
    let app = see(scenario, "app");
    fs::rename(scenario.project().join("old"), scenario.project().join("new")).unwrap();
    for state in ["state", "elsewhere"] {
        let run = projects.with_state(state, "new", "start", &["--set", "app.volume=counts"]).code(0);
        run.stderr_has("from now on it also belongs to the project in ");
        assert_eq!(see(scenario, "app"), app, "{state}");
    }
    // Should there be something at the old place again, the group stays where it went.
    let again = projects.directory("old").join("app.wasm");
    fs::create_dir_all(projects.directory("old")).unwrap();
    fs::copy(definitions::path("single"), &again).unwrap();
    projects.run("old", "start", &["--set", "app.SAY=new"]).code(2).says("/new/").says("which moved there from here");
    projects.run("new", "start", &["--set", "app.volume=counts"]).code(0).stderr_lacks("from now on");
    assert_eq!(see(scenario, "app"), app);
    projects.run("copy", "start", &[]).code(2).says("belongs to the project in ");
    projects.run("new", "start", &["--set", "app.volume=counts", "--recreate", "app"]).code(0);
    assert_ne!(see(scenario, "app").id, app.id);
    assert_eq!(counter(scenario, "app", "init"), 2, "its volume is the same one");
    projects.run("new", "stop", &["--remove", "--volumes"]).code(0);
    assert_eq!(scenario.volumes(), []);
}

#[test]
fn a_group_of_which_nothing_is_left_is_anybodys_but_its_volumes_are_not() {
    let projects = Projects::new(&["mine", "theirs"]);
    let scenario = &projects.0;
    let volume = ["--set", "app.volume=counts"];
    projects.run("mine", "start", &volume).code(0);
    projects.run("mine", "stop", &[]).code(0);
    projects.run("theirs", "start", &[]).code(2).says("belongs to the project in ");
    projects.run("mine", "stop", &["--remove"]).code(0);
    projects.run("theirs", "start", &[]).code(0);
    projects.run("mine", "start", &[]).code(2).says("belongs to the project in ");

    let name = format!("drillmaster-{}-counts", scenario.group());
    let refused = format!("there is a volume {name} already, and it belongs to the project in ");
    let run = projects.run("theirs", "start", &volume).code(1);
    run.says(&refused).says("/mine/").says(&format!("use --group {} if this is the same group", scenario.group()));
    let left = format!("volume {name} (it belongs to another project)");
    projects.run("theirs", "stop", &["--remove", "--volumes"]).code(0).says(&left);
    assert_eq!(scenario.volumes().len(), 1);

    // It is still whose it was, with what was in it.
    projects.run("mine", "start", &volume).code(0);
    assert_eq!(counter(scenario, "app", "init"), 2);
    projects.run("mine", "stop", &["--remove", "--volumes"]).code(0);
    assert_eq!(scenario.volumes(), []);
}

#[test]
fn a_volume_of_another_machine_is_used_and_removed_only_by_the_persons_word() {
    let scenario = Scenario::new("single");
    let (group, [account, directory, id]) = (scenario.group(), OWNER);
    let volume = |name: &str| VolumeCreateRequest {
        name: Some(name.to_owned()),
        labels: Some(
            [(GROUP, group.as_str()), (account, "alice@server"), (directory, "/srv/shop"), (id, "0123")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
        ),
        ..VolumeCreateRequest::default()
    };
    let docker = scenario.engine().docker();
    // The second one only carries the label.
    for name in [format!("drillmaster-{group}-counts"), format!("{group}-else")] {
        block("create a volume", docker.create_volume(volume(&name))).unwrap();
    }
    scenario.write("drillmaster.toml", format!("definitions = [\"app.wasm\"]\ngroup = \"{group}\"\n"));
    scenario
        .raw(&["start", "--set", "app.volume=counts"])
        .code(1)
        .says("belongs to the project in /srv/shop of alice@server");
    scenario.raw(&["stop", "--remove", "--volumes"]).code(0).says("(it belongs to another project)");
    assert_eq!(scenario.volumes().len(), 2);
    scenario.start(&["--set", "app.volume=counts"]).code(0);
    scenario.stop(&["--remove", "--volumes"]).code(0).says("its name is not one of the group's");
    let left: Vec<_> = scenario.volumes().into_iter().map(|volume| volume.name).collect();
    assert_eq!(left, [format!("{group}-else")]);
}

#[test]
fn two_checkouts_that_build_the_same_image_at_once_each_run_their_own() {
    let checkouts = [Scenario::new("single"), Scenario::new("single")];
    let checkouts =
        checkouts.map(|scenario| scenario.set("app.build", "oven").set("app.image", "drillmaster-test-same:1"));
    for round in 0..3 {
        for (number, scenario) in checkouts.iter().enumerate() {
            let dockerfile = format!("FROM {}\nENV SAY=checkout-{number}-{round}\n", images::SERVICE);
            scenario.write("oven/Dockerfile", dockerfile);
        }
        let starts = checkouts.each_ref().map(|scenario| scenario.spawn(&["start", "app.wasm"]));
        for start in starts {
            start.wait().code(0);
        }
        for (number, scenario) in checkouts.iter().enumerate() {
            assert_eq!(scenario.get("app", "/env/SAY").text(), format!("checkout-{number}-{round}"));
        }
    }
    for scenario in &checkouts {
        let before = see(scenario, "app");
        scenario.start(&[]).code(0);
        assert_eq!(see(scenario, "app"), before, "nothing has changed");
        assert_eq!(scenario.image("drillmaster-test-same:1"), None);
    }
}

#[test]
fn a_line_about_somebodys_container_in_the_state_does_nothing_to_it() {
    let scenario = Scenario::new("single");
    let other = Scenario::new("single");
    scenario.start(&[]).code(0);
    other.start(&[]).code(0);
    let look = run_committed(&scenario, "app", &format!("{}-look", scenario.group()));
    let theirs = see(&other, "app");
    let engines = fs::read_dir(scenario.state().join("drillmaster")).unwrap();
    let directory =
        engines.map(|engine| engine.unwrap().path().join(scenario.group())).find(|path| path.is_dir()).unwrap();
    let lines = format!("remove {}\nstop {look} 1000\n", theirs.id);
    fs::write(directory.join("pending"), lines).unwrap();
    scenario.start(&[]).code(0);
    assert_eq!(see(&other, "app"), theirs);
    assert_eq!(scenario.running(), ["app", "look"]);
    assert!(!directory.join("pending").exists());
    // What is the group's own is finished.
    fs::write(directory.join("pending"), format!("stop {} 1000\n", scenario.id("app"))).unwrap();
    docker_stop(&scenario, "app");
    scenario.start(&[]).code(0);
    assert_eq!(scenario.running(), ["app", "look"]);
}

/// A group of one service in JavaScript with a label.
fn labelled(label: &str) -> Scenario {
    let definition = format!(
        "import {{ defineGroup }} from \"drillmaster\";\nexport default defineGroup({{ services: {{ app: {{ image: \"{}\", \
         labels: {{ {label:?}: \"true\", \"org.example.colour\": \"green\" }} }} }} }});\n",
        images::SERVICE
    );
    Scenario::empty().with_file("app.js", definition)
}

#[test]
fn a_label_that_another_tool_acts_on_is_refused_unless_it_is_granted() {
    let scenario = labelled("com.docker.compose.project");
    let refused = "service `app`, labels: \"com.docker.compose.project\" is read by Docker, which acts on the labels of all \
                   containers; --allow-label com.docker. would allow it";
    for command in [&["start", "app.js"][..], &["check", "app.js"], &["plan", "--offline", "app.js"]] {
        scenario.run(command).code(2).says(refused);
    }
    scenario.run(&["inspect", "app.js"]).code(2).says(refused).stdout_has("com.docker.compose.project");
    scenario.run(&["start", "app.js", "--allow-label", "traefik."]).code(2).says(refused);
    scenario.run(&["start", "app.js", "--allow-label", ""]).code(2).says("--allow-label");
    assert_eq!(scenario.names(), [""; 0]);
    scenario.run(&["start", "app.js", "--allow-label", "com.docker.compose."]).code(0);
    let labels = scenario.container("app").unwrap().config.unwrap().labels.unwrap();
    assert_eq!(
        (labels["com.docker.compose.project"].as_str(), labels["org.example.colour"].as_str()),
        ("true", "green")
    );
}

#[test]
fn a_project_file_can_grant_labels() {
    let scenario = labelled("Traefik.enable");
    let file = |grants: &str| format!("definitions = [\"app.js\"]\n[grants]\nlabel = {grants}\n");
    scenario.write("drillmaster.toml", file("[\"caddy\"]"));
    scenario.run(&["check"]).code(2).says("--allow-label traefik.");
    scenario.write("drillmaster.toml", file("[\"caddy\", \"traefik.\"]"));
    let scenario = scenario.trusted();
    scenario.run(&["check"]).code(0);
    scenario.write("drillmaster.toml", file("[\"\"]"));
    scenario.run(&["check"]).code(2).says("line 3");
}

#[test]
fn labels_of_an_image_that_other_tools_act_on_are_emptied_and_told() {
    let scenario = Scenario::new("single");
    let labels =
        [("com.docker.compose.project", "victim"), ("traefik.enable", "true"), ("org.example.colour", "green")];
    let image = labelled_image(&scenario, &labels);
    let scenario = scenario.set("app.image", &image);
    let run = scenario.start(&[]).code(0);
    run.stderr_has("app: its image has labels that other tools act on")
        .stderr_has("\"com.docker.compose.project\", \"traefik.enable\"");
    let labels = |scenario: &Scenario| scenario.container("app").unwrap().config.unwrap().labels.unwrap();
    let found = labels(&scenario);
    assert_eq!((found["com.docker.compose.project"].as_str(), found["traefik.enable"].as_str()), ("", ""));
    assert_eq!(found["org.example.colour"], "green");
    let before = see(&scenario, "app");
    scenario.start(&[]).code(0).stderr_lacks("other tools");
    assert_eq!(see(&scenario, "app"), before);

    scenario.start(&["--recreate", "app", "--allow-label", "traefik."]).code(0);
    let found = labels(&scenario);
    assert_eq!((found["com.docker.compose.project"].as_str(), found["traefik.enable"].as_str()), ("", "true"));
}
