package directories

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/directory"
	"scimedge/kv"
	"scimedge/kv/memkv"
	"scimedge/scimcore"
	"scimedge/tenancy"
)

func TestDirectoryFollowsProfileAndSettings(t *testing.T) {
	store := memkv.New(memkv.Options{})
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	c, err := New(store, directory.Options{})
	require.NoError(t, err)
	of := func(id, profile string, leniencies map[string]bool, switches map[string]bool) *directory.Directory {
		d, err := c.Of(&tenancy.Tenant{ID: id, Profile: profile, Settings: tenancy.Settings{Leniencies: leniencies, Switches: switches}})
		require.NoError(t, err)
		return d
	}
	for _, row := range []struct {
		name       string
		profile    string
		leniencies map[string]bool
		want       scimcore.Dialect
	}{
		{"lenient", tenancy.ProfileLenient, nil, scimcore.Lenient()},
		{"strict", tenancy.ProfileStrict, nil, scimcore.Strict()},
		{"one off", tenancy.ProfileLenient, map[string]bool{"any_country": false}, func() scimcore.Dialect { d := scimcore.Lenient(); d.AnyCountry = false; return d }()},
		{"two on", tenancy.ProfileStrict, map[string]bool{"any_country": true, "pathless_patch": true}, scimcore.Dialect{AnyCountry: true, PathlessPatch: true}},
		{"a name of another version", tenancy.ProfileStrict, map[string]bool{"gone": true}, scimcore.Strict()},
	} {
		require.Equal(t, row.want, of("a", row.profile, row.leniencies, nil).Dialect(), row.name)
	}

	// A directory holds locks: what reads the same is the same one.
	first := of("a", tenancy.ProfileLenient, nil, nil)
	require.Same(t, first, of("a", tenancy.ProfileLenient, map[string]bool{"any_country": true}, nil))
	require.Same(t, first, of("a", tenancy.ProfileLenient, nil, map[string]bool{tenancy.SwitchPatch: false}))
	require.NotSame(t, first, of("b", tenancy.ProfileLenient, nil, nil))
	c.Forget("a")
	require.NotSame(t, first, of("a", tenancy.ProfileLenient, nil, nil))
}

func TestFindingADirectoryMakesNothing(t *testing.T) {
	store := memkv.New(memkv.Options{})
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	c, err := New(store, directory.Options{})
	require.NoError(t, err)
	tenant := &tenancy.Tenant{ID: "a", Profile: tenancy.ProfileLenient}
	require.Zero(t, testing.AllocsPerRun(100, func() { _, _ = c.Of(tenant) }))
}

// slowReads holds the reads of one partition up until it is opened.
type slowReads struct {
	kv.Store
	of            kv.Partition
	entered, open chan struct{}
}

func (s *slowReads) View(ctx context.Context, p kv.Partition, fn func(kv.Reader) error) error {
	if p == s.of {
		s.entered <- struct{}{}
		<-s.open
	}
	return s.Store.View(ctx, p, fn)
}

// TEN-03: while the schema of one tenant is read, requests of others go on. What
// was let go of meanwhile is not kept.
func TestMakingADirectoryKeepsNobodyWaiting(t *testing.T) {
	a, b := &tenancy.Tenant{ID: "a"}, &tenancy.Tenant{ID: "b"}
	slow := &slowReads{memkv.New(memkv.Options{}), a.Partition(), make(chan struct{}), make(chan struct{})}
	c, err := New(slow, directory.Options{})
	require.NoError(t, err)
	made := make(chan *directory.Directory)
	of := func() {
		d, _ := c.Of(a)
		made <- d
	}
	go of()
	<-slow.entered
	other, err := c.Of(b)
	require.NoError(t, err)
	c.Forget(a.ID)
	again, err := c.Of(b)
	require.NoError(t, err)
	require.Same(t, other, again)
	slow.open <- struct{}{}
	first := <-made
	go of()
	<-slow.entered
	slow.open <- struct{}{}
	second := <-made
	require.NotNil(t, first)
	require.NotSame(t, first, second)
	kept, err := c.Of(a)
	require.NoError(t, err)
	require.Same(t, second, kept)
}
