// The agreement between the header this package was compiled with and the library that was
// loaded: major and minor must be equal, as the library's file name promises.

package chat

import "strings"

func versionMismatch(header, library, file string) *Error {
	if majorMinor(header) == majorMinor(library) {
		return nil
	}
	return newError(CodeConfig, "package chat was compiled with tencent_chat.h %s but the library loaded from %q is %s: "+
		"install one version of both, or set CGO_CFLAGS and CGO_LDFLAGS to the same place and build again", header, file, library)
}

func majorMinor(version string) string {
	parts := strings.SplitN(version, ".", 3)
	if len(parts) < 3 {
		return "unknown " + version
	}
	return parts[0] + "." + parts[1]
}
