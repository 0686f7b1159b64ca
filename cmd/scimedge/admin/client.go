package admin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"syscall"
)

// ErrNotRunning means that no server answers at the socket, so that the command
// may open the store itself.
var ErrNotRunning = errors.New("admin: no server is running here")

// Client asks a running server.
type Client struct{ http *http.Client }

var _ Service = (*Client)(nil)

// Dial finds out whether a server answers at the socket. A socket file without a
// process behind it counts as no server.
func Dial(ctx context.Context, path string) (*Client, error) {
	if len(path) > maxSocketPath {
		return nil, ErrNotRunning // no server could have made it
	}
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", path)
	}
	conn, err := dial(ctx, "", "")
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		return nil, ErrNotRunning
	case errors.Is(err, fs.ErrPermission):
		return nil, Failed("the server's socket %s belongs to another user: run this command as the user that runs the server", path)
	case err != nil:
		return nil, fmt.Errorf("admin socket: %w", err)
	}
	if err := conn.Close(); err != nil {
		return nil, fmt.Errorf("admin socket: %w", err)
	}
	return &Client{http: &http.Client{Transport: &http.Transport{DialContext: dial}}}, nil
}

// Close lets go of the connection.
func (c *Client) Close() error {
	c.http.CloseIdleConnections()
	return nil
}

func call[Out any](ctx context.Context, c *Client, name string, in any) (Out, error) {
	var out Out
	body, err := json.Marshal(in)
	if err != nil {
		return out, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://scimedge/"+name, bytes.NewReader(body))
	if err != nil {
		return out, err
	}
	req.Header.Set(callerHeader, caller(ctx))
	resp, err := c.http.Do(req)
	if err != nil {
		return out, Failed("the running server did not answer: %v", err)
	}
	defer resp.Body.Close()
	dec := json.NewDecoder(resp.Body)
	if resp.StatusCode == http.StatusOK {
		if err := dec.Decode(&out); err != nil {
			return out, Failed("the running server's answer was cut short: %v", err)
		}
		return out, nil
	}
	e := &Error{}
	if err := dec.Decode(e); err != nil || e.Message == "" {
		return out, Failed("the running server answered %s", resp.Status)
	}
	return out, e
}

func (c *Client) Status(ctx context.Context, in None) (Status, error) {
	return call[Status](ctx, c, "status", in)
}

func (c *Client) TenantCreate(ctx context.Context, in TenantSpec) (Tenant, error) {
	return call[Tenant](ctx, c, "tenant.create", in)
}

func (c *Client) TenantList(ctx context.Context, in None) ([]TenantInfo, error) {
	return call[[]TenantInfo](ctx, c, "tenant.list", in)
}

func (c *Client) TenantShow(ctx context.Context, in TenantRef) (TenantInfo, error) {
	return call[TenantInfo](ctx, c, "tenant.show", in)
}

func (c *Client) TenantSet(ctx context.Context, in TenantChange) (TenantInfo, error) {
	return call[TenantInfo](ctx, c, "tenant.set", in)
}

func (c *Client) TenantPause(ctx context.Context, in TenantRef) (TenantInfo, error) {
	return call[TenantInfo](ctx, c, "tenant.pause", in)
}

func (c *Client) TenantResume(ctx context.Context, in TenantRef) (TenantInfo, error) {
	return call[TenantInfo](ctx, c, "tenant.resume", in)
}

func (c *Client) TenantDelete(ctx context.Context, in TenantRef) (None, error) {
	return call[None](ctx, c, "tenant.delete", in)
}

func (c *Client) TokenCreate(ctx context.Context, in TokenSpec) (NewToken, error) {
	return call[NewToken](ctx, c, "token.create", in)
}

func (c *Client) TokenList(ctx context.Context, in TenantRef) ([]Token, error) {
	return call[[]Token](ctx, c, "token.list", in)
}

func (c *Client) TokenRevoke(ctx context.Context, in TokenRef) (Token, error) {
	return call[Token](ctx, c, "token.revoke", in)
}

func (c *Client) AccountCreate(ctx context.Context, in AccountSpec) (Account, error) {
	return call[Account](ctx, c, "account.create", in)
}

func (c *Client) AccountList(ctx context.Context, in TenantRef) ([]Account, error) {
	return call[[]Account](ctx, c, "account.list", in)
}

func (c *Client) SchemaLoad(ctx context.Context, in SchemaSpec) (SchemaChange, error) {
	return call[SchemaChange](ctx, c, "schema.load", in)
}

func (c *Client) SchemaShow(ctx context.Context, in TenantRef) (Schema, error) {
	return call[Schema](ctx, c, "schema.show", in)
}

func (c *Client) Check(ctx context.Context, in CheckSpec) (CheckReport, error) {
	return call[CheckReport](ctx, c, "check", in)
}

func (c *Client) Explain(ctx context.Context, in ExplainSpec) (Explanation, error) {
	return call[Explanation](ctx, c, "explain", in)
}
