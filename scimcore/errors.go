package scimcore

import "fmt"

// ErrorType is a scimType, a closed set (RFC 7644, section 3.12, table 9; RFC 9865, section 2.1).
type ErrorType string

const (
	NoType        ErrorType = ""
	InvalidFilter ErrorType = "invalidFilter"
	TooMany       ErrorType = "tooMany"
	Unique        ErrorType = "uniqueness"
	Mutable       ErrorType = "mutability"
	InvalidSyntax ErrorType = "invalidSyntax"
	InvalidPath   ErrorType = "invalidPath"
	NoTarget      ErrorType = "noTarget"
	InvalidValue  ErrorType = "invalidValue"
	InvalidVers   ErrorType = "invalidVers"
	Sensitive     ErrorType = "sensitive"
	InvalidCursor ErrorType = "invalidCursor"
	ExpiredCursor ErrorType = "expiredCursor"
	InvalidCount  ErrorType = "invalidCount"
)

// Error is a SCIM protocol error as a value (RFC 7644, section 3.12). Detail is
// written for the person who configures the identity provider: it names the
// attribute or operation, what was expected and what to do, and never repeats a
// secret or a value of another tenant.
type Error struct {
	Status int // HTTP status code
	Type   ErrorType
	Detail string
}

func (e *Error) Error() string {
	if e.Type == NoType {
		return e.Detail
	}
	return string(e.Type) + ": " + e.Detail
}

// Errorf makes an Error.
func Errorf(status int, typ ErrorType, format string, args ...any) *Error {
	return &Error{Status: status, Type: typ, Detail: fmt.Sprintf(format, args...)}
}

// Bad makes the 400 error most of this package returns.
func Bad(typ ErrorType, format string, args ...any) *Error {
	return Errorf(400, typ, format, args...)
}
