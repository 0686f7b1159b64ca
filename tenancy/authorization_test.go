package tenancy

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAUTH07_ParseAuthorization(t *testing.T) {
	for header, want := range map[string]struct {
		token  string
		reason Reason
	}{
		"Bearer abc": {"abc", ""}, "bearer abc": {"abc", ""}, "BEARER abc": {"abc", ""}, "Bearer  abc": {"abc", ""},
		"Bearer     abc ": {"abc", ""}, " Bearer abc": {"abc", ""}, "Bearer a-._~+/z==": {"a-._~+/z==", ""},
		"": {"", ReasonMissing}, "   ": {"", ReasonMissing}, "\t": {"", ReasonMissing},
		"abc": {"", ReasonMissingScheme}, "scim_aaaaaaaa_bbb": {"", ReasonMissingScheme}, "Bearerabc": {"", ReasonMissingScheme},
		"Bearer: abc": {"", ReasonMissingScheme}, "Bearer\tabc": {"", ReasonMissingScheme}, "Token abc": {"", ReasonMissingScheme},
		"Bear": {"", ReasonMissingScheme}, "\u212aearer abc": {"", ReasonMissingScheme},
		"Bearer": {"", ReasonMalformed}, "Bearer ": {"", ReasonMalformed}, "Bearer    ": {"", ReasonMalformed},
		"Bearer abc def": {"", ReasonMalformed}, "Bearer Bearer abc": {"", ReasonMalformed}, "Bearer =abc": {"", ReasonMalformed},
		"Bearer ===": {"", ReasonMalformed}, "Bearer a=b": {"", ReasonMalformed}, "Bearer a\x00": {"", ReasonMalformed},
		"Bearer abc,def": {"", ReasonMalformed}, `Bearer "abc"`: {"", ReasonMalformed}, "Bearer \tabc": {"", ReasonMalformed},
	} {
		token, reason := ParseAuthorization([]byte(header))
		require.Equal(t, want.reason, reason, "%q", header)
		require.Equal(t, want.token, string(token), "%q", header)
	}
}

func TestAUTH13_BasicIsNotAScheme(t *testing.T) {
	_, reason := ParseAuthorization([]byte("Basic dXNlcjpwdw=="))
	require.Equal(t, ReasonMissingScheme, reason)
}

func FuzzParseAuthorization(f *testing.F) {
	for _, s := range []string{"Bearer abc", "bearer  x==", "Basic x", "", "Bearer", "Bearer a b"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, header []byte) {
		token, reason := ParseAuthorization(header)
		require.Equal(t, reason == ReasonNone, len(token) > 0)
		if reason == ReasonNone {
			require.True(t, isB64Token(token))
			require.True(t, bytes.HasSuffix(bytes.TrimRight(header, " \t"), token))
		}
	})
}
