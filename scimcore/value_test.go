package scimcore

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestValue_Types reads one value of every type; want "" means 400 invalidValue.
func TestValue_Types(t *testing.T) {
	device := customType(t)
	for _, c := range []struct{ id, attr, raw, want string }{
		{"SCH-12 decimal", "weight", `0.1`, `0.1`},
		{"SCH-12 digits stay", "weight", `12345678901234567890.25000`, `12345678901234567890.25000`},
		{"SCH-12 exponent", "weight", `-1.5E+3`, `-1.5E+3`},
		{"SCH-12 text", "weight", `"1"`, ``},
		{"SCH-13 integer", "slots", `-7`, `-7`},
		{"SCH-13 int64 low", "slots", `-9223372036854775808`, `-9223372036854775808`},
		{"SCH-13 int64 high", "slots", `9223372036854775807`, `9223372036854775807`},
		{"SCH-13 too high", "slots", `9223372036854775808`, ``},
		{"SCH-13 fraction", "slots", `1.0`, ``},
		{"SCH-13 exponent", "slots", `1e3`, ``},
		{"SCH-14 UTC", "bought", `"2011-05-13T04:42:34Z"`, `"2011-05-13T04:42:34.000Z"`},
		{"SCH-14 offset", "bought", `"2011-05-13T04:42:34+02:00"`, `"2011-05-13T02:42:34.000Z"`},
		{"SCH-14 negative offset over midnight", "bought", `"2011-12-31T23:00:00-05:30"`, `"2012-01-01T04:30:00.000Z"`},
		{"SCH-14 no zone is UTC", "bought", `"2011-05-13T04:42:34"`, `"2011-05-13T04:42:34.000Z"`},
		{"SCH-14 fraction", "bought", `"2011-05-13T04:42:34.5Z"`, `"2011-05-13T04:42:34.500Z"`},
		{"SCH-14 long fraction", "bought", `"2011-05-13T04:42:34.1234567891234Z"`, `"2011-05-13T04:42:34.123Z"`},
		{"SCH-14 leap day", "bought", `"2024-02-29T00:00:00Z"`, `"2024-02-29T00:00:00.000Z"`},
		{"SCH-14 end of day", "bought", `"2024-12-31T24:00:00Z"`, `"2025-01-01T00:00:00.000Z"`},
		{"SCH-14 date only", "bought", `"2011-05-13"`, ``},
		{"SCH-14 no leap day", "bought", `"2023-02-29T00:00:00Z"`, ``},
		{"SCH-14 month 13", "bought", `"2023-13-01T00:00:00Z"`, ``},
		{"SCH-14 day 0", "bought", `"2023-01-00T00:00:00Z"`, ``},
		{"SCH-14 hour 25", "bought", `"2023-01-01T25:00:00Z"`, ``},
		{"SCH-14 24:00:01", "bought", `"2023-01-01T24:00:01Z"`, ``},
		{"SCH-14 second 60", "bought", `"2023-01-01T00:00:60Z"`, ``},
		{"SCH-14 one-digit hour", "bought", `"2023-01-01T1:00:00Z"`, ``},
		{"SCH-14 comma", "bought", `"2023-01-01T01:00:00,5Z"`, ``},
		{"SCH-14 dot without digits", "bought", `"2023-01-01T01:00:00.Z"`, ``},
		{"SCH-14 space", "bought", `"2023-01-01 01:00:00Z"`, ``},
		{"SCH-14 offset over 14", "bought", `"2023-01-01T01:00:00+15:00"`, ``},
		{"SCH-14 offset without colon", "bought", `"2023-01-01T01:00:00+0100"`, ``},
		{"SCH-14 year left by the offset", "bought", `"9999-12-31T23:00:00-05:00"`, ``},
		{"SCH-14 number", "bought", `1700000000`, ``},
		{"SCH-15 base64", "key", `"+/8="`, `"+/8="`},
		{"SCH-15 without padding", "key", `"+/8"`, `"+/8"`},
		{"SCH-15 base64url", "key", `"-_8"`, `"-_8"`},
		{"SCH-15 mixed alphabets", "key", `"-/8="`, ``},
		{"SCH-15 too much padding", "key", `"QQ==="`, ``},
		{"SCH-15 wrong padding", "key", `"QUI=="`, ``},
		{"SCH-15 not base64", "key", `"a b"`, ``},
		{"SCH-15 line breaks", "key", `"QUJD\nQUJD"`, ``},
		{"SCH-15 number", "key", `1`, ``},
		{"SCH-16 absolute", "page", `"https://a.example/b?c=d#e"`, `"https://a.example/b?c=d#e"`},
		{"SCH-16 relative", "page", `"Users/1"`, `"Users/1"`},
		{"SCH-16 URN", "page", `"urn:a:b"`, `"urn:a:b"`},
		{"SCH-16 space", "page", `"a b"`, ``},
		{"SCH-16 bad escape", "page", `"a%zz"`, ``},
		{"SCH-16 empty", "page", `""`, ``},
		{"multi-valued strings", "tags", `["a","b","a"]`, `["a","b","a"]`},
		{"wrong element", "tags", `["a",1]`, ``},
		{"object element", "tags", `[{"value":"a"}]`, ``},
		{"multi-valued integers", "ports", `[80,443]`, `[80,443]`},
	} {
		t.Run(c.id, func(t *testing.T) {
			doc := NewDoc(device)
			n, err := ReadValue(doc, Root, device.Root.Sub(c.attr), []byte(c.raw), Strict(), nil)
			if c.want == "" {
				refused(t, err, InvalidValue, c.attr)
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.want, string(doc.appendValue(nil, n)))
		})
	}
}

func TestRES10_Certificate(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	tpl := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1, 0)}
	der, err := x509.CreateCertificate(rand.Reader, tpl, tpl, &key.PublicKey, key)
	require.NoError(t, err)
	user, _ := stockTypes(t)
	parse := func(value string) error {
		_, err := Parse(user, []byte(`{"userName":"a","x509Certificates":[{"value":"`+value+`"}]}`), Lenient(), nil)
		return err
	}
	std := base64.StdEncoding.EncodeToString(der)
	require.NoError(t, parse(std))
	require.NoError(t, parse(strings.TrimRight(std, "=")))
	require.NoError(t, parse(base64.URLEncoding.EncodeToString(der)))
	refused(t, parse(base64.StdEncoding.EncodeToString(append(der, 0))), InvalidValue, "x509Certificates[0].value")
	refused(t, parse(base64.StdEncoding.EncodeToString(der[:len(der)-1])), InvalidValue, "X.509")
	refused(t, parse("-----BEGIN CERTIFICATE-----"+std), InvalidValue, "base64")
}

func TestParseDateTime_AgreesWithTime(t *testing.T) {
	for _, s := range []string{"2023-10-29T02:30:00.25+01:00", "0001-01-01T00:00:00Z", "1969-12-31T23:59:59.999Z", "2000-02-29T12:00:00-14:00"} {
		want, err := time.Parse(time.RFC3339Nano, s)
		require.NoError(t, err)
		got, ok := parseDateTime([]byte(s))
		require.True(t, ok)
		require.True(t, got.Equal(want), s)
	}
}

// TestAppendTime: the hand-written form is the layout's.
func TestAppendTime(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		at := time.UnixMilli(rapid.Int64Range(-62_167_219_200_000, 253_402_300_799_999).Draw(rt, "ms"))
		require.Equal(rt, at.UTC().Format(timeLayout), string(appendTime(nil, at)))
	})
}
