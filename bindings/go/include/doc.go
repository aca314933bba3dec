// Package include carries the C header that package chat is compiled with. It has no Go in it: a folder without a package would be
// left out of a vendored module.
package include
