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

/// `https://` and a name of the certificate: `localhost`, or, when loopback does not reach the port, the first of
/// `names`, or the address.
pub(crate) fn https_url(address: SocketAddr, names: &[String]) -> String {
    let local = address.ip().is_unspecified() || address.ip().is_loopback();
    match names.first() {
        _ if local => format!("https://localhost:{}", address.port()),
        Some(name) => format!("https://{name}:{}", address.port()),
        None => format!("https://{address}"),
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
    }
}
