package main

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestScripts runs the scripts against the real binary. Beside testscript's own
// commands they have:
//
//	start [args]         run `scimedge serve` until the script ends; sets $EDGE and $ADMIN
//	stop, kill           end it with SIGTERM (exit code 0 wanted) or SIGKILL
//	signal NAME PATTERN  send HUP and wait until the server's log matches
//	guide NAME           run a curl command of the guide, with $DOMAIN and $TOKEN for its placeholders
//	api METHOD URL [BODY]  call with curl, keeping cookies; the status is the last line
//	json PATH VALUE      the last output is JSON and has this there; "~ REGEXP" matches instead
//	keys PATH NAME...    the object there has exactly these members
//	capture VAR PATH     keep what is there in a variable
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               setupScript,
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"start":   cmdStart,
			"stop":    cmdStop,
			"kill":    cmdKill,
			"signal":  cmdSignal,
			"guide":   cmdGuide,
			"api":     cmdAPI,
			"json":    cmdJSON,
			"keys":    cmdKeys,
			"capture": cmdCapture,
		},
	})
}

type serverKey struct{}

// server is what a script's background server is kept in.
type server struct{ *process }

func setupScript(env *testscript.Env) error {
	s := &server{}
	env.Values[serverKey{}] = s
	env.Defer(func() {
		if s.process != nil {
			s.kill()
		}
	})
	// Listeners on free ports, so that scripts can run side by side.
	env.Setenv("SCIMEDGE_LISTEN", "127.0.0.1:0")
	env.Setenv("SCIMEDGE_ADMIN_LISTEN", "127.0.0.1:0")
	return setupTLS(env)
}

func serverOf(ts *testscript.TestScript) *server { return ts.Value(serverKey{}).(*server) }

func cmdStart(ts *testscript.TestScript, neg bool, args []string) {
	s := serverOf(ts)
	if s.process != nil {
		ts.Fatalf("a server runs already")
	}
	p, err := startProcess(ts.MkAbs("."), environment(ts), append([]string{"serve"}, args...)...)
	if err != nil {
		ts.Fatalf("%v", err)
	}
	s.process = p
	ts.Setenv("EDGE", p.edge)
	ts.Setenv("ADMIN", p.admin)
	_, port, _ := strings.Cut(p.edge, ":")
	ts.Setenv("PORT", port)
}

// environment is the script's own, which testscript does not hand out whole.
func environment(ts *testscript.TestScript) []string {
	var env []string
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "SCIMEDGE_CONFIG", "SCIMEDGE_LISTEN", "SCIMEDGE_ADMIN_LISTEN", "SCIMEDGE_DATA_DIR"} {
		if v := ts.Getenv(name); v != "" {
			env = append(env, name+"="+v)
		}
	}
	return env
}

func cmdStop(ts *testscript.TestScript, neg bool, args []string) {
	s := serverOf(ts)
	ts.Check(s.stop())
	ts.Logf("%s", s.stderr)
	s.process = nil
}

func cmdKill(ts *testscript.TestScript, neg bool, args []string) {
	s := serverOf(ts)
	s.kill()
	s.process = nil
}

func cmdGuide(ts *testscript.TestScript, neg bool, args []string) {
	text, err := os.ReadFile("testdata/guide/" + args[0] + ".sh")
	ts.Check(err)
	line := strings.NewReplacer(
		"YOUR_PORTAL_OR_ENTERPRISE_DOMAIN", ts.Getenv("DOMAIN"),
		"scim_your_token_here", ts.Getenv("TOKEN"),
	).Replace(string(text))
	if err := ts.Exec("sh", "-c", line); (err == nil) == neg {
		ts.Fatalf("%s\n%v", line, err)
	}
}

func cmdAPI(ts *testscript.TestScript, neg bool, args []string) {
	curl := []string{"-sS", "-X", args[0], args[1], "-b", ts.MkAbs("cookies"), "-c", ts.MkAbs("cookies"), "-w", `\n%{http_code}`}
	if token := ts.Getenv("TOKEN"); strings.Contains(args[1], "/scim/v2") && token != "" {
		curl = append(curl, "-H", "Authorization: Bearer "+token)
	}
	if len(args) > 2 {
		body := args[2]
		if strings.HasSuffix(body, ".json") {
			body = os.Expand(ts.ReadFile(body), ts.Getenv)
		}
		curl = append(curl, "-H", "Content-Type: application/json", "-d", body)
	}
	ts.Check(ts.Exec("curl", curl...))
}

func cmdJSON(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) == 3 && args[1] == "~" {
		got := at(ts, args[0])
		if regexp.MustCompile(args[2]).MatchString(got) == neg {
			ts.Fatalf("%s is %s", args[0], got)
		}
		return
	}
	if len(args) != 2 {
		ts.Fatalf("usage: json PATH VALUE, or json PATH ~ REGEXP")
	}
	if got := at(ts, args[0]); (got == args[1]) == neg {
		ts.Fatalf("%s is %s", args[0], got)
	}
}

func cmdKeys(ts *testscript.TestScript, neg bool, args []string) {
	obj, ok := find(ts, args[0]).(map[string]any)
	if !ok {
		ts.Fatalf("%s is no object", args[0])
	}
	var got []string
	for k := range obj {
		got = append(got, k)
	}
	want := slices.Clone(args[1:])
	slices.Sort(got)
	slices.Sort(want)
	if slices.Equal(got, want) == neg {
		ts.Fatalf("%s has the members %v, not %v", args[0], got, want)
	}
}

func cmdCapture(ts *testscript.TestScript, neg bool, args []string) {
	ts.Setenv(args[0], at(ts, args[1]))
}

// at is the text of what path leads to: strings bare, all else as JSON.
func at(ts *testscript.TestScript, path string) string {
	v := find(ts, path)
	if s, ok := v.(string); ok {
		return s
	}
	text, err := json.Marshal(v)
	ts.Check(err)
	return string(text)
}

// find follows a path such as Resources/0/userName through the last output; "."
// is the whole. What is missing is nil; "#" is an array's length.
func find(ts *testscript.TestScript, path string) any {
	var v any
	out := ts.ReadFile("stdout")
	if err := json.NewDecoder(strings.NewReader(out)).Decode(&v); err != nil {
		ts.Fatalf("the output is not JSON: %v\n%s", err, out)
	}
	if path == "." {
		return v
	}
	for _, step := range strings.Split(path, "/") {
		switch have := v.(type) {
		case map[string]any:
			v = have[step]
		case []any:
			i, err := strconv.Atoi(step)
			switch {
			case step == "#":
				v = len(have)
			case err != nil || i >= len(have):
				v = nil
			default:
				v = have[i]
			}
		case nil:
		default:
			ts.Fatalf("%s: %v has no %s", path, fmt.Sprint(v), step)
		}
	}
	return v
}
