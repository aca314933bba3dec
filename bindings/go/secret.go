// A text that must not be seen: a key, a signature, the proxy's address with its password. No fmt verb, JSON
// encoder or logger shows it, also inside an unexported field of the caller's struct.

package chat

import (
	"fmt"
	"io"
)

const redacted = "[redacted]"

// Secret holds a text that is never printed. The zero Secret is "not set".
//
// The text sits behind a pointer because fmt calls no method on unexported fields: a plain
// string type would be printed by log.Printf("%+v", server) if server kept a Config in a
// lower-case field. Go cannot wipe a string, so the text stays in memory until it is collected.
type Secret struct{ text *string }

// NewSecret wraps text. An empty text is "not set".
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{text: &text}
}

// IsSet says whether there is a text.
func (s Secret) IsSet() bool { return s.text != nil }

// Reveal gives the text. Every place where a secret leaves its wrapper calls this.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// String gives "[redacted]", or "" when not set.
func (s Secret) String() string {
	if s.text == nil {
		return ""
	}
	return redacted
}

// GoString serves %#v.
func (s Secret) GoString() string { return fmt.Sprintf("chat.Secret(%q)", s.String()) }

// Format serves every verb of package fmt, %x and %p included.
func (s Secret) Format(state fmt.State, verb rune) {
	if verb == 'v' && state.Flag('#') {
		io.WriteString(state, s.GoString())
		return
	}
	io.WriteString(state, s.String())
}

// MarshalText gives "[redacted]" to JSON, slog and others that encode text.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText takes the text from a configuration file or a flag. It does not accept
// "[redacted]": that is a Config that was written out and has lost its secrets.
func (s *Secret) UnmarshalText(text []byte) error {
	if s == nil {
		return newError(CodeInvalidArgument, "the Secret to fill is nil")
	}
	if string(text) == redacted {
		return newError(CodeConfig, "a secret reads %s: it was lost when this configuration was written out; give the real one", redacted)
	}
	*s = NewSecret(string(text))
	return nil
}
