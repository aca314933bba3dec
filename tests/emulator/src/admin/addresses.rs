//! Where a running emulator can be reached: the object of the ready line and of `GET /` on the admin port.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use serde::Serialize;

/// URLs without a trailing slash.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Addresses {
    pub(crate) url: String,
    pub(crate) tls_url: String,
    pub(crate) ca_file: String,
    pub(crate) admin_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) proxy_url: Option<String>,
    /// What it listens on where that is every address: the URLs above are for this machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) listen: Option<IpAddr>,
}

impl Addresses {
    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string(self).expect("addresses are strings")
    }
}

/// `http://` and an address that can be connected to: listening everywhere, that is loopback.
pub(crate) fn http_url(address: SocketAddr) -> String {
    format!("http://{}", SocketAddr::new(reachable(address.ip()), address.port()))
}

/// `https://` and a name of the certificate: `localhost` where 127.0.0.1 reaches the port, since that is what every machine
/// calls it; else the address, or the first of `names` where other machines come in.
pub(crate) fn https_url(address: SocketAddr, names: &[String]) -> String {
    let reached = SocketAddr::new(reachable(address.ip()), address.port());
    match names.first() {
        _ if reached.ip() == Ipv4Addr::LOCALHOST => format!("https://localhost:{}", address.port()),
        Some(name) if !reached.ip().is_loopback() => match name.parse() {
            Ok(IpAddr::V6(ip)) => format!("https://[{ip}]:{}", address.port()),
            _ => format!("https://{name}:{}", address.port()),
        },
        _ => format!("https://{reached}"),
    }
}

fn reachable(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_url_can_be_connected_to() {
        let at = |text: &str| text.parse::<SocketAddr>().unwrap();
        assert_eq!(http_url(at("0.0.0.0:80")), "http://127.0.0.1:80");
        assert_eq!(http_url(at("[::]:80")), "http://[::1]:80");
        assert_eq!(https_url(at("127.0.0.1:443"), &["a".into()]), "https://localhost:443");
        assert_eq!(https_url(at("10.0.0.1:443"), &["a".into()]), "https://a:443");
        assert_eq!(https_url(at("10.0.0.1:443"), &[]), "https://10.0.0.1:443");
        assert_eq!(
            https_url(at("10.0.0.1:443"), &["fe80::1".into()]),
            "https://[fe80::1]:443"
        );
        assert_eq!(https_url(at("0.0.0.0:443"), &[]), "https://localhost:443");
        for (listen, told) in [
            ("[::1]:443", "[::1]"),
            ("[::]:443", "[::1]"),
            ("127.0.0.2:443", "127.0.0.2"),
        ] {
            // Nothing listens on 127.0.0.1 there, and that is where `localhost` may lead.
            assert_eq!(https_url(at(listen), &["a".into()]), format!("https://{told}:443"));
        }
    }
}
