// The two small decisions of this package that no service shows: which versions go together,
// and how durations become C's whole units.

package chat

import (
	"strings"
	"testing"
	"time"
)

func TestOnlyTheSameMajorAndMinorVersionGoTogether(t *testing.T) {
	for _, one := range []struct {
		header, library string
		together        bool
	}{{"0.1.0", "0.1.0", true}, {"0.1.0", "0.1.7", true}, {"0.1.0", "0.1.1-rc.1", true}, {"0.1.0", "0.2.0", false}, {"0.1.0", "1.1.0", false}, {"0.1.0", "", false}, {"0.1.0", "0.10.0", false}} {
		failure := versionMismatch(one.header, one.library, "libtencent_chat.so")
		if (failure == nil) != one.together {
			t.Errorf("%q with %q: %v", one.header, one.library, failure)
		}
		if failure != nil && (failure.Code != CodeConfig || !strings.Contains(failure.Message, "libtencent_chat.so") || !strings.Contains(failure.Message, "CGO_LDFLAGS")) {
			t.Errorf("%q with %q is not told clearly: %v", one.header, one.library, failure)
		}
	}
}

func TestDurationsAreRoundedUpToWholeUnits(t *testing.T) {
	for _, one := range []struct {
		given time.Duration
		want  uint32
	}{{1, 1}, {time.Millisecond, 1}, {time.Millisecond + 1, 2}, {1500 * time.Microsecond, 2}, {0, 10000}} {
		got, failure := units("Timeout", one.given, DefaultTimeout, time.Millisecond)
		if failure != nil || got != one.want {
			t.Errorf("%v is %d ms (%v), want %d", one.given, got, failure, one.want)
		}
	}
}
