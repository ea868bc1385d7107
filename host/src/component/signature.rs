//! The types of the functions that a definition exports. They are found by name when it is loaded; that one of them is
//! of another type should not turn out only when it is called.

use wasmtime::Engine;
use wasmtime::component::Component;
use wasmtime::component::types::{ComponentFunc, ComponentItem, Type};

/// The functions of the contract: interface, name, and type as the WIT has it.
const FUNCTIONS: [(&str, &str, Signature); 8] = [
    ("lifecycle", "fields", Signature(Parameter::Handle, false, "func(group: group) -> result<_, string>")),
    ("lifecycle", "ping", Signature(Parameter::Handle, true, "func(container: container) -> result<bool, string>")),
    ("lifecycle", "post-start-init", Signature(Parameter::Handle, false, OF_CONTAINER)),
    ("service-hooks", "pre-start", Signature(Parameter::Text, false, OF_SERVICE)),
    ("service-hooks", "pre-stop", Signature(Parameter::Handle, false, OF_CONTAINER)),
    ("group-hooks", "on-start", Signature(Parameter::Texts, false, OF_SERVICES)),
    ("group-hooks", "on-stop", Signature(Parameter::Texts, false, OF_SERVICES)),
    ("group-hooks", "on-reload", Signature(Parameter::Text, false, OF_SERVICE)),
];
const OF_CONTAINER: &str = "func(container: container) -> result<_, string>";
const OF_SERVICE: &str = "func(service: string) -> result<_, string>";
const OF_SERVICES: &str = "func(services: list<string>) -> result<_, string>";

/// The one parameter, whether the result holds a truth value, and the same in the words of the WIT.
struct Signature(Parameter, bool, &'static str);

enum Parameter {
    Handle,
    Text,
    Texts,
}

impl Signature {
    fn is_of(&self, function: &ComponentFunc) -> bool {
        let Self(parameter, answers, _) = self;
        let mut parameters = function.params().map(|(_, parameter)| parameter);
        let parameter = match (parameters.next(), parameter) {
            (Some(Type::Own(_)), Parameter::Handle) | (Some(Type::String), Parameter::Text) => true,
            (Some(Type::List(list)), Parameter::Texts) => list.ty() == Type::String,
            _ => false,
        };
        let mut results = function.results();
        let result = matches!(
            results.next(),
            Some(Type::Result(result))
                if result.ok() == answers.then_some(Type::Bool) && result.err() == Some(Type::String)
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
                return Some(format!("its {name} exports `{function}`, but not as {}", signature.2));
            }
        }
    }
    None
}
