//go:build go1.20

// Why a context ended, which contexts tell since Go 1.20.

package chat

import "context"

func init() { causeOf = context.Cause }
