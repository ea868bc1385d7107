//! What a definition declares: the check, and everything that is made of what it accepts.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::net::Ipv4Addr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use drillmaster::group::{
    Check, Group, GroupName, ImageName, Paths, Service, Source, check, group_name, to_start, to_stop,
};
use drillmaster::plan::{Action, Observed, Plan, Reason, Request, reconcile};
use drillmaster::report::{plan_json, plan_text, visible};

use crate::declared::{NAMES, sources};
use crate::engine;
use crate::input::Input;
use crate::shown::{json, one_line, plain};

pub(super) fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let declared = sources(&mut input);
    let Some(group) = checked(declared, &mut input) else { return };
    let observed = planned_and_made(&group);
    let declared = sources(&mut input);
    let Some(other) = checked(declared, &mut input) else { return };
    if other.name == group.name {
        shown(&plan(&other, &observed));
    }
}

/// The group, if what is declared is sound.
fn checked(declared: Vec<Source>, input: &mut Input<'_>) -> Option<Group> {
    let chosen = input.optional(|input| input.word(&["shop", "a b"]));
    let directory = input.word(&["/", "/shop", "/a/My Shop", "/...", ""]);
    let name = match group_name(chosen.as_deref(), Path::new(&directory), &declared) {
        Ok(name) => name,
        Err(error) => {
            told(&error.to_string());
            GroupName::new("shop").expect("it is a name")
        }
    };
    let paths = SomePaths(input.pick(&[&b"/project"[..], b"/pr\xffject"]));
    let granted_labels = input.list(1, |input| input.word(&["traefik.", "com."])).into_iter().collect();
    let publish_on = Ipv4Addr::LOCALHOST.into();
    match check(declared, Check { name, paths: &paths, publish_on, granted_labels: &granted_labels }) {
        Ok(group) => {
            sound(&group);
            Some(group)
        }
        Err(mistakes) => {
            assert!(!mistakes.0.is_empty());
            told(&mistakes.to_string());
            None
        }
    }
}

/// Everything that is made of a group that was accepted.
pub(super) fn planned_and_made(group: &Group) -> Observed {
    let new = plan(group, &Observed::default());
    shown(&new);
    assert!(new.steps.iter().all(|step| step.action == Action::Create && step.reason == Reason::New));
    for service in group.services.values() {
        for (field, text) in service.described() {
            one_line(&visible(&format!("{field}: {}", text.shown())));
        }
        let text = serde_json::to_string(&service).ok();
        let read: Option<Service> = text.map(|text| serde_json::from_str(&text).expect("a service can be read back"));
        assert!(read.is_none_or(|read| read == *service));
    }
    // Nothing is done with what was made of just this.
    let observed = engine::made(group);
    let again = plan(group, &observed);
    shown(&again);
    assert!(again.steps.iter().all(|step| step.reason == Reason::AlreadyRunning), "{:?}", again.steps);
    observed
}

fn plan(group: &Group, observed: &Observed) -> Plan {
    let request = Request { selected: group.services.keys().cloned().collect(), ..Request::default() };
    let plan = reconcile(group.clone(), &request, observed, &|_| Some("a value"));
    assert_eq!(plan.steps.len(), group.services.len());
    let mut before = BTreeSet::new();
    for step in &plan.steps {
        assert!(step.service.dependencies.is_subset(&before), "{} comes too early", step.service.name);
        before.insert(step.service.name.clone());
    }
    plan
}

fn shown(plan: &Plan) {
    plain(&plan_text(plan));
    json(&plan_json(plan));
}

/// A text that is printed line by line.
fn told(text: &str) {
    text.lines().for_each(|line| one_line(&visible(line)));
}

/// What is accepted means something to an engine.
fn sound(group: &Group) {
    let mut hosts = BTreeSet::new();
    let mut published = BTreeSet::new();
    assert!(is_object(group.name.as_str()));
    for (name, service) in &group.services {
        assert_eq!(*name, service.name);
        assert!(group.definitions.contains_key(name));
        assert!(hosts.insert(name.to_ascii_lowercase()), "{name} is there twice");
        assert!(is_host(name) && service.aliases.iter().all(|alias| is_host(alias)));
        assert!(service.networks.iter().all(|name| is_object(name)));
        assert!(service.volumes.values().all(|volume| is_object(&volume.name)));
        assert!(ImageName::new(service.image.as_str()).is_ok());
        assert!(service.dependencies.iter().all(|other| group.services.contains_key(other)));
        for (variable, value) in &service.env {
            assert!(!variable.is_empty() && !variable.contains(['=', '\0']) && !value.text().contains('\0'));
        }
        for port in &service.ports {
            assert!(port.container != 0 && port.host != Some(0));
            assert!(port.host.is_none() || published.insert((port.host, port.protocol)), "{port:?} is there twice");
        }
        let targets = service.mounts.keys().chain(service.volumes.keys()).chain(&service.tmpfs);
        assert!(targets.chain(&service.working_directory).all(|target| target.starts_with('/')));
        assert!([&service.entrypoint, &service.command].into_iter().flatten().all(|argv| !argv.is_empty()));
        assert!(service.labels.keys().all(|name| !name.is_empty() && !name.starts_with("dev.drillmaster.")));
        assert!(service.labels.keys().all(|name| group.may_have_label(name)));
        let image = group.image_of(service);
        assert_eq!(image == service.image, group.build_of(service).is_none(), "{image}");
        assert!(service.user.as_ref().is_none_or(|user| !user.is_empty()));
    }
    let graph = group.dependencies();
    for excluded in NAMES {
        for chosen in [to_start(&graph, &[excluded.to_owned()]), to_stop(&graph, &[excluded.to_owned()])] {
            assert!(chosen.is_err() || !chosen.is_ok_and(|chosen| chosen.contains(excluded)));
        }
    }
}

fn is_host(name: &str) -> bool {
    let inside = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    inside && (1..=63).contains(&name.len()) && !name.starts_with('-') && !name.ends_with('-')
}

fn is_object(name: &str) -> bool {
    let mut bytes = name.bytes();
    let first = bytes.next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    first && name.len() <= 63 && bytes.all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
}

/// Paths below a directory with any name.
struct SomePaths(&'static [u8]);

impl Paths for SomePaths {
    fn resolve(&self, path: &str, _: bool) -> Result<PathBuf, String> {
        if path.is_empty() || path.contains("..") {
            return Err(format!("{path} leads outside"));
        }
        Ok(Path::new(OsStr::from_bytes(self.0)).join(path))
    }

    fn is_granted(&self, _: &Path) -> bool {
        false
    }

    fn leads_to(&self, path: &Path) -> PathBuf {
        path.to_owned()
    }

    fn is_there(&self, _: &Path) -> bool {
        true
    }

    fn still_leads_there(&self, _: &Path) -> Result<(), String> {
        Ok(())
    }
}
