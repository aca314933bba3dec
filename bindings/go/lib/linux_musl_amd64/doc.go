// Package linux_musl_amd64 carries the native library that package chat is linked with on Linux with musl, x86-64, under the tag musl. It has no Go
// in it: a folder without a package would be left out of a vendored module.
package linux_musl_amd64
