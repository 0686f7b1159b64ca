package tenancy

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/kv/memkv"
)

func on() *bool  { v := true; return &v }
func off() *bool { v := false; return &v }

func TestSettingsOverrideDefaults(t *testing.T) {
	for _, sw := range Switches() {
		var s Settings
		require.Equal(t, sw.Default, s.On(sw.Name), sw.Name)
		s.Switches = map[string]bool{sw.Name: !sw.Default}
		require.Equal(t, !sw.Default, s.On(sw.Name), sw.Name)
	}
}

func TestSetSettings(t *testing.T) {
	leniencies := Options{Leniencies: []string{"any_country", "boolean_strings"}}
	for mode, o := range map[string]memkv.Options{"default": {}, "hostile": {Hostile: true}, "limited": {Limited: true}} {
		t.Run(mode, func(t *testing.T) {
			w := newWorld(t, memkv.New(o), leniencies)
			before := w.at("acme")
			set := func(c SettingsChange) {
				t.Helper()
				require.NoError(t, w.SetSettings(w.ctx, "acme", c, tester))
			}
			set(SettingsChange{
				Leniencies: map[string]*bool{"boolean_strings": off()},
				Switches:   map[string]*bool{SwitchRequireIfMatch: on(), SwitchPatch: off()},
			})
			want := Settings{Leniencies: map[string]bool{"boolean_strings": false}, Switches: map[string]bool{SwitchRequireIfMatch: true, SwitchPatch: false}}
			require.Equal(t, want, w.at("acme").Settings)
			require.Equal(t, Settings{}, before.Settings, "a tenant handed out never changes")
			require.Equal(t, Settings{}, w.at("acme-staging").Settings)

			// One goes back, one changes, one stays, and what is set already is nothing new.
			set(SettingsChange{
				Leniencies: map[string]*bool{"boolean_strings": nil, "any_country": off()},
				Switches:   map[string]*bool{SwitchPatch: off()},
			})
			want.Leniencies = map[string]bool{"any_country": false}
			require.Equal(t, want, w.at("acme").Settings)
			set(SettingsChange{Leniencies: map[string]*bool{"any_country": off(), "boolean_strings": nil}})

			trail, err := w.Audit(w.ctx, "acme", 1, 10)
			require.NoError(t, err)
			require.Len(t, trail, 2, "what changes nothing is not recorded")
			require.Equal(t, []any{ActionTenantSettings, "boolean_strings=off patch=off require_if_match=on", "cli:test"}, []any{trail[0].Action, trail[0].Detail, trail[0].By})
			require.Equal(t, "any_country=off boolean_strings=default", trail[1].Detail)

			// They are in the row, and the listed tenant is a copy.
			reopened, err := Open(w.ctx, w.store, leniencies)
			require.NoError(t, err)
			got, err := reopened.TenantByName(w.ctx, "acme")
			require.NoError(t, err)
			require.Equal(t, want, got.Settings)
			got.Settings.Switches[SwitchPatch] = true
			require.False(t, w.at("acme").Settings.On(SwitchPatch))

			set(SettingsChange{Leniencies: map[string]*bool{"any_country": nil}, Switches: map[string]*bool{SwitchPatch: nil, SwitchRequireIfMatch: nil}})
			require.Equal(t, Settings{}, w.at("acme").Settings)
		})
	}
}

func TestSetSettingsRefusesUnknownNames(t *testing.T) {
	w := newWorld(t, memkv.New(memkv.Options{}), Options{Leniencies: []string{"any_country"}})
	for field, c := range map[string]SettingsChange{
		"leniencies": {Leniencies: map[string]*bool{"any_county": on()}, Switches: map[string]*bool{SwitchPatch: off()}},
		"switches":   {Leniencies: map[string]*bool{"any_country": off()}, Switches: map[string]*bool{"pach": nil}},
	} {
		for _, err := range []error{w.SetSettings(w.ctx, "acme", c, tester), w.CheckSettings(c)} {
			var e *Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, field, e.Field)
			require.Contains(t, e.Message, "choose from")
		}
	}
	require.Equal(t, Settings{}, w.at("acme").Settings)
	require.ErrorIs(t, w.SetSettings(w.ctx, "nobody", SettingsChange{}, tester), ErrNotFound)
}

func TestME03_ATokenMayStandForAUser(t *testing.T) {
	w := newWorld(t, memkv.New(memkv.Options{}), Options{})
	const ada = "01980f2c-7d1e-7c3a-9b60-5f2f3a9e4c11"
	token, text := w.token("acme", NewToken{Name: "ada", User: ada})
	require.Equal(t, ada, token.User)
	list, err := w.Tokens(w.ctx, "acme")
	require.NoError(t, err)
	require.Equal(t, ada, list[0].User)
	require.Equal(t, ReasonNone, w.auth(w.at("acme"), text))
	for _, id := range []string{"ada", "01980F2C-7D1E-7C3A-9B60-5F2F3A9E4C11", "01980f2c7d1e7c3a9b605f2f3a9e4c11", ada + "0", "01980f2c-7d1e-7c3a-9b60-5f2f3a9e4c1g", "01980f2c-7d1e-7c3a-9b60_5f2f3a9e4c11"} {
		_, _, err := w.CreateToken(w.ctx, "acme", NewToken{Name: "x", User: id}, tester)
		var e *Error
		require.ErrorAs(t, err, &e, id)
		require.Equal(t, "user", e.Field)
	}
}

// TestSwitchesAreDocumented: the reference has a row for each, with its default.
func TestSwitchesAreDocumented(t *testing.T) {
	page, err := os.ReadFile("../docs/reference/cli.md")
	require.NoError(t, err)
	for _, sw := range Switches() {
		on := sw.Default
		require.Contains(t, string(page), "\n| `"+sw.Name+"` | "+position(&on)+" | ")
	}
}
