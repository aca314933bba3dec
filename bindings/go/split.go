// Splits a list that is too long for one call, where items do not depend on each other. Answers keep the
// order of the list, and a failure says how far the list was done.

package chat

import "fmt"

// Split lets SearchContactGroup (300 items a call), MarkContact, RecentContactPin, RecentContactUnpin,
// MultiaccountImport, AccountCheck and AccountDelete (100) take a list of any length: it is cut, the parts are sent in order, one
// after the other, and their results are joined.
//
// Parts in which items failed are gone on after, and told once, at the end, as a [PartialError] with
// the joined result. Any other failure ends the call with a [SplitError], which carries the joined
// result so far. The context holds for all parts together, other options for each part alone.
//
// Calls whose items belong together (CreateContactGroup, UpdateContactGroupContacts) refuse it.
func Split() CallOption {
	return func(s *callSettings) { s.split = true }
}

// whole undoes Split for one part.
func whole(s *callSettings) { s.split = false }

// SplitError is a call with Split that ended before its list did. The method returns the joined
// result of the parts before beside this error. errors.Is and errors.As see the failure inside.
type SplitError struct {
	// Failure is the failure of the part that begins at item Done. When it is InDoubt, that part's
	// items may have taken effect.
	Failure *Error
	// Result is what the method returns too, such as a *MarkContactResult: the parts before. Its
	// Response is the last of theirs, and nil when Done is 0.
	Result any
	// Done is the number of items in the parts before, Total that of the whole list.
	Done, Total int
}

// Error gives the failure and how far the list was done. Places in its message, as "marks[5]", count
// from the first item of the part.
func (e *SplitError) Error() string {
	if e == nil {
		return "chat: no failure"
	}
	return fmt.Sprintf("%v (in a split call, after %d of %d items)", e.Failure, e.Done, e.Total)
}

// Unwrap gives Failure.
func (e *SplitError) Unwrap() error {
	if e == nil {
		return nil
	}
	return refusal(e.Failure)
}

func errNotSplit() *Error {
	return newError(CodeInvalidArgument, "this call cannot be split: its items, if it has several, belong together; "+
		"Split is for SearchContactGroup, MarkContact, RecentContactPin, RecentContactUnpin, MultiaccountImport, AccountCheck and AccountDelete")
}

// inParts makes one call, or with Split one for every most items. refused says whether the native
// library refuses an item whatever its place, so that nothing is sent when the last one is wrong.
func inParts[I, R any](items []I, most int, options []CallOption, refused func([]I) bool, call func([]I, []CallOption) (*R, error), join func(joined, part *R)) (*R, error) {
	if !wantsSplit(options) {
		return call(items, options)
	}
	options = append(options[:len(options):len(options)], whole)
	if refused(items) {
		most = len(items) // one call, which is refused with the item's place in the whole list
	}
	joined, done, parts, failed := new(R), 0, 0, []*Error(nil)
	for first := true; first || done < len(items); first = false {
		part := items[done:]
		if len(part) > most {
			part = part[:most]
		}
		result, err := call(part, options)
		if result == nil {
			return joined, &SplitError{Failure: err.(*Error), Result: joined, Done: done, Total: len(items)}
		}
		join(joined, result)
		done, parts = done+len(part), parts+1
		switch failure := err.(type) {
		case *PartialError:
			failed = append(failed, failure.Failure)
		case *Error: // a member of the answer cannot be read; the part took effect
			return joined, &SplitError{Failure: failure, Result: joined, Done: done, Total: len(items)}
		}
	}
	if len(failed) == 0 {
		return joined, nil
	}
	return joined, &PartialError{Failure: joinedFailure(failed, parts), Result: joined}
}

func wantsSplit(options []CallOption) bool {
	var settings callSettings
	settings.apply(options)
	return settings.split
}

// joinedFailure is the first of the failures, with a message that tells of all.
func joinedFailure(failed []*Error, parts int) *Error {
	failure := *failed[0]
	if parts > 1 {
		failure.Message = fmt.Sprintf("items failed in %d of %d calls; the first of these says: %s", len(failed), parts, failure.Message)
	}
	return &failure
}
