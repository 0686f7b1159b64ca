package admin

import (
	"errors"
	"fmt"
	"net/http"
)

// Error is an operation's failure as the operator sees it. It crosses the socket
// whole, so that a command ends the same way on either path.
type Error struct {
	Message string `json:"error"`
	Exit    int    `json:"exit"` // the command's exit code
}

// Exit codes of every command.
const (
	ExitFailed = 1 // it could not be done
	ExitUsage  = 2 // it was not asked for properly
)

func (e *Error) Error() string { return e.Message }

// Failed is an error with exit code 1.
func Failed(format string, args ...any) *Error {
	return &Error{Message: fmt.Sprintf(format, args...), Exit: ExitFailed}
}

// Usage is an error with exit code 2.
func Usage(format string, args ...any) *Error {
	return &Error{Message: fmt.Sprintf(format, args...), Exit: ExitUsage}
}

// ExitCode is the exit code for err.
func ExitCode(err error) int {
	var e *Error
	switch {
	case err == nil:
		return 0
	case errors.As(err, &e):
		return e.Exit
	}
	return ExitFailed
}

// asError makes any error one that can cross the socket.
func asError(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Message: err.Error(), Exit: ExitFailed}
}

// httpStatus is only for whoever looks at the socket with a generic client.
func (e *Error) httpStatus() int {
	if e.Exit == ExitUsage {
		return http.StatusBadRequest
	}
	return http.StatusUnprocessableEntity
}
