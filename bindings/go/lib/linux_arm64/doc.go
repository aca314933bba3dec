// Package linux_arm64 carries the native library that package chat is linked with on Linux, arm64. It has no Go in it: a folder
// without a package would be left out of a vendored module.
package linux_arm64
