//go:build !cgo

// Made by `make faces` from tencent_chat.h; not to be edited.

package chat

func (*nativeClient) accountCheck([]Account, *nativeOptions) *Response {
	return refused()
}

func (*nativeClient) accountDelete([]Account, *nativeOptions) *Response {
	return refused()
}

func (*nativeClient) accountImport(string, *string, *string, *nativeOptions) *Response {
	return refused()
}

func (*nativeClient) call(string, []byte, *nativeOptions) *Response {
	return refused()
}

func (*nativeClient) createContactGroup(string, string, []Contact, *nativeOptions) *Response {
	return refused()
}

func (*nativeClient) delContactGroup(string, string, *nativeOptions) *Response {
	return refused()
}

func (*nativeClient) getContactGroup(string, int64, *nativeOptions) *Response {
	return refused()
}

func (*nativeClient) markContact(string, []plainMark, *nativeOptions) *Response {
	return refused()
}

func (*nativeClient) multiaccountImport([]Account, *nativeOptions) *Response {
	return refused()
}

func (*nativeClient) recentContactDelete(string, int, string, int, *nativeOptions) *Response {
	return refused()
}

func (*nativeClient) recentContactGetList(string, int64, int64, int64, int64, uint32, *nativeOptions) *Response {
	return refused()
}

func (*nativeClient) recentContactPin(string, []Contact, *nativeOptions) *Response {
	return refused()
}

func (*nativeClient) recentContactUnpin(string, []Contact, *nativeOptions) *Response {
	return refused()
}

func (*nativeClient) searchContactGroup(string, []Contact, *nativeOptions) *Response {
	return refused()
}

func (*nativeClient) updateContactGroupName(string, string, string, *nativeOptions) *Response {
	return refused()
}

func (*nativeClient) updateContactGroupContacts(string, string, []Contact, []Contact, *nativeOptions) *Response {
	return refused()
}

func (*nativeClient) recentContactItems(string) (*nativeItems, *Response) {
	return nil, refused()
}

func (*nativeClient) contactGroupItems(string) (*nativeItems, *Response) {
	return nil, refused()
}
