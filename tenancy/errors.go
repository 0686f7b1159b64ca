package tenancy

import (
	"context"
	"errors"
	"fmt"

	"scimedge/kv"
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
	// ErrTooManyAttempts: too many failed sign-ins for this account or from this source.
	ErrTooManyAttempts = errors.New("too many failed sign-ins; wait a minute and try again")
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

// Fault says what kind of trouble the store is in, for callers that turn errors
// into answers and do not know stores.
type Fault int

// The faults.
const (
	FaultNone    Fault = iota // not a fault that is known to pass or to be mended
	FaultBusy                 // try again shortly
	FaultFull                 // the volume is full; reads go on
	FaultStopped              // writes have stopped until a restart
)

// FaultOf sorts an error that none of the kinds above explains.
func FaultOf(err error) Fault {
	for _, f := range []struct {
		fault Fault
		errs  []error
	}{
		{FaultBusy, []error{kv.ErrConflict, context.DeadlineExceeded, context.Canceled}},
		{FaultFull, []error{kv.ErrNoSpace}},
		{FaultStopped, []error{kv.ErrStopped, kv.ErrUnknownOutcome, kv.ErrClosed}},
	} {
		for _, e := range f.errs {
			if errors.Is(err, e) {
				return f.fault
			}
		}
	}
	return FaultNone
}
