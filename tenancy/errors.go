package tenancy

import (
	"errors"
	"fmt"
)

// The kinds of errors callers tell apart with [errors.Is]. Anything else that
// comes out of this package is a fault of the store.
var (
	// ErrNotFound: no such tenant, token, account or session.
	ErrNotFound = errors.New("not found")
	// ErrExists: the name, host or e-mail address is taken.
	ErrExists = errors.New("already exists")
	// ErrInvalid: an argument breaks a rule; [Error.Field] says which.
	ErrInvalid = errors.New("invalid")
	// ErrBadCredentials: e-mail or password is wrong; which one is not said.
	ErrBadCredentials = errors.New("the e-mail address or the password is wrong")
	// ErrTooManyAttempts: too many failed sign-ins for this account.
	ErrTooManyAttempts = errors.New("too many failed sign-ins for this account; wait a minute and try again")
)

// Error says what is wrong and how to mend it, in words meant for the person
// who made the call.
type Error struct {
	Kind    error  // ErrNotFound, ErrExists or ErrInvalid
	Field   string // the argument at fault, empty when there is none
	Message string
}

func (e *Error) Error() string { return e.Message }

// Unwrap makes errors.Is see the kind.
func (e *Error) Unwrap() error { return e.Kind }

func invalid(field, format string, args ...any) error {
	return &Error{Kind: ErrInvalid, Field: field, Message: fmt.Sprintf(format, args...)}
}

func exists(field, format string, args ...any) error {
	return &Error{Kind: ErrExists, Field: field, Message: fmt.Sprintf(format, args...)}
}

func notFound(format string, args ...any) error {
	return &Error{Kind: ErrNotFound, Message: fmt.Sprintf(format, args...)}
}
