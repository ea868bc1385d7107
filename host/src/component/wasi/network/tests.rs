use std::time::Duration;

use async_trait::async_trait;

use super::super::denials::Denials;
use super::*;
use crate::component::access::ExecOutput;
use crate::component::log::{CallLog, LogEvent};
use crate::grants::Grants;

/// `app` publishes 8080 on 127.0.0.1:18080 and 9090 on all addresses, `db` 5432 on 127.0.0.1:15432.
struct Fixed;

#[async_trait]
impl Containers for Fixed {
    async fn is_running(&self, _: &str) -> Result<bool, String> {
        unreachable!()
    }

    async fn health(&self, _: &str) -> Result<String, String> {
        unreachable!()
    }

    async fn ports(&self, service: &str) -> Result<Vec<PublishedPort>, String> {
        let port =
            |container, address: &str, host| PublishedPort { container, address: address.parse().unwrap(), host };
        match service {
            "app" => Ok(vec![port(8080, "127.0.0.1", 18080), port(9090, "0.0.0.0", 19090)]),
            "db" => Ok(vec![port(5432, "127.0.0.1", 15432)]),
            _ => Err(format!("service `{service}` has no container")),
        }
    }

    async fn exec(&self, _: &str, _: &[String], _: Duration) -> Result<ExecOutput, String> {
        unreachable!()
    }

    async fn log_tail(&self, _: &str, _: u32) -> Result<Vec<u8>, String> {
        unreachable!()
    }
}

struct Told(Arc<Mutex<Vec<String>>>);

impl Told {
    #[track_caller]
    fn only(&self) -> String {
        let told = self.0.lock().unwrap();
        assert_eq!(told.len(), 1, "{told:?}");
        told[0].clone()
    }
}

fn network_of(zone: Zone, granted: &[&str]) -> (Network, Told) {
    let told = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&told);
    let push = move |event| match event {
        LogEvent::Denied { service, denied } if service.as_deref() == Some("app") => {
            sink.lock().unwrap().push(denied.to_string());
        }
        other => panic!("{other:?}"),
    };
    let log = CallLog::new(Arc::new(push), Some("app".to_owned()));
    let net = granted.iter().map(|text| text.parse().unwrap()).collect();
    let allowed = Allowed::open(Grants { net, ..Grants::default() }).unwrap();
    let teller = Teller::new("ping".to_owned(), Denials::default(), log);
    (Network::new(zone, allowed, teller), Told(told))
}

/// The network of a hook of `app`, which depends on `db` and on `gone`, that has no container.
fn network(granted: &[&str]) -> (Network, Told) {
    let services = ["app", "db", "gone"].map(str::to_owned).to_vec();
    network_of(Zone::Service { containers: Arc::new(Fixed), services }, granted)
}

async fn clear(network: &Network, address: &str) -> Option<String> {
    network.clear(address.parse().unwrap()).await.ok().map(|address| address.to_string())
}

#[tokio::test]
async fn its_own_services_are_reached_by_name_and_container_port() {
    let (network, told) = network(&[]);
    for (name, port, reached) in
        [("app", 8080, "127.0.0.1:18080"), ("DB", 5432, "127.0.0.1:15432"), ("app", 9090, "127.0.0.1:19090")]
    {
        let [address] = network.look_up(name).await.unwrap()[..] else { panic!("{name}") };
        assert!(address.is_loopback() && address != IpAddr::from([127, 0, 0, 1]), "{address}");
        assert_eq!(clear(&network, &SocketAddr::new(address, port).to_string()).await.as_deref(), Some(reached));
        assert!(network.is_cleared(reached.parse().unwrap()));
    }
    assert!(told.0.lock().unwrap().is_empty());
}

#[tokio::test]
async fn its_own_services_are_reached_as_the_host_reaches_them() {
    let (network, _) = network(&[]);
    for address in ["127.0.0.1:18080", "127.0.0.1:15432", "127.0.0.1:19090", "0.0.0.0:19090"] {
        assert_eq!(clear(&network, address).await.as_deref(), Some(address));
    }
    assert_eq!(network.look_up("localhost").await.unwrap(), [IpAddr::from([127, 0, 0, 1])]);
}

#[tokio::test]
async fn nothing_else_is_and_the_person_hears_it_once() {
    let (network, told) = network(&[]);
    for _ in 0..3 {
        assert_eq!(clear(&network, "169.254.169.254:80").await, None);
    }
    assert!(!network.is_cleared("169.254.169.254:80".parse().unwrap()));
    assert_eq!(
        told.only(),
        "denied: ping asked to connect to 169.254.169.254:80; --allow-net 169.254.169.254:80 would allow it"
    );
}

#[tokio::test]
async fn a_port_that_is_not_published_is_denied_with_those_that_are() {
    let (network, told) = network(&[]);
    assert_eq!(clear(&network, "127.77.0.2:80").await, None);
    assert_eq!(
        told.only(),
        "denied: ping asked for a port that it does not have: service `db` does not publish TCP port 80; it \
         publishes: 5432"
    );
    assert_eq!(clear(&network, "127.77.0.3:80").await, None);
    assert!(told.0.lock().unwrap()[1].contains("service `gone` has no container"));
}

#[tokio::test]
async fn a_name_that_was_not_granted_is_never_looked_up() {
    let (network, told) = network(&["example.com:443"]);
    assert_eq!(network.look_up("secret.example.com").await.unwrap_err(), ErrorCode::NameUnresolvable);
    assert!(told.only().contains("\"secret.example.com\""));
}

#[tokio::test]
async fn a_granted_name_leads_to_its_addresses_and_port() {
    let (network, _) = network(&["localhost:7"]);
    let found = network.look_up("localhost").await.unwrap();
    assert!(found.iter().all(IpAddr::is_loopback) && !found.is_empty(), "{found:?}");
    let at = |port| SocketAddr::new(found[0], port);
    assert_eq!(network.clear(at(7)).await, Ok(at(7)));
    assert_eq!(network.clear(at(8)).await, Err(ErrorCode::AccessDenied));
}

#[tokio::test]
async fn an_address_has_to_be_looked_up_for_the_name_that_was_granted() {
    let (network, _) = network(&["localhost:7"]);
    assert_eq!(clear(&network, "127.0.0.1:7").await, None);
}

#[tokio::test]
async fn a_request_goes_where_a_connection_would() {
    let (network, _) = network(&[]);
    let to = async |host, port| network.clear_host(host, port).await.map(|address| address.to_string());
    assert_eq!(to("db", 5432).await, Ok("127.0.0.1:15432".to_owned()));
    assert_eq!(to("127.0.0.1", 18080).await, Ok("127.0.0.1:18080".to_owned()));
    assert_eq!(to("[::1]", 80).await, Err(ErrorCode::AccessDenied));
    assert_eq!(to("example.com", 80).await, Err(ErrorCode::NameUnresolvable));
}

#[tokio::test]
async fn there_is_no_network_in_fields_whatever_is_granted() {
    let (network, told) = network_of(Zone::Fields, &["10.0.0.1:80"]);
    assert_eq!(clear(&network, "10.0.0.1:80").await, None);
    assert!(network.look_up("app").await.is_err());
    assert!(told.only().contains("which there is none of in fields"));
}

#[tokio::test]
async fn a_hook_of_the_group_reaches_what_is_granted_and_no_service() {
    let (network, _) = network_of(Zone::Group, &["10.0.0.1:80"]);
    assert_eq!(clear(&network, "10.0.0.1:80").await.as_deref(), Some("10.0.0.1:80"));
    assert_eq!(clear(&network, "127.77.0.1:8080").await, None);
    assert_eq!(clear(&network, "127.0.0.1:18080").await, None);
    assert!(network.look_up("app").await.is_err());
}

#[tokio::test]
async fn a_socket_takes_any_free_port_and_only_to_connect() {
    let (network, _) = network(&[]);
    let any = "0.0.0.0:0".parse().unwrap();
    assert!(!network.may_bind(any));
    clear(&network, "127.0.0.1:18080").await.unwrap();
    assert!(network.may_bind(any));
    assert!(!network.may_bind("0.0.0.0:8000".parse().unwrap()) && !network.may_bind("127.0.0.1:0".parse().unwrap()));
}
