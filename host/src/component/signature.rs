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

/// Says which function that a component exports is of another type than the contract has it, if one is. An interface or
/// function that it does not export is none.
pub(super) fn wrong_signature(engine: &Engine, component: &Component) -> Option<String> {
    let types = component.component_type();
    for (name, export) in types.exports(engine) {
        let ComponentItem::ComponentInstance(instance) = export.ty else { continue };
        let Some(interface) = name.strip_prefix("drillmaster:plugin/") else { continue };
        let interface = interface.split_once('@').map_or(interface, |(interface, _)| interface);
        for (_, function, signature) in FUNCTIONS.iter().filter(|(of, ..)| *of == interface) {
            let Some(found) = instance.get_export(engine, function) else { continue };
            let right = matches!(&found.ty, ComponentItem::ComponentFunc(found) if signature.is_of(found));
            if !right {
                return Some(format!("its {name} exports `{function}`, but not as {}", signature.wit));
            }
        }
    }
    None
}
