//! The types of the functions that a definition exports. They are found by name when it is loaded; that one of them is
//! of another type should not turn out only when it is called.

use wasmtime::Engine;
use wasmtime::component::Component;
use wasmtime::component::types::{ComponentFunc, ComponentItem, Type};

/// The functions of the contract, each with its interface.
const FUNCTIONS: [(&str, &str, &Signature); 8] = [
    ("lifecycle", "fields", &FIELDS),
    ("lifecycle", "ping", &PING),
    ("lifecycle", "post-start-init", &OF_CONTAINER),
    ("service-hooks", "pre-start", &OF_SERVICE),
    ("service-hooks", "pre-stop", &OF_CONTAINER),
    ("group-hooks", "on-start", &OF_SERVICES),
    ("group-hooks", "on-stop", &OF_SERVICES),
    ("group-hooks", "on-reload", &OF_SERVICE),
];

const FIELDS: Signature =
    Signature { takes: Parameter::Handle, answers: false, wit: "func(group: group) -> result<_, string>" };
const PING: Signature =
    Signature { takes: Parameter::Handle, answers: true, wit: "func(container: container) -> result<bool, string>" };
const OF_CONTAINER: Signature =
    Signature { takes: Parameter::Handle, answers: false, wit: "func(container: container) -> result<_, string>" };
const OF_SERVICE: Signature =
    Signature { takes: Parameter::Text, answers: false, wit: "func(service: string) -> result<_, string>" };
const OF_SERVICES: Signature =
    Signature { takes: Parameter::Texts, answers: false, wit: "func(services: list<string>) -> result<_, string>" };

/// The type of a function.
struct Signature {
    /// Its one parameter.
    takes: Parameter,
    /// Whether its result holds a truth value.
    answers: bool,
    /// The type as the WIT has it.
    wit: &'static str,
}

enum Parameter {
    Handle,
    Text,
    Texts,
}

impl Signature {
    fn is_of(&self, function: &ComponentFunc) -> bool {
        let mut parameters = function.params().map(|(_, parameter)| parameter);
        let parameter = match (parameters.next(), &self.takes) {
            (Some(Type::Own(_)), Parameter::Handle) | (Some(Type::String), Parameter::Text) => true,
            (Some(Type::List(list)), Parameter::Texts) => list.ty() == Type::String,
            _ => false,
        };
        let mut results = function.results();
        let result = matches!(
            results.next(),
            Some(Type::Result(result))
                if result.ok() == self.answers.then_some(Type::Bool) && result.err() == Some(Type::String)
        );
        parameter && parameters.next().is_none() && result && results.next().is_none()
    }
}

/// Says which function of an interface that a component exports is missing or of another type than the contract has it, if
/// one is. An interface that it does not export is none.
pub(super) fn wrong_signature(engine: &Engine, component: &Component) -> Option<String> {
    let types = component.component_type();
    for (name, export) in types.exports(engine) {
        for (_, function, signature) in FUNCTIONS.iter().filter(|(of, ..)| Some(*of) == interface(name)) {
            let ComponentItem::ComponentInstance(instance) = &export.ty else {
                return Some(format!("its {name} is no interface"));
            };
            match instance.get_export(engine, function).map(|found| found.ty) {
                None => return Some(format!("its {name} does not export `{function}: {}`", signature.wit)),
                Some(ComponentItem::ComponentFunc(found)) if signature.is_of(&found) => {}
                Some(_) => return Some(format!("its {name} exports `{function}`, but not as {}", signature.wit)),
            }
        }
    }
    None
}

/// The names of the functions of the contract that a component has that exports these interfaces, in the contract's
/// order.
pub(super) fn hooks(exports: &[String]) -> impl Iterator<Item = &'static str> {
    let exported = move |of: &str| exports.iter().any(|export| interface(export) == Some(of));
    FUNCTIONS.iter().filter(move |(of, ..)| exported(of)).map(|(_, function, _)| *function)
}

/// The name of an interface of the contract, without its package and version.
fn interface(export: &str) -> Option<&str> {
    let name = export.strip_prefix("drillmaster:plugin/")?;
    Some(name.split_once('@').map_or(name, |(interface, _)| interface))
}
