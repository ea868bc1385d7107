use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

use super::memory;
use crate::{
    Container, Health, Response,
    container::{Backend, ExecOutput},
};

/// A container that answers what a test tells it to, and remembers what was called.
///
/// It runs and has no health check until told otherwise. What the test told nothing about is an error that names the
/// call; an unexpected TCP probe finds nothing, with a warning in the log, as on the host.
/// What a test tells later counts from then on, also for containers that were given out before.
#[derive(Clone)]
#[must_use]
pub struct FakeContainer(Rc<RefCell<Told>>);

struct Told {
    name: String,
    running: bool,
    health: Health,
    log: String,
    addresses: BTreeMap<u32, (String, u32)>,
    listening: Vec<u32>,
    execs: Vec<(Vec<String>, Result<ExecOutput, String>)>,
    pages: BTreeMap<(u32, String), Result<Response, String>>,
    dependencies: BTreeMap<String, FakeContainer>,
    calls: Vec<String>,
}

impl FakeContainer {
    /// The running container of the service of this name.
    pub fn new(service: impl Into<String>) -> Self {
        Self(Rc::new(RefCell::new(Told {
            name: service.into(),
            running: true,
            health: Health::None,
            log: String::new(),
            addresses: BTreeMap::new(),
            listening: Vec::new(),
            execs: Vec::new(),
            pages: BTreeMap::new(),
            dependencies: BTreeMap::new(),
            calls: Vec::new(),
        })))
    }

    /// A command that begins with these words exits with 0 and writes this to stdout. The answer told to the most
    /// words is taken, and of equals the one told last.
    pub fn exec_succeeds(self, argv: impl IntoIterator<Item = impl Into<String>>, stdout: impl Into<Vec<u8>>) -> Self {
        self.exec(argv, Ok((0, stdout.into(), Vec::new())))
    }

    /// A command that begins with these words exits with this code and writes this to stderr.
    pub fn exec_fails(
        self,
        argv: impl IntoIterator<Item = impl Into<String>>,
        exit_code: i32,
        stderr: impl Into<Vec<u8>>,
    ) -> Self {
        self.exec(argv, Ok((exit_code, Vec::new(), stderr.into())))
    }

    /// A command that begins with these words cannot be run at all: its time is up, or the container stopped.
    pub fn exec_errors(self, argv: impl IntoIterator<Item = impl Into<String>>, error: impl Into<String>) -> Self {
        self.exec(argv, Err(error.into()))
    }

    /// A GET request to this path of this container port has this answer.
    pub fn http_answers(self, port: u16, path: impl Into<String>, status: u32, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        self.page(port, path, Ok(Response { status, body }))
    }

    /// A GET request to this path of this container port has no answer.
    pub fn http_errors(self, port: u16, path: impl Into<String>, error: impl Into<String>) -> Self {
        self.page(port, path, Err(error.into()))
    }

    /// The host reaches this container port at that address.
    pub fn address(self, port: u16, host: impl Into<String>, published: u16) -> Self {
        self.told(|told| {
            told.addresses.insert(port.into(), (host.into(), published.into()));
        })
    }

    /// Something accepts TCP connections on this container port.
    pub fn listening(self, port: u16) -> Self {
        self.told(|told| told.listening.push(port.into()))
    }

    /// What the container wrote to stdout and stderr.
    pub fn logged(self, text: impl Into<String>) -> Self {
        self.told(|told| told.log = text.into())
    }

    /// What the engine's health check says.
    pub fn health(self, health: Health) -> Self {
        self.told(|told| told.health = health)
    }

    /// The container does not run.
    pub fn stopped(self) -> Self {
        self.told(|told| told.running = false)
    }

    /// The container of a service that this one depends on.
    pub fn dependency(self, dependency: &FakeContainer) -> Self {
        self.told(|told| {
            told.dependencies.insert(dependency.service_name(), dependency.clone());
        })
    }

    /// The container for a hook. What it is asked is remembered here.
    #[must_use]
    pub fn container(&self) -> Container {
        Container::new(self.clone())
    }

    /// What was called so far, oldest first: `exec createdb shop`, `http-get 8080 /health`, `address 5432`,
    /// `probe-tcp 5432`, `log-tail 20`, `dependency appdb`, `is-running`, `health`.
    #[must_use]
    pub fn calls(&self) -> Vec<String> {
        self.0.borrow().calls.clone()
    }

    fn told(self, tell: impl FnOnce(&mut Told)) -> Self {
        tell(&mut self.0.borrow_mut());
        self
    }

    fn exec(
        self,
        argv: impl IntoIterator<Item = impl Into<String>>,
        answer: Result<(i32, Vec<u8>, Vec<u8>), String>,
    ) -> Self {
        let argv = argv.into_iter().map(Into::into).collect();
        let answer = answer.map(|(exit_code, stdout, stderr)| ExecOutput { exit_code, stdout, stderr });
        self.told(|told| told.execs.push((argv, answer)))
    }

    fn page(self, port: u16, path: impl Into<String>, answer: Result<Response, String>) -> Self {
        self.told(|told| {
            told.pages.insert((port.into(), path.into()), answer);
        })
    }

    /// Remembers a call and finds the answer to it, or an error that says that there is none.
    fn answer<T>(&self, call: impl Into<String>, find: impl FnOnce(&Told) -> Option<T>) -> Result<T, String> {
        let call = call.into();
        let mut told = self.0.borrow_mut();
        let answer =
            find(&told).ok_or_else(|| format!("the fake container `{}` was told nothing about `{call}`", told.name));
        told.calls.push(call);
        answer
    }
}

impl Backend for FakeContainer {
    fn service_name(&self) -> String {
        self.0.borrow().name.clone()
    }

    fn address(&self, port: u32) -> Result<(String, u32), String> {
        self.answer(format!("address {port}"), |told| told.addresses.get(&port).cloned())
    }

    fn is_running(&self) -> Result<bool, String> {
        self.answer("is-running", |told| Some(told.running))
    }

    fn health(&self) -> Result<String, String> {
        self.answer("health", |told| Some(told.health.name().into()))
    }

    fn exec(&self, argv: &[String], _: u32) -> Result<ExecOutput, String> {
        self.answer(format!("exec {}", argv.join(" ")), |told| {
            let fitting = told.execs.iter().filter(|(words, _)| argv.starts_with(words));
            fitting.max_by_key(|(words, _)| words.len()).map(|(_, answer)| answer.clone())
        })?
    }

    fn probe_tcp(&self, port: u32, _: u32) -> bool {
        let found = self.answer(format!("probe-tcp {port}"), |told| told.listening.contains(&port).then_some(()));
        found.inspect_err(|error| memory::log::warn(error)).is_ok()
    }

    fn http_get(&self, port: u32, path: &str, _: u32) -> Result<Response, String> {
        self.answer(format!("http-get {port} {path}"), |told| told.pages.get(&(port, path.to_owned())).cloned())?
    }

    fn log_tail(&self, lines: u32) -> Result<Vec<u8>, String> {
        self.answer(format!("log-tail {lines}"), |told| {
            let log: Vec<&str> = told.log.split_inclusive('\n').collect();
            let skipped = log.len().saturating_sub(lines as usize);
            Some(log[skipped..].concat().into())
        })
    }

    fn dependency(&self, service: &str) -> Result<Container, String> {
        self.answer(format!("dependency {service}"), |told| {
            told.dependencies.get(service).map(FakeContainer::container)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{clear, log_lines};

    #[test]
    fn a_command_gets_the_answer_told_to_the_most_of_its_words() {
        let fake = FakeContainer::new("db")
            .exec_succeeds(["psql"], "old")
            .exec_succeeds(["psql"], "new")
            .exec_fails(["psql", "--version"], 3, "too old")
            .exec_errors(["sleep"], "the time is up");
        let container = fake.container();
        assert_eq!(container.exec(["psql", "-c", "SELECT 1"]).unwrap().stdout_text(), "new");
        let failed = container.exec(["psql", "--version"]).unwrap();
        assert_eq!((failed.exit_code, &*failed.stderr_text()), (3, "too old"));
        assert_eq!(container.exec(["sleep", "60"]).err().unwrap().to_string(), "the time is up");
        assert_eq!(fake.calls(), ["exec psql -c SELECT 1", "exec psql --version", "exec sleep 60"]);
    }

    #[test]
    fn a_call_that_the_test_told_nothing_about_is_an_error_that_names_it() {
        clear();
        let fake = FakeContainer::new("db").exec_succeeds(["psql"], "");
        let container = fake.container();
        let errors = [
            container.exec(["createdb", "shop"]).err(),
            container.http_get(80, "/").err(),
            container.address(5432).err(),
            container.dependency("cache").err(),
        ];
        for (error, call) in errors.into_iter().zip(fake.calls()) {
            let wanted = format!("the fake container `db` was told nothing about `{call}`");
            assert_eq!(error.unwrap().to_string(), wanted);
        }
        assert!(!container.probe_tcp(5432));
        assert_eq!(log_lines(), ["warn: the fake container `db` was told nothing about `probe-tcp 5432`"]);
    }

    #[test]
    fn what_is_told_later_counts_for_containers_that_were_given_out_before() {
        let fake = FakeContainer::new("db").exec_fails(["psql"], 2, "refused");
        let container = fake.container();
        assert!(!container.exec(["psql"]).unwrap().success());
        let fake = fake.exec_succeeds(["psql"], "");
        assert!(container.exec(["psql"]).unwrap().success());
        assert_eq!(fake.calls().len(), 2);
    }

    #[test]
    fn a_container_answers_all_that_it_was_told() {
        let db = FakeContainer::new("db").address(5432, "127.0.0.1", 5433);
        let app = FakeContainer::new("app")
            .http_answers(80, "/health", 200, "well")
            .http_errors(80, "/slow", "no answer in 10 s")
            .listening(80)
            .logged("one\ntwo\nthree\n")
            .health(Health::Healthy)
            .stopped()
            .dependency(&db);
        let container = app.container();
        assert_eq!(container.name(), "app");
        assert_eq!(container.http_get(80, "/health").unwrap().text(), "well");
        assert_eq!(container.http_get(80, "/slow").unwrap_err().to_string(), "no answer in 10 s");
        assert!(container.probe_tcp(80));
        assert_eq!(container.log_tail(2).unwrap(), "two\nthree\n");
        assert_eq!(container.log_tail(9).unwrap(), "one\ntwo\nthree\n");
        assert_eq!(container.health().unwrap(), Health::Healthy);
        assert!(!container.is_running().unwrap());
        let address = container.dependency("db").unwrap().address(5432).unwrap();
        assert_eq!(address.to_string(), "127.0.0.1:5433");
        assert_eq!(db.calls(), ["address 5432"], "what a dependency is asked is remembered with it");
    }
}
