//! The engine's list of containers. One that it says something new of must not hide the others.

use bollard::errors::Error;
use bollard::models::{ContainerInspectResponse, ContainerSummary};
use bollard::query_parameters::{InspectContainerOptions, ListContainersOptions};
use serde_json::Value;

use super::client::Client;

impl Client {
    /// Lists containers.
    pub(super) async fn list_containers(&self, options: ListContainersOptions) -> Result<Vec<ContainerSummary>, Error> {
        match self.ask(|docker| docker.list_containers(Some(options))).await {
            Err(Error::JsonDataError { message, contents, column }) => {
                understood(&contents).ok_or(Error::JsonDataError { message, contents, column })
            }
            listed => listed,
        }
    }

    /// Looks at one container.
    pub(super) async fn inspect_container(&self, name_or_id: &str) -> Result<ContainerInspectResponse, Error> {
        match self.ask(|docker| docker.inspect_container(name_or_id, None::<InspectContainerOptions>)).await {
            Err(Error::JsonDataError { message, contents, column }) => {
                without_words(&contents).ok_or(Error::JsonDataError { message, contents, column })
            }
            found => found,
        }
    }
}

/// The containers of a list that bollard does not read, since it has words that bollard does not know: Podman has states of
/// its own. Of such a container the texts tell; one that cannot be read at all is left out.
fn understood(list: &str) -> Option<Vec<ContainerSummary>> {
    let list: Vec<Value> = serde_json::from_str(list).ok()?;
    let read = |container: Value| {
        serde_json::from_value(container.clone()).or_else(|_| serde_json::from_value(state_as_text(container))).ok()
    };
    Some(list.into_iter().filter_map(read).collect())
}

/// The container with what it says of its state where every text is understood.
fn state_as_text(mut container: Value) -> Value {
    if let Some(found) = container.as_object_mut() {
        found.remove("Health");
        let word = found.remove("State");
        let has_text = found.get("Status").and_then(Value::as_str).is_some_and(|text| !text.is_empty());
        if let (false, Some(word @ Value::String(_))) = (has_text, word) {
            found.insert("Status".to_owned(), word);
        }
    }
    container
}

/// The container without the words for its state and health, of which bollard does not know one. The rest tells the state.
fn without_words(container: &str) -> Option<ContainerInspectResponse> {
    let mut container: Value = serde_json::from_str(container).ok()?;
    let state = container.get_mut("State")?.as_object_mut()?;
    state.remove("Status");
    if let Some(health) = state.get_mut("Health").and_then(Value::as_object_mut) {
        health.remove("Status");
    }
    serde_json::from_value(container).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_bollard_does_not_know_loses_no_container() {
        let list = r#"[
            {"Id": "1", "State": "running", "Status": "Up 5 seconds"},
            {"Id": "2", "State": "stopped", "Status": "Exited (3) 1 second ago"},
            {"Id": "3", "State": "hibernating", "Status": ""},
            {"Id": "4", "State": "running", "Status": "Up 5 seconds", "Health": {"Status": "feverish"}},
            {"Id": 5},
            {"Id": "6", "State": 7}
        ]"#;
        assert!(serde_json::from_str::<Vec<ContainerSummary>>(list).is_err());
        let read = understood(list).unwrap().into_iter().map(|found| (found.id.unwrap(), found.status));
        let expected = [
            ("1", Some("Up 5 seconds")),
            ("2", Some("Exited (3) 1 second ago")),
            ("3", Some("hibernating")),
            ("4", Some("Up 5 seconds")),
            ("6", None),
        ];
        assert_eq!(read.collect::<Vec<_>>(), expected.map(|(id, text)| (id.to_owned(), text.map(str::to_owned))));
        assert!(understood("{}").is_none() && understood("[").is_none());
    }

    #[test]
    fn an_inspected_container_with_a_new_word_is_read_without_it() {
        let container = r#"{"Id": "1", "State": {"Status": "hibernating", "Running": true,
            "Health": {"Status": "feverish", "FailingStreak": 1}}}"#;
        assert!(serde_json::from_str::<ContainerInspectResponse>(container).is_err());
        let state = without_words(container).unwrap().state.unwrap();
        assert_eq!((state.status, state.running), (None, Some(true)));
        assert!(without_words("{}").is_none());
    }
}
