// Package darwin_arm64 carries the native library that package chat is linked with on macOS, arm64. It has no Go in it: a folder
// without a package would be left out of a vendored module.
package darwin_arm64
