// Conversation groups: create, change, delete, look up. One method for each of the vendor's calls,
// under the vendor's names. Limits and the reading of answers are the native library's.

package chat

import "context"

// ContactGroup is a conversation group of one user.
type ContactGroup struct {
	Name string
	ID   int64 // small, unique for the user, never reused
}

// CreateContactGroupResult is the answer of CreateContactGroup.
type CreateContactGroupResult struct {
	// Group is the new group; zero if the service named none.
	Group ContactGroup
	// Contacts says what became of each conversation.
	Contacts []ContactResult
	*Response
}

// CreateContactGroup creates the conversation group groupName of the user fromAccount, with
// contacts in it from the start (create_contact_group, 1047/53437). contacts may be nil, has at
// most 100 items, and need not be in the user's conversation list; a call is never split.
//
// groupName has 1 to 64 bytes of UTF-8; older SDKs cannot show one over 32 bytes. A user has at
// most 20 groups. Errors to expect: a [PartialError] when the group was created but not every
// conversation put in it, ErrGroupLimit, ErrInvalidParameter (also for a name that exists),
// ErrConversationLimit (1000 conversations with groups), ErrTooManyConversations,
// ErrGroupNameTooLong, ErrAccountNotImported, ErrFeatureNotInPlan, ErrAdminRequired, ErrUserSig.
// A repeat after doubt may meet the group that the first call made. 200 calls a second for a
// SDKAppID.
func (c *Client) CreateContactGroup(ctx context.Context, fromAccount, groupName string, contacts []Contact, options ...CallOption) (*CreateContactGroupResult, error) {
	if err := refusal(checkText("fromAccount", fromAccount), checkText("groupName", groupName), checkContacts("contacts", contacts)); err != nil {
		return nil, err
	}
	var answer struct {
		GroupResultItem []struct {
			GroupItem  groupItem
			ResultItem []contactResultItem
		}
	}
	response, err := c.do(ctx, "create_contact_group", options, &answer, func(native *nativeClient, limits *nativeOptions) *Response {
		return native.createContactGroup(fromAccount, groupName, contacts, limits)
	})
	result := &CreateContactGroupResult{Response: response}
	if len(answer.GroupResultItem) > 0 {
		created := answer.GroupResultItem[0]
		result.Group, result.Contacts = created.GroupItem.group(), made(created.ResultItem, contactResultItem.result)
	}
	return finish(result, response, err)
}

// UpdateContactGroupNameResult is the answer of UpdateContactGroupName.
type UpdateContactGroupNameResult struct {
	// Group is the group under its new name; zero if the service named none.
	Group ContactGroup
	*Response
}

// UpdateContactGroupName renames the conversation group groupName of the user fromAccount
// (update_contact_group, 1047/53439). The group keeps its id and its conversations.
//
// groupName is compared byte for byte. newGroupName has 1 to 64 bytes of UTF-8; older SDKs cannot
// show one over 32 bytes. Errors to expect: ErrGroupNotFound, ErrInvalidParameter (also for a new
// name that exists), ErrGroupNameTooLong, ErrAccountNotImported, ErrFeatureNotInPlan,
// ErrAdminRequired, ErrUserSig. 200 calls a second for a SDKAppID.
func (c *Client) UpdateContactGroupName(ctx context.Context, fromAccount, groupName, newGroupName string, options ...CallOption) (*UpdateContactGroupNameResult, error) {
	if err := refusal(checkText("fromAccount", fromAccount), checkText("groupName", groupName), checkText("newGroupName", newGroupName)); err != nil {
		return nil, err
	}
	var answer struct{ UpdateGroupResult groupItem }
	response, err := c.do(ctx, "update_contact_group_name", options, &answer, func(native *nativeClient, limits *nativeOptions) *Response {
		return native.updateContactGroupName(fromAccount, groupName, newGroupName, limits)
	})
	return finish(&UpdateContactGroupNameResult{answer.UpdateGroupResult.group(), response}, response, err)
}

// UpdateContactGroupContactsResult is the answer of UpdateContactGroupContacts.
type UpdateContactGroupContactsResult struct {
	// Group is the group; zero if the service named none.
	Group ContactGroup
	// Contacts says what became of each conversation, those to add first; OptType tells them apart.
	Contacts []ContactResult
	*Response
}

// UpdateContactGroupContacts puts the conversations add into the group groupName of the user
// fromAccount and takes the conversations remove out of it (update_contact_group, 1047/53439).
// Either may be nil; together they have 1 to 100 items, and a call is never split.
//
// Errors to expect: a [PartialError] when not every conversation was moved, ErrGroupNotFound,
// ErrConversationLimit (1000 conversations with groups), ErrTooManyConversations,
// ErrAccountNotImported, ErrFeatureNotInPlan, ErrAdminRequired, ErrUserSig. 200 calls a second for
// a SDKAppID.
func (c *Client) UpdateContactGroupContacts(ctx context.Context, fromAccount, groupName string, add, remove []Contact, options ...CallOption) (*UpdateContactGroupContactsResult, error) {
	if err := refusal(checkText("fromAccount", fromAccount), checkText("groupName", groupName), checkContacts("add", add), checkContacts("remove", remove)); err != nil {
		return nil, err
	}
	var answer struct {
		UpdateGroupResult struct {
			groupItem
			ContactResultItem []contactResultItem
		}
	}
	response, err := c.do(ctx, "update_contact_group_contacts", options, &answer, func(native *nativeClient, limits *nativeOptions) *Response {
		return native.updateContactGroupContacts(fromAccount, groupName, add, remove, limits)
	})
	updated := answer.UpdateGroupResult
	contacts := made(updated.ContactResultItem, contactResultItem.result)
	return finish(&UpdateContactGroupContactsResult{updated.group(), contacts, response}, response, err)
}

// DelContactGroupResult is the answer of DelContactGroup. Its AlreadyDeleted says that a repeat found
// nothing left after an attempt in doubt; see [Response].
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
	if err := refusal(checkText("fromAccount", fromAccount), checkText("groupName", groupName)); err != nil {
		return nil, err
	}
	var answer struct{ GroupItem []groupItem }
	response, err := c.do(ctx, "del_contact_group", options, &answer, func(native *nativeClient, limits *nativeOptions) *Response {
		return native.delContactGroup(fromAccount, groupName, limits)
	})
	return finish(&DelContactGroupResult{made(answer.GroupItem, groupItem.group), response}, response, err)
}

// SearchContactGroupResult is the answer of SearchContactGroup.
type SearchContactGroupResult struct {
	// Contacts are those of the conversations asked for that have a group or a mark.
	Contacts []ContactGroupEntry
	// Groups are the user's groups.
	Groups []ContactGroup
	// Parts are the answers of all calls, in order, when Split made several; else nil.
	Parts []*Response
	*Response
}

// SearchContactGroup looks up the groups and marks of given conversations of the user fromAccount
// (search_contact_group, 1047/53442). contacts has 1 to 300 items; with [Split] more, in as many
// calls as it takes. A conversation without group and mark is not in the result.
//
// Errors to expect: ErrAccountNotImported, ErrInvalidParameter, ErrFeatureNotInPlan,
// ErrAdminRequired, ErrUserSig; with Split a [SplitError]. 200 calls a second for a SDKAppID.
func (c *Client) SearchContactGroup(ctx context.Context, fromAccount string, contacts []Contact, options ...CallOption) (*SearchContactGroupResult, error) {
	if err := refusal(checkText("fromAccount", fromAccount), checkContacts("contacts", contacts)); err != nil {
		return nil, err
	}
	search := func(part []Contact, options []CallOption) (*SearchContactGroupResult, error) {
		var answer struct {
			GroupItem         []groupItem
			ContactResultItem []contactGroupItem
		}
		response, err := c.do(ctx, "search_contact_group", options, &answer, func(native *nativeClient, limits *nativeOptions) *Response {
			return native.searchContactGroup(fromAccount, part, limits)
		})
		groups := made(answer.GroupItem, groupItem.group)
		entries := entriesOf(answer.ContactResultItem, groups)
		return finish(&SearchContactGroupResult{Contacts: entries, Groups: groups, Response: response}, response, err)
	}
	return inParts(contacts, 300, options, contactsRefused, search, (*SearchContactGroupResult).join)
}

func (r *SearchContactGroupResult) join(part *SearchContactGroupResult) {
	r.Contacts = append(r.Contacts, part.Contacts...)
	r.Groups = part.Groups // all of the user's, in every answer
	r.Parts, r.Response = append(r.Parts, part.Response), part.Response
}

// GetContactGroupResult is one page of a user's groups and marks.
type GetContactGroupResult struct {
	Contacts []ContactGroupEntry
	// Groups are the user's groups.
	Groups []ContactGroup
	// Complete says that this is the last page. It is no proof that everything came: see
	// Client.GetContactGroup.
	Complete bool
	// NextStartIndex begins the next page; it means nothing on the last one.
	NextStartIndex int64
	*Response
}

// GetContactGroup reads one page of the conversations of the user fromAccount that have a group or
// a mark (get_contact_group, 1047/53440). startIndex is 0 for the first page, then NextStartIndex of
// the page before. ContactGroupItems goes through all pages.
//
// The plan's number of cloud conversations caps what the service returns, without a word: when it
// is exceeded, a complete answer is no proof of completeness.
//
// Errors to expect: ErrAccountNotImported, ErrFeatureNotInPlan, ErrAdminRequired, ErrUserSig. 200
// calls a second for a SDKAppID.
func (c *Client) GetContactGroup(ctx context.Context, fromAccount string, startIndex int64, options ...CallOption) (*GetContactGroupResult, error) {
	if err := refusal(checkText("fromAccount", fromAccount)); err != nil {
		return nil, err
	}
	var answer struct {
		GroupItem                    []groupItem
		ContactItem                  []contactGroupItem
		CompleteFlag, NextStartIndex number
	}
	response, err := c.do(ctx, "get_contact_group", options, &answer, func(native *nativeClient, limits *nativeOptions) *Response {
		return native.getContactGroup(fromAccount, startIndex, limits)
	})
	groups := made(answer.GroupItem, groupItem.group)
	entries := entriesOf(answer.ContactItem, groups)
	return finish(&GetContactGroupResult{entries, groups, answer.CompleteFlag == 1, int64(answer.NextStartIndex), response}, response, err)
}

// ContactGroupItems goes through all conversations of the user fromAccount that have a group or a
// mark, each once, page by page (get_contact_group, 1047/53440). It sends nothing until Next.
//
// The plan's number of cloud conversations caps what the service returns, without a word: when it
// is exceeded, a complete answer is no proof of completeness. Errors to expect of Next: those of
// GetContactGroup. options hold for each page.
func (c *Client) ContactGroupItems(fromAccount string, options ...CallOption) *Items[ContactGroupEntry] {
	return &Items[ContactGroupEntry]{
		client: c, command: "get_contact_group", fromAccount: fromAccount, options: options,
		open:      (*nativeClient).contactGroupItems,
		withNames: true,
		read: func(response *Response, names map[int64]string) (ContactGroupEntry, string) {
			var item contactGroupItem
			wrong := response.read(&item)
			return item.entry(names), wrong
		},
	}
}

// groupItem is a ContactGroup in an answer.
type groupItem struct {
	GroupName string
	GroupId   number
}

func (i groupItem) group() ContactGroup { return ContactGroup{Name: i.GroupName, ID: int64(i.GroupId)} }

func groupNames(groups []ContactGroup) map[int64]string {
	names := make(map[int64]string, len(groups))
	for _, group := range groups {
		names[group.ID] = group.Name
	}
	return names
}
