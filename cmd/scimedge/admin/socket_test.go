package admin

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// fake answers the operations a test sets; the embedded nil Service makes any
// other one fail loudly.
type fake struct {
	Service
	list   func() ([]TenantInfo, error)
	create func(TenantSpec) (Tenant, error)
}

func (f fake) TenantList(context.Context, None) ([]TenantInfo, error) { return f.list() }

func (f fake) TenantCreate(_ context.Context, in TenantSpec) (Tenant, error) { return f.create(in) }

func start(t *testing.T, svc Service) (*Client, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "admin.sock")
	srv, err := Listen(path, svc)
	require.NoError(t, err)
	done := make(chan error, 1)
	go func() { done <- srv.Serve() }()
	client, err := Dial(t.Context(), path)
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, client.Close())
		require.NoError(t, srv.Shutdown(context.Background()))
		require.NoError(t, <-done)
	})
	return client, path
}

func TestValuesCrossTheSocketWhole(t *testing.T) {
	spec := TenantSpec{Name: "acme", Hosts: []string{"acme.example"}}
	client, path := start(t, fake{create: func(in TenantSpec) (Tenant, error) {
		return Tenant{Name: in.Name, Hosts: in.Hosts}, nil
	}})
	got, err := client.TenantCreate(t.Context(), spec)
	require.NoError(t, err)
	require.Equal(t, Tenant{Name: "acme", Hosts: []string{"acme.example"}}, got)

	st, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), st.Mode().Perm())
}

func TestErrorsCrossTheSocketWithTheirExitCode(t *testing.T) {
	for name, tc := range map[string]struct {
		err  error
		exit int
	}{
		"failed":  {Failed("there is no tenant %q", "acme"), ExitFailed},
		"usage":   {Usage("a tenant needs a host"), ExitUsage},
		"foreign": {errors.New("the disk is on fire"), ExitFailed},
	} {
		t.Run(name, func(t *testing.T) {
			client, _ := start(t, fake{list: func() ([]TenantInfo, error) { return nil, tc.err }})
			_, err := client.TenantList(t.Context(), None{})
			require.EqualError(t, err, tc.err.Error())
			require.Equal(t, tc.exit, ExitCode(err))
		})
	}
}

// Client and server are two lists of the same names; this keeps them together.
func TestEveryOperationOfTheClientIsKnownToTheServer(t *testing.T) {
	client, _ := start(t, refusing{})
	ctx := t.Context()
	for name, op := range map[string]func() error{
		"Status":        func() error { _, err := client.Status(ctx, None{}); return err },
		"TenantCreate":  func() error { _, err := client.TenantCreate(ctx, TenantSpec{}); return err },
		"TenantList":    func() error { _, err := client.TenantList(ctx, None{}); return err },
		"TenantShow":    func() error { _, err := client.TenantShow(ctx, TenantRef{}); return err },
		"TenantSet":     func() error { _, err := client.TenantSet(ctx, TenantChange{}); return err },
		"TenantPause":   func() error { _, err := client.TenantPause(ctx, TenantRef{}); return err },
		"TenantResume":  func() error { _, err := client.TenantResume(ctx, TenantRef{}); return err },
		"TenantDelete":  func() error { _, err := client.TenantDelete(ctx, TenantRef{}); return err },
		"TokenCreate":   func() error { _, err := client.TokenCreate(ctx, TokenSpec{}); return err },
		"TokenList":     func() error { _, err := client.TokenList(ctx, TenantRef{}); return err },
		"TokenRevoke":   func() error { _, err := client.TokenRevoke(ctx, TokenRef{}); return err },
		"AccountCreate": func() error { _, err := client.AccountCreate(ctx, AccountSpec{}); return err },
		"AccountList":   func() error { _, err := client.AccountList(ctx, TenantRef{}); return err },
		"SchemaLoad":    func() error { _, err := client.SchemaLoad(ctx, SchemaSpec{}); return err },
		"SchemaShow":    func() error { _, err := client.SchemaShow(ctx, TenantRef{}); return err },
		"Check":         func() error { _, err := client.Check(ctx, CheckSpec{}); return err },
		"Explain":       func() error { _, err := client.Explain(ctx, ExplainSpec{}); return err },
	} {
		require.EqualError(t, op(), name, "the server runs another operation")
	}
	_, err := call[None](ctx, client, "tenant.paint", None{})
	require.ErrorContains(t, err, "does not know the operation")
	_, err = call[None](ctx, client, "tenant.list", map[string]int{"colour": 1})
	require.ErrorContains(t, err, "its own version")
}

func TestStaleSocketIsNoServer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "admin.sock")
	_, err := Dial(t.Context(), path)
	require.ErrorIs(t, err, ErrNotRunning, "no file")

	// A killed process leaves its socket file behind.
	ln, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	require.NoError(t, err)
	ln.SetUnlinkOnClose(false)
	require.NoError(t, ln.Close())
	require.FileExists(t, path)
	_, err = Dial(t.Context(), path)
	require.ErrorIs(t, err, ErrNotRunning, "a file nobody listens on")

	srv, err := Listen(path, fake{})
	require.NoError(t, err, "a new server takes the place over")
	require.NoError(t, srv.Shutdown(t.Context()))
}

func TestSocketPathTooLong(t *testing.T) {
	path := filepath.Join(t.TempDir(), strings.Repeat("x", 120), "admin.sock")
	_, err := Listen(path, fake{})
	require.ErrorContains(t, err, "choose a shorter data_dir")
	_, err = Dial(t.Context(), path)
	require.ErrorIs(t, err, ErrNotRunning)
}

// refusing answers each operation with an error that is the operation's name.
type refusing struct{}

func (refusing) Status(context.Context, None) (Status, error) { return Status{}, Failed("Status") }
func (refusing) TenantCreate(context.Context, TenantSpec) (Tenant, error) {
	return Tenant{}, Failed("TenantCreate")
}
func (refusing) TenantList(context.Context, None) ([]TenantInfo, error) {
	return nil, Failed("TenantList")
}
func (refusing) TenantShow(context.Context, TenantRef) (TenantInfo, error) {
	return TenantInfo{}, Failed("TenantShow")
}
func (refusing) TenantSet(context.Context, TenantChange) (TenantInfo, error) {
	return TenantInfo{}, Failed("TenantSet")
}
func (refusing) TenantPause(context.Context, TenantRef) (TenantInfo, error) {
	return TenantInfo{}, Failed("TenantPause")
}
func (refusing) TenantResume(context.Context, TenantRef) (TenantInfo, error) {
	return TenantInfo{}, Failed("TenantResume")
}
func (refusing) TenantDelete(context.Context, TenantRef) (None, error) {
	return None{}, Failed("TenantDelete")
}
func (refusing) TokenCreate(context.Context, TokenSpec) (NewToken, error) {
	return NewToken{}, Failed("TokenCreate")
}
func (refusing) TokenList(context.Context, TenantRef) ([]Token, error) {
	return nil, Failed("TokenList")
}
func (refusing) TokenRevoke(context.Context, TokenRef) (Token, error) {
	return Token{}, Failed("TokenRevoke")
}
func (refusing) AccountCreate(context.Context, AccountSpec) (Account, error) {
	return Account{}, Failed("AccountCreate")
}
func (refusing) AccountList(context.Context, TenantRef) ([]Account, error) {
	return nil, Failed("AccountList")
}
func (refusing) SchemaLoad(context.Context, SchemaSpec) (SchemaChange, error) {
	return SchemaChange{}, Failed("SchemaLoad")
}
func (refusing) SchemaShow(context.Context, TenantRef) (Schema, error) {
	return Schema{}, Failed("SchemaShow")
}
func (refusing) Check(context.Context, CheckSpec) (CheckReport, error) {
	return CheckReport{}, Failed("Check")
}
func (refusing) Explain(context.Context, ExplainSpec) (Explanation, error) {
	return Explanation{}, Failed("Explain")
}
