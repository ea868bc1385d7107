/// Any error: whatever `?` meets, or a text: `Err("no such table".into())`.
///
/// The person sees it with its whole chain of causes, as `cannot read the port: invalid digit found in string`.
pub type Error = Box<dyn std::error::Error>;

/// A result with any error.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The error and its causes, as `a: b: c`.
pub(crate) fn text(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use std::fmt::{self, Display, Formatter};

    use super::*;

    #[derive(Debug)]
    struct Caused(&'static str, Option<Box<Caused>>);

    impl Display for Caused {
        fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }

    impl std::error::Error for Caused {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            self.1.as_ref().map(|cause| &**cause as _)
        }
    }

    #[test]
    fn an_error_is_shown_with_its_causes() {
        let cause = Caused("b", Some(Box::new(Caused("c", None))));
        assert_eq!(text(&Caused("a", Some(Box::new(cause)))), "a: b: c");
    }

    #[test]
    fn a_text_is_an_error() {
        let error: Error = "no such table".into();
        assert_eq!(text(&*error), "no such table");
    }
}
