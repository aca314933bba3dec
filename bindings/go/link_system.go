//go:build cgo

// Where the native library comes from: the system's, or the place that CGO_CFLAGS and
// CGO_LDFLAGS name. Nothing but link flags belongs here, so that another way of linking is
// another file with another build tag.

package chat

// #cgo LDFLAGS: -ltencent_chat
// #cgo linux LDFLAGS: -ldl
import "C"
