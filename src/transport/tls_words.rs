//! What went wrong with TLS, in words that say what to do. No text of the TLS library, of a certificate or of the peer is passed on.

use rustls::{AlertDescription, CertificateError, Error, InvalidMessage, PeerIncompatible};

/// Why the handshake, or what came after it, failed. `asked`: the server had asked for a certificate of the client.
pub(super) fn words(error: &Error, asked: bool) -> &'static str {
    match error {
        Error::InvalidCertificate(error) => certificate(error),
        Error::AlertReceived(alert) => self::alert(*alert, asked),
        Error::InvalidMessage(InvalidMessage::InvalidContentType | InvalidMessage::MessageTooLarge)
        | Error::PeerSentOversizedRecord => {
            "what answers there does not speak TLS: check the port, and whether the place is an http:// one"
        }
        Error::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13
            | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
            | PeerIncompatible::SupportedVersionsExtensionRequired,
        ) => "the server speaks neither TLS 1.2 nor 1.3",
        Error::PeerIncompatible(_) | Error::NoApplicationProtocol => {
            "the server and this library have no TLS version, cipher or kind of key in common"
        }
        Error::NoCertificatesPresented => "the server showed no certificate",
        Error::FailedToGetCurrentTime => "this machine's clock cannot be read",
        Error::FailedToGetRandomBytes => "this machine gives no random numbers",
        Error::InvalidMessage(_)
        | Error::InappropriateMessage { .. }
        | Error::InappropriateHandshakeMessage { .. }
        | Error::PeerMisbehaved(_)
        | Error::DecryptError => {
            "what came breaks the rules of TLS: look at what stands between this machine and the server, such as a proxy or a firewall"
        }
        // What neither a server nor a file can bring about, and what a later version of the TLS library may add.
        _ => "the TLS library failed",
    }
}

fn certificate(error: &CertificateError) -> &'static str {
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "the server's certificate has expired: it must be renewed there, unless this machine's clock is wrong"
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "the server's certificate is not valid yet: check this machine's clock"
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "the server's certificate bears another name: check the host, and that the certificate has it as a subject alternative name"
        }
        CertificateError::UnknownIssuer => {
            "the server's certificate comes from no authority that is trusted: add its authority's file (add_ca_file, or ca_file alone); one of the vendor's hosts needs none, unless a proxy on the way intercepts TLS: then that proxy's"
        }
        CertificateError::BadSignature => {
            "the server's certificate is not signed by the authority that it names: check that the CA file is that server's"
        }
        CertificateError::Revoked => "the server's certificate was revoked",
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            "the server's certificate is not made for a server: its extended key usage lacks serverAuth"
        }
        CertificateError::UnsupportedSignatureAlgorithmContext { .. }
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            "the server's certificate is signed in a way that is not supported, such as SHA-1: make one with SHA-256 or better"
        }
        CertificateError::BadEncoding | CertificateError::UnhandledCriticalExtension => {
            "the server's certificate cannot be read: it is damaged, or has an extension that nobody may overlook"
        }
        CertificateError::Other(error) => match error.0.downcast_ref() {
            Some(error) => chain(error),
            None => "the server's certificate is refused",
        },
        _ => "the server's certificate is refused",
    }
}

fn chain(error: &webpki::Error) -> &'static str {
    match error {
        webpki::Error::CaUsedAsEndEntity => {
            "the server's certificate is an authority's own (basicConstraints CA:TRUE, as `openssl req -x509` makes it), which no server may \
             show: make one with CA:FALSE, or have that authority sign one, and keep the authority's file as ca_file"
        }
        webpki::Error::EndEntityUsedAsCa => {
            "the server's certificate is signed by one that is no authority's (basicConstraints CA:FALSE)"
        }
        webpki::Error::UnsupportedCertVersion => {
            "the server's certificate is of an old version (X.509 1): make one of version 3, with a subject alternative name"
        }
        webpki::Error::NameConstraintViolation => "an authority may not sign for the name in the server's certificate",
        webpki::Error::PathLenConstraintViolated => "there are more authorities between than one of them allows",
        _ => "the server's certificate is refused: it, or an authority's above it, breaks a rule of X.509",
    }
}

const WANTS_A_CERTIFICATE: &str =
    "the server wants a certificate of the client, and was shown none or one it does not take: set client_certificate to one that it takes";

fn alert(alert: AlertDescription, asked: bool) -> &'static str {
    match alert {
        AlertDescription::CertificateRequired | AlertDescription::NoCertificate => WANTS_A_CERTIFICATE,
        _ if asked && refuses_client(alert) => WANTS_A_CERTIFICATE,
        AlertDescription::ProtocolVersion => "the server speaks neither TLS 1.2 nor 1.3",
        AlertDescription::HandshakeFailure | AlertDescription::InsufficientSecurity => {
            "the server refuses: it has no TLS version, cipher or kind of key in common with this library"
        }
        AlertDescription::UnrecognisedName => "the server knows no host of that name: check the host",
        AlertDescription::AccessDenied => "the server refuses this client",
        AlertDescription::InternalError => "the server failed inside",
        _ => "the server refuses",
    }
}

/// Whether a server ends a handshake so whose client showed no certificate, or none that it takes.
pub(super) fn refuses_client(alert: AlertDescription) -> bool {
    matches!(
        alert,
        AlertDescription::CertificateRequired
            | AlertDescription::NoCertificate
            | AlertDescription::HandshakeFailure
            | AlertDescription::BadCertificate
            | AlertDescription::DecryptError
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied
    )
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rustls::pki_types::{ServerName, UnixTime};
    use rustls::{
        CertRevocationListError, ContentType, ExtendedKeyPurpose, HandshakeType, InconsistentKeys, OtherError,
        PeerMisbehaved,
    };

    use super::*;

    /// Text of a peer's that must not come through.
    const CANARY: &str = "canary.test";

    fn certificate_errors() -> Vec<CertificateError> {
        let time = UnixTime::now();
        let names = || vec![format!("DnsName(\"{CANARY}\")")];
        let other = |error: webpki::Error| CertificateError::Other(OtherError(Arc::new(error)));
        vec![
            CertificateError::BadEncoding,
            CertificateError::Expired,
            CertificateError::ExpiredContext { time, not_after: time },
            CertificateError::NotValidYet,
            CertificateError::NotValidYetContext { time, not_before: time },
            CertificateError::Revoked,
            CertificateError::UnhandledCriticalExtension,
            CertificateError::UnknownIssuer,
            CertificateError::UnknownRevocationStatus,
            CertificateError::ExpiredRevocationList,
            CertificateError::BadSignature,
            CertificateError::UnsupportedSignatureAlgorithmContext {
                signature_algorithm_id: vec![6, 9, 42, 134, 72],
                supported_algorithms: Vec::new(),
            },
            CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext {
                signature_algorithm_id: vec![6, 9, 42, 134, 72],
                public_key_algorithm_id: vec![6, 9, 42],
            },
            CertificateError::NotValidForName,
            CertificateError::NotValidForNameContext {
                expected: ServerName::try_from(CANARY).unwrap(),
                presented: names(),
            },
            CertificateError::InvalidPurpose,
            CertificateError::InvalidPurposeContext {
                required: ExtendedKeyPurpose::ServerAuth,
                presented: vec![ExtendedKeyPurpose::ClientAuth],
            },
            CertificateError::InvalidOcspResponse,
            CertificateError::ApplicationVerificationFailure,
            other(webpki::Error::CaUsedAsEndEntity),
            other(webpki::Error::EndEntityUsedAsCa),
            other(webpki::Error::UnsupportedCertVersion),
            other(webpki::Error::NameConstraintViolation),
            other(webpki::Error::PathLenConstraintViolated),
            other(webpki::Error::EmptyEkuExtension),
            other(webpki::Error::MaximumPathBuildCallsExceeded),
            CertificateError::Other(OtherError(Arc::new(std::io::Error::other(CANARY)))),
        ]
    }

    fn errors() -> Vec<Error> {
        let mut errors = vec![
            Error::InappropriateMessage {
                expect_types: vec![ContentType::Handshake],
                got_type: ContentType::Unknown(72),
            },
            Error::InappropriateHandshakeMessage {
                expect_types: vec![HandshakeType::ServerHello],
                got_type: HandshakeType::Finished,
            },
            Error::InvalidMessage(InvalidMessage::InvalidContentType),
            Error::InvalidMessage(InvalidMessage::MissingData(CANARY)),
            Error::NoCertificatesPresented,
            Error::UnsupportedNameType,
            Error::DecryptError,
            Error::EncryptError,
            Error::PeerIncompatible(PeerIncompatible::ServerDoesNotSupportTls12Or13),
            Error::PeerIncompatible(PeerIncompatible::NoCipherSuitesInCommon),
            Error::PeerMisbehaved(PeerMisbehaved::TooManyEmptyFragments),
            Error::InvalidCertRevocationList(CertRevocationListError::BadSignature),
            Error::General(CANARY.into()),
            Error::FailedToGetCurrentTime,
            Error::FailedToGetRandomBytes,
            Error::HandshakeNotComplete,
            Error::PeerSentOversizedRecord,
            Error::NoApplicationProtocol,
            Error::BadMaxFragmentSize,
            Error::InconsistentKeys(InconsistentKeys::KeyMismatch),
            Error::Other(OtherError(Arc::new(std::io::Error::other(CANARY)))),
        ];
        errors.extend((0..=u8::MAX).map(|alert| Error::AlertReceived(AlertDescription::from(alert))));
        errors.extend(certificate_errors().into_iter().map(Error::InvalidCertificate));
        errors
    }

    #[test]
    fn every_failure_of_tls_has_words_that_are_no_librarys() {
        for error in errors() {
            let debug = format!("{error:?}");
            for asked in [false, true] {
                let words = words(&error, asked);
                assert!(words.len() > 12 && words.contains(' '), "{debug}: {words}");
                for inner in ["Other(", "Error", "[", "::", "{", "invalid peer certificate", CANARY] {
                    assert!(!words.contains(inner), "{debug}: {words}");
                }
            }
        }
    }

    #[test]
    fn a_certificate_that_is_refused_is_told_with_what_to_do() {
        for (error, part) in [
            (&certificate_errors()[19], "CA:FALSE"),
            (&CertificateError::UnknownIssuer, "ca_file"),
            (&CertificateError::NotValidYet, "clock"),
        ] {
            let words = words(&Error::InvalidCertificate(error.clone()), false);
            assert!(words.contains(part), "{words}");
        }
    }

    #[test]
    fn a_server_that_wants_a_certificate_is_understood_whatever_alert_it_ends_with() {
        let told = |alert, asked| words(&Error::AlertReceived(alert), asked) == WANTS_A_CERTIFICATE;
        assert!(told(AlertDescription::CertificateRequired, false));
        for alert in [
            AlertDescription::BadCertificate,
            AlertDescription::HandshakeFailure,
            AlertDescription::UnknownCA,
        ] {
            assert!(told(alert, true) && !told(alert, false), "{alert:?}");
        }
        assert!(!told(AlertDescription::ProtocolVersion, true));
    }
}
