// Conversation groups, one method for each of the vendor's calls, under the vendor's names.
// Limits and the reading of answers are the native library's.

package chat

import (
	"context"
	"strconv"
)

// ContactGroup is a conversation group of one user.
type ContactGroup struct {
	Name string
	ID   int64 // small, unique for the user, never reused
}

// DelContactGroupResult is the answer of DelContactGroup.
type DelContactGroupResult struct {
	// Groups are the deleted groups as the service named them; it may name none.
	Groups []ContactGroup
	*Response
}

// DelContactGroup deletes the conversation group groupName of the user fromAccount
// (del_contact_group, 1047/53441). The conversations in it stay, also in other groups.
//
// groupName is compared byte for byte and is at most 64 bytes of UTF-8; a longer one fails
// without a request unless Config.NoLocalLimits is set. Errors to expect: ErrGroupNotFound,
// ErrAccountNotImported, ErrFeatureNotInPlan, ErrAdminRequired, ErrUserSig. At most 200 calls
// a second for a SDKAppID.
func (c *Client) DelContactGroup(ctx context.Context, fromAccount, groupName string, options ...CallOption) (*DelContactGroupResult, error) {
	if err := checkText("fromAccount", fromAccount); err != nil {
		return nil, err
	}
	if err := checkText("groupName", groupName); err != nil {
		return nil, err
	}
	result := &DelContactGroupResult{}
	response, err := c.do(ctx, options, func(native *nativeClient, limits *nativeOptions) *Response {
		return native.delContactGroup(fromAccount, groupName, limits, func(a answer) {
			result.Groups = readGroups(a, "/GroupItem")
		})
	})
	if err != nil {
		return nil, err
	}
	result.Response = response
	return result, nil
}

func readGroups(a answer, pointer string) []ContactGroup {
	groups := make([]ContactGroup, 0, 1)
	for i, n := 0, a.count(pointer); i < n; i++ {
		item := pointer + "/" + strconv.Itoa(i)
		groups = append(groups, ContactGroup{Name: a.text(item + "/GroupName"), ID: a.integer(item + "/GroupId")})
	}
	return groups
}
