package main

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHealth(t *testing.T) {
	var failure error
	pages := adminPages(http.NotFoundHandler(), []healthCheck{
		{"store", func() error { return failure }},
		{"edge listener", func() error { return nil }},
	})
	get := func(path string) (int, string) {
		w := httptest.NewRecorder()
		pages.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w.Code, w.Body.String()
	}
	for _, tc := range []struct {
		failure error
		path    string
		code    int
		body    string
	}{
		{nil, "/readyz", 200, "ok\n"},
		{nil, "/readyz?verbose", 200, "[+] store: ok\n[+] edge listener: ok\nok\n"},
		{errors.New("disk gone"), "/readyz", 503, "[-] store: disk gone\nnot ready\n"},
		{errors.New("disk gone"), "/readyz?verbose", 503, "[-] store: disk gone\n[+] edge listener: ok\nnot ready\n"},
		{errors.New("disk gone"), "/livez", 200, "ok\n"},
	} {
		failure = tc.failure
		code, body := get(tc.path)
		require.Equal(t, tc.code, code, tc.path)
		require.Equal(t, tc.body, body, tc.path)
	}
	code, body := get("/")
	require.Equal(t, 200, code)
	require.Contains(t, body, "/readyz?verbose")
}
