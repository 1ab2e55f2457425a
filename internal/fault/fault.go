// Package fault names the few ways in which a request can fail, so that every
// layer asks "what kind?" and one adapter turns the kind into a status, a page
// or an exit code.
//
// An error carries two texts: Error() is for engineers and logs (ids and
// codes, never a resident's words), Sentence is for the person in front of the
// screen, in Russian, and says what to do next.
package fault

import (
	"errors"
	"fmt"
)

// A Kind says which way a request failed.
type Kind string

// The kinds. Internal is what an unmarked error is.
const (
	NotFound    Kind = "not_found"
	Invalid     Kind = "invalid"
	Conflict    Kind = "conflict"
	Forbidden   Kind = "forbidden"
	Unavailable Kind = "unavailable"
	TooLarge    Kind = "too_large"
	Internal    Kind = "internal"
)

// An Error is a failure of a known kind.
type Error struct {
	Kind     Kind
	Sentence string // for people, in Russian; may be empty
	Field    string // the input field at fault, if one is; may be empty
	Hint     string // what to do next, for the command line; may be empty
	err      error
}

// New returns an error of the kind, with a text for engineers.
func New(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, err: fmt.Errorf(format, args...)}
}

// Say sets the sentence for people and returns e.
func (e *Error) Say(sentence string) *Error { e.Sentence = sentence; return e }

// At sets the field at fault and returns e.
func (e *Error) At(field string) *Error { e.Field = field; return e }

// Mend sets the hint and returns e.
func (e *Error) Mend(hint string) *Error { e.Hint = hint; return e }

func (e *Error) Error() string { return e.err.Error() }
func (e *Error) Unwrap() error { return errors.Unwrap(e.err) }

// KindOf returns the kind of err: Internal when err says nothing of it, "" for nil.
func KindOf(err error) Kind {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// Is reports whether err is of the kind.
func Is(err error, kind Kind) bool { return KindOf(err) == kind }

// Sentence returns the text for people that err carries, or "".
func Sentence(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Sentence
	}
	return ""
}

// FieldOf returns the field of a form that an error names, "" for none.
func FieldOf(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Field
	}
	return ""
}

// Wrap puts the call that failed before *err, if there is an error:
//
//	defer fault.Wrap(&err, "store.Incident(%d)", id)
func Wrap(err *error, format string, args ...any) {
	if *err != nil {
		*err = fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), *err)
	}
}

// Hint returns what to do next, for the command line, or "".
func Hint(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Hint
	}
	return ""
}
