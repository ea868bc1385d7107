//! What `--exclude` leaves.

use std::collections::BTreeSet;

use super::Dependencies;

/// Why an exclusion is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SelectError {
    /// No service has that name.
    #[error("--exclude {name}: there is no service of this name; the services are: {known}")]
    Unknown {
        /// The name that was given.
        name: String,
        /// All names there are.
        known: String,
    },
    /// A service that is to be started needs it.
    #[error("--exclude {excluded}: `{needed_by}` depends on it and would be started; exclude `{needed_by}` as well")]
    NeededByStarted {
        /// The excluded service.
        excluded: String,
        /// The service that depends on it.
        needed_by: String,
    },
    /// It needs a service that is to be stopped.
    #[error("--exclude {excluded}: it depends on `{needs}`, which would be stopped; exclude `{needs}` as well")]
    NeedsStopped {
        /// The excluded service.
        excluded: String,
        /// The service it depends on.
        needs: String,
    },
}

/// The services that `start` looks after when some are excluded.
///
/// # Errors
/// If a name is unknown, or a service that remains depends directly on an excluded one.
pub fn to_start(group: &Dependencies, exclude: &[String]) -> Result<BTreeSet<String>, SelectError> {
    let kept = without(group, exclude)?;
    for service in &kept {
        if let Some(excluded) = group.of(service).find(|dependency| !kept.contains(*dependency)) {
            return Err(SelectError::NeededByStarted { excluded: excluded.to_owned(), needed_by: service.clone() });
        }
    }
    Ok(kept)
}

/// The services that `stop` stops when some are excluded.
///
/// # Errors
/// If a name is unknown, or an excluded service depends directly on one that would be stopped.
pub fn to_stop(group: &Dependencies, exclude: &[String]) -> Result<BTreeSet<String>, SelectError> {
    let stopped = without(group, exclude)?;
    for excluded in exclude {
        if let Some(needs) = group.of(excluded).find(|dependency| stopped.contains(*dependency)) {
            return Err(SelectError::NeedsStopped { excluded: excluded.clone(), needs: needs.to_owned() });
        }
    }
    Ok(stopped)
}

fn without(group: &Dependencies, exclude: &[String]) -> Result<BTreeSet<String>, SelectError> {
    if let Some(unknown) = exclude.iter().find(|name| !group.has(name)) {
        return Err(SelectError::Unknown {
            name: unknown.clone(),
            known: group.services().collect::<Vec<_>>().join(", "),
        });
    }
    Ok(group.services().filter(|name| !exclude.iter().any(|out| out == name)).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `web` depends on `app`, and `app` on `db`.
    fn chain() -> Dependencies {
        [("web", vec!["app"]), ("app", vec!["db"]), ("db", vec![])]
            .into_iter()
            .map(|(name, needs)| (name.to_owned(), needs.into_iter().map(str::to_owned).collect()))
            .collect()
    }

    fn names(list: &[&str]) -> Vec<String> {
        list.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn nothing_excluded_means_all() {
        assert_eq!(to_start(&chain(), &[]).unwrap().len(), 3);
        assert_eq!(to_stop(&chain(), &[]).unwrap().len(), 3);
    }

    #[test]
    fn an_unknown_name_is_refused_with_the_known_ones() {
        for select in [to_start, to_stop] {
            let error = select(&chain(), &names(&["wbe"])).unwrap_err();
            assert_eq!(
                error.to_string(),
                "--exclude wbe: there is no service of this name; the services are: app, db, web"
            );
        }
    }

    #[test]
    fn start_refuses_to_leave_out_what_it_needs() {
        assert_eq!(to_start(&chain(), &names(&["web"])).unwrap().len(), 2);
        assert_eq!(to_start(&chain(), &names(&["web", "app"])).unwrap().len(), 1);
        let error = to_start(&chain(), &names(&["db"])).unwrap_err();
        assert_eq!(error.to_string(), "--exclude db: `app` depends on it and would be started; exclude `app` as well");
    }

    #[test]
    fn stop_refuses_to_take_away_what_stays_up() {
        assert_eq!(to_stop(&chain(), &names(&["db"])).unwrap().len(), 2);
        assert_eq!(to_stop(&chain(), &names(&["db", "app"])).unwrap().len(), 1);
        let error = to_stop(&chain(), &names(&["web"])).unwrap_err();
        assert_eq!(
            error.to_string(),
            "--exclude web: it depends on `app`, which would be stopped; exclude `app` as well"
        );
    }
}
