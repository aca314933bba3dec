// The generic call, for every v4 endpoint that has no method of its own.

package chat

import (
	"bytes"
	"context"
	"encoding/json"
)

// Call sends body to path ("v4/recentcontact/create_contact_group") and returns the answer.
//
// body is a JSON object: a struct or map that encoding/json can write, or ready JSON as
// []byte or json.RawMessage, which must not be changed until Call returns. nil sends {}.
// Where items of a batch failed although the call succeeded, the error is a [PartialError], and
// the answer, whose Body tells which, is returned with it. Nothing is known about the endpoint, so a call in doubt is never repeated.
func (c *Client) Call(ctx context.Context, path string, body any, options ...CallOption) (*Response, error) {
	if err := checkText("path", path); err != nil {
		return nil, err
	}
	text, err := bodyText(body)
	if err != nil {
		return nil, err
	}
	response, err := c.do(ctx, path, options, nil, func(native *nativeClient, limits *nativeOptions) *Response {
		return native.call(path, text, limits)
	})
	return response, partial(err, response)
}

func bodyText(body any) ([]byte, error) {
	switch ready := body.(type) {
	case nil:
		return nil, nil
	case []byte:
		return ready, nil
	case json.RawMessage:
		return ready, nil
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false) // names with & or < stay readable in the service's logs
	if err := encoder.Encode(body); err != nil {
		return nil, newError(CodeInvalidArgument, "body cannot be written as JSON: %v", err)
	}
	return bytes.TrimRight(text.Bytes(), "\n"), nil
}
