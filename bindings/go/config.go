// The settings of a client and their defaults. Printing a Config shows no secret. Checked here is only what C
// could not carry (NUL, UTF-8, ranges); the native library checks the rest, for every language alike.

package chat

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"
)

// Defaults of Config fields that are left at zero.
const (
	DefaultTimeout        = 10 * time.Second
	DefaultAttemptTimeout = 4 * time.Second // the service gives itself 3 s (1047/34620)
	DefaultConnectTimeout = 2 * time.Second
	DefaultMaxAttempts    = 3
	DefaultRateLimit      = 200 // what the service grants an app for each command
	DefaultMaxConnections = 32  // half of C's: each call inside holds an OS thread, and outside Linux Go ends none of them
)

// NoRateLimit is Config.RateLimit without a limit.
const NoRateLimit = -1

// Config says which service to call, as whom, and within which limits. Set Region or BaseURL,
// SDKAppID, Identifier, and SecretKey or UserSig; everything else has a default.
type Config struct {
	// Region names a data centre: china, singapore, seoul, tokyo, frankfurt, silicon_valley,
	// jakarta or riyadh. There is no default, and data centres are never mixed.
	Region string
	// BaseURL is the service's address where no Region fits, as https://host. Plain http is
	// accepted for loopback hosts only; see AllowInsecureHTTP.
	BaseURL string
	// UseStandby tries the Region's second documented host when no connection to the first can be
	// made: after a failure to connect or of the TLS handshake only, as an attempt like any other.
	// riyadh has none.
	UseStandby bool
	// StandbyURL is the same for a BaseURL: another way to the same data centre.
	StandbyURL string

	// SDKAppID is the application's number from the vendor's console.
	SDKAppID uint32
	// Identifier is a UserID that the console lists as an app administrator: printable
	// ASCII, at most 32 bytes.
	Identifier string
	// SecretKey lets the library sign and renew UserSig itself. Exclusive with UserSig.
	SecretKey Secret
	// UserSig is a ready signature for Identifier, for programs that must not hold the key;
	// see Client.SetUserSig for its renewal.
	UserSig Secret
	// UserSigLifetime is the validity of the signatures the library makes, in whole seconds
	// (rounded up). Zero: one day.
	UserSigLifetime time.Duration

	// Timeout limits a whole call, waiting and repeats included, in milliseconds (rounded up), at most
	// 1193 hours; so do the other two. Zero: DefaultTimeout.
	Timeout time.Duration
	// AttemptTimeout limits one attempt of a call. Zero: DefaultAttemptTimeout.
	AttemptTimeout time.Duration
	// ConnectTimeout limits name look-up, TCP, proxy and TLS handshake together. Zero:
	// DefaultConnectTimeout.
	ConnectTimeout time.Duration
	// MaxAttempts is how often a call is tried at most: 1 (never repeat) to 10. Zero:
	// DefaultMaxAttempts. What is repeated: a call of which nothing was sent; the service's passing
	// errors; with a new signature an expired one; after a pause what the service wants slower; and
	// what is in doubt where twice does what once does (see WithRepeatInDoubt). A budget, earned by
	// successful calls, keeps the repeats of an outage under 2 in 100 calls.
	MaxAttempts int
	// RateLimit is how many calls of one command the client sends in a second, at most 10000. Zero:
	// DefaultRateLimit, all that an app has: where N processes call, each sets 200/N. NoRateLimit:
	// none. Calls wait for their turn in order; one whose turn lies beyond its deadline fails with
	// ErrThrottled at once. The limit is halved when the service asks to slow down, and rises again.
	RateLimit int
	// SharedLimit is the address of a Redis or Valkey server, as redis://user:password@host:port/0
	// (rediss:// for TLS, redis+unix:///path for a socket), through which all processes that name the same SharedLimitName share one
	// RateLimit. The native library has to be built with it (make install FEATURES=redis).
	SharedLimit Secret
	// SharedLimitName is the limit's name there: letters, digits, '-', '_' and '.', at most 64.
	SharedLimitName string
	// SharedLimitFallback is how many calls of one command this client sends in a second while that
	// server cannot be asked. Zero: such calls fail with ErrThrottled.
	SharedLimitFallback int
	// MaxConnections limits the connections of the client, and the calls of each command that are inside
	// the native library, those that wait for their turn under RateLimit included: each holds an OS
	// thread. Zero: DefaultMaxConnections.
	MaxConnections int

	// IdleTimeout is how long a connection that no call uses stays open. Zero: 15 s. Keep it below the idle
	// time of the balancers and firewalls on the way.
	IdleTimeout time.Duration
	// TCPKeepAlive is after how long without traffic the system asks the other side whether it lives, and
	// how often again, in whole seconds (rounded up), at most 32767. Zero: never.
	TCPKeepAlive time.Duration

	// SystemCA puts the authorities that the system trusts in the place of the built-in ones, on Linux; not
	// together with CAFile.
	SystemCA bool
	// ClientCertificateFile and ClientKeyFile are PEM files for a gateway that asks for a certificate: the
	// certificate, followed by those between it and its authority, and its private key without a passphrase.
	ClientCertificateFile, ClientKeyFile string
	// CAFile is a PEM file that replaces the built-in certificate roots.
	CAFile string
	// AddCAFiles are PEM files whose roots are accepted beside the built-in ones or CAFile's.
	AddCAFiles []string
	// Proxy is the address of an HTTP proxy that takes CONNECT, as http://host:port or
	// http://user:password@host:port. Not set: no proxy; the environment is never asked.
	Proxy Secret
	// UserAgent is appended to the library's own User-Agent.
	UserAgent string
	// AllowInsecureHTTP accepts plain http beyond loopback: the signature then crosses the
	// network readable.
	AllowInsecureHTTP bool
	// NoLocalLimits sends what exceeds the vendor's documented limits (a group name over 64
	// bytes) and lets the service decide. Off, such calls fail without a request.
	NoLocalLimits bool

	// MetricLabels are what each series of Stats.Prometheus has beside its own labels, to tell clients and programs apart. The label
	// client is a number of the process unless set.
	MetricLabels map[string]string

	// AttemptHook is told of each attempt when it ends, with the context of its call, for logs and tracing. It runs on a goroutine of its
	// own, the call waits for it, and as many run at once as there are calls. It may make calls (one of the same command takes another of
	// the MaxConnections places) and must not close the client. A panic in it, or runtime.Goexit, reaches the goroutine of the call when
	// that has ended, and the hook is told no more of that call.
	AttemptHook func(context.Context, Attempt) `json:"-"`
	// CallHook is told of each call when it ended, with its context and on its goroutine, as LogTo is. The module chatotel has one that makes
	// spans for OpenTelemetry.
	CallHook func(context.Context, CallRecord) `json:"-"`
}

// String shows the configuration without its secrets.
func (c Config) String() string { return fmt.Sprint(c.visible()) }

// GoString serves %#v; it shows no secret.
func (c Config) GoString() string { return fmt.Sprintf("chat.Config%+v", c.visible()) }

// Format serves every verb of package fmt; it shows no secret.
func (c Config) Format(state fmt.State, verb rune) {
	switch {
	case verb == 'v' && state.Flag('#'):
		io.WriteString(state, c.GoString())
	case verb == 'v' && state.Flag('+'):
		fmt.Fprintf(state, "%+v", c.visible())
	default:
		io.WriteString(state, c.String())
	}
}

// MarshalJSON writes the configuration without its secrets: what it writes cannot be read back.
func (c Config) MarshalJSON() ([]byte, error) { return json.Marshal(c.visible()) }

// visibleConfig is Config without its methods, so that printing it does not come back here.
type visibleConfig Config

func (c Config) visible() visibleConfig {
	c.BaseURL, c.StandbyURL = withoutLogin(c.BaseURL), withoutLogin(c.StandbyURL)
	return visibleConfig(c)
}

// withoutLogin hides what stands before the @ of an address: the library refuses such
// addresses, but a password in one must not be printed on the way.
func withoutLogin(address string) string {
	if !strings.Contains(address, "@") {
		return address
	}
	parsed, err := url.Parse(address)
	if err != nil || parsed.User == nil {
		return redacted
	}
	parsed.User = url.User(redacted)
	return parsed.String()
}

// about is what a Client shows of itself when printed.
func (c Config) about() string {
	place := c.Region
	if place == "" {
		place = withoutLogin(c.BaseURL)
	}
	return fmt.Sprintf("chat.Client(%s, SDKAppID %d, %s)", place, c.SDKAppID, c.Identifier)
}

// plainConfig is a Config in C's units: milliseconds, seconds, defaults filled in.
type plainConfig struct {
	Config
	timeoutMS, attemptTimeoutMS, connectTimeoutMS uint32
	userSigLifetimeS, idleTimeoutMS               uint32 // 0: the library's default
	tcpKeepAliveS                                 uint32 // 0: never
	maxAttempts, maxConnections                   uint32
	rateLimit, sharedLimitFallback                uint32 // 0: none
}

func (c Config) plain() (*plainConfig, *Error) {
	if err := c.checkTexts(); err != nil {
		return nil, err
	}
	plain := &plainConfig{Config: c}
	for _, d := range []struct {
		name             string
		given, byDefault time.Duration
		unit             time.Duration
		into             *uint32
	}{
		{"Timeout", c.Timeout, DefaultTimeout, time.Millisecond, &plain.timeoutMS},
		{"AttemptTimeout", c.AttemptTimeout, DefaultAttemptTimeout, time.Millisecond, &plain.attemptTimeoutMS},
		{"ConnectTimeout", c.ConnectTimeout, DefaultConnectTimeout, time.Millisecond, &plain.connectTimeoutMS},
		{"UserSigLifetime", c.UserSigLifetime, 0, time.Second, &plain.userSigLifetimeS},
		{"IdleTimeout", c.IdleTimeout, 0, time.Millisecond, &plain.idleTimeoutMS},
		{"TCPKeepAlive", c.TCPKeepAlive, 0, time.Second, &plain.tcpKeepAliveS},
	} {
		var err *Error
		if *d.into, err = units(d.name, d.given, d.byDefault, d.unit); err != nil {
			return nil, err
		}
	}
	if c.RateLimit == NoRateLimit {
		c.RateLimit = 0
	} else if c.RateLimit == 0 {
		c.RateLimit = DefaultRateLimit
	}
	for _, n := range []struct {
		name             string
		given, byDefault int
		into             *uint32
	}{
		{"MaxAttempts", c.MaxAttempts, DefaultMaxAttempts, &plain.maxAttempts},
		{"RateLimit", c.RateLimit, 0, &plain.rateLimit},
		{"SharedLimitFallback", c.SharedLimitFallback, 0, &plain.sharedLimitFallback},
		{"MaxConnections", c.MaxConnections, DefaultMaxConnections, &plain.maxConnections},
	} {
		var err *Error
		if *n.into, err = count(n.name, n.given, n.byDefault); err != nil {
			return nil, err
		}
	}
	return plain, nil
}

// count takes a number that is not negative; zero stands for the default.
func count(name string, given, byDefault int) (uint32, *Error) {
	switch {
	case given < 0 || int64(given) > math.MaxUint32:
		return 0, newError(CodeInvalidArgument, "Config.%s is %d; give 1 or more, or 0 for the default", name, given)
	case given == 0:
		given = byDefault
	}
	return uint32(given), nil
}

func (c Config) checkTexts() *Error {
	texts := []struct{ name, text string }{
		{"Config.Region", c.Region}, {"Config.BaseURL", c.BaseURL}, {"Config.StandbyURL", c.StandbyURL}, {"Config.Identifier", c.Identifier},
		{"Config.SecretKey", c.SecretKey.Reveal()}, {"Config.UserSig", c.UserSig.Reveal()},
		{"Config.CAFile", c.CAFile}, {"Config.Proxy", c.Proxy.Reveal()}, {"Config.UserAgent", c.UserAgent},
		{"Config.ClientCertificateFile", c.ClientCertificateFile}, {"Config.ClientKeyFile", c.ClientKeyFile},
		{"Config.SharedLimit", c.SharedLimit.Reveal()}, {"Config.SharedLimitName", c.SharedLimitName},
	}
	for _, file := range c.AddCAFiles {
		texts = append(texts, struct{ name, text string }{"Config.AddCAFiles", file})
	}
	for name, value := range c.MetricLabels {
		texts = append(texts, struct{ name, text string }{"Config.MetricLabels", name}, struct{ name, text string }{"Config.MetricLabels", value})
	}
	for _, t := range texts {
		if err := checkText(t.name, t.text); err != nil {
			return err
		}
	}
	return nil
}

// checkText refuses what C strings cannot carry. It names the argument and a position and
// never repeats the text, which may be a secret.
func checkText(name, text string) *Error {
	if at := strings.IndexByte(text, 0); at >= 0 {
		return newError(CodeInvalidArgument, "%s has a NUL byte at position %d; remove it", name, at)
	}
	if !utf8.ValidString(text) {
		return newError(CodeInvalidUTF8, "%s is not valid UTF-8; convert it before the call", name)
	}
	return nil
}

// units rounds a duration up to whole units; zero stands for the default.
func units(name string, given, byDefault, unit time.Duration) (uint32, *Error) {
	if given < 0 {
		return 0, newError(CodeInvalidArgument, "Config.%s is negative (%v); give a positive duration, or 0 for the default", name, given)
	}
	if given == 0 {
		given = byDefault
	}
	count := wholeUnits(given, unit)
	if count > math.MaxUint32 {
		return 0, newError(CodeInvalidArgument, "Config.%s is too long (%v); the longest is %v", name, given, math.MaxUint32*unit)
	}
	return uint32(count), nil
}

func wholeUnits(d, unit time.Duration) int64 {
	count := int64(d / unit)
	if d%unit != 0 {
		count++
	}
	return count
}
