// Package windows_amd64 carries the native library that package chat is linked with on Windows, x86-64. It has no Go in it: a folder
// without a package would be left out of a vendored module.
package windows_amd64
