use crate::Fields;

/// What a group declares: plain data that can be looked at and compared.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Declaration {
    /// The name of the group; named after the project directory when none.
    pub name: Option<String>,
    /// In the order in which they were added.
    pub services: Vec<DeclaredService>,
}

/// One service of a [`Declaration`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeclaredService {
    /// The name under which it was added.
    pub name: String,
    /// What its container is like.
    pub fields: Fields,
}

impl Declaration {
    /// The fields of a service, if there is one of that name.
    #[must_use]
    pub fn service(&self, name: &str) -> Option<&Fields> {
        self.services.iter().find(|service| service.name == name).map(|service| &service.fields)
    }
}
