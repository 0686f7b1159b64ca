package main

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"scimedge/bench/internal/fakescim"
)

func TestAllProvidersIntoOneTenant(t *testing.T) {
	s := fakescim.New(t)
	var out bytes.Buffer
	if err := run(t.Context(), []string{"-token", s.Token, "-users", "20", "-groups", "2", s.URL}, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(out.String(), "; verified"); n != 8 {
		t.Errorf("%d providers verified, want 8:\n%s", n, &out)
	}
	if s.Count("users") != 160 || s.Count("groups") != 16 {
		t.Errorf("%d users and %d groups", s.Count("users"), s.Count("groups"))
	}
}

func TestWrongUse(t *testing.T) {
	for _, args := range []string{"", "http://192.0.2.1/scim/v2", "-provider nobody http://127.0.0.1:1/", "ftp://127.0.0.1/"} {
		if err := run(t.Context(), strings.Fields(args), io.Discard, io.Discard); err == nil {
			t.Errorf("sync %s gave no error", args)
		}
	}
}
