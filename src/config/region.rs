//! The data centres of the service, with their hosts.

/// A data centre of pages 1047/34620 and 1047/78304. Two are never mixed, and none is the default.
#[derive(Debug)]
pub(super) struct Region {
    pub name: &'static str,
    pub host: &'static str,
    /// Its second host (1047/34620, 269/1519), where one is documented.
    pub standby: Option<&'static str>,
}

const fn region(name: &'static str, host: &'static str, standby: Option<&'static str>) -> Region {
    Region { name, host, standby }
}

pub(super) const REGIONS: &[Region] = &[
    region("china", "console.tim.qq.com", Some("adminapi.my-imcloud.com")),
    region(
        "singapore",
        "adminapisgp.im.qcloud.com",
        Some("adminapisgp.my-imcloud.com"),
    ),
    region("seoul", "adminapikr.im.qcloud.com", Some("adminapikr.my-imcloud.com")),
    region("tokyo", "adminapijpn.im.qcloud.com", Some("adminapijpn.my-imcloud.com")),
    region(
        "frankfurt",
        "adminapiger.im.qcloud.com",
        Some("adminapiger.my-imcloud.com"),
    ),
    region(
        "silicon_valley",
        "adminapiusa.im.qcloud.com",
        Some("adminapiusa.my-imcloud.com"),
    ),
    region(
        "jakarta",
        "adminapiidn.im.qcloud.com",
        Some("adminapiidn.my-imcloud.com"),
    ),
    // No page of the vendor's names a second one.
    region("riyadh", "adminapiksa.im.qcloud.com", None),
];
