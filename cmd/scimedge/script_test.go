package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestScripts runs the scripts against the real binary. Beside testscript's own
// commands they have:
//
//	start [args]         run `scimedge serve` until the script ends; sets $EDGE and $ADMIN
//	shutdown, crash      end it with SIGTERM (exit code 0 wanted) or SIGKILL
//	reload PATTERN       send SIGHUP and wait until the server's log matches
//	logged PATTERN       wait until the server's log matches; with ! it does not by now
//	damage FILE TEXT     flip a bit in every place where FILE holds TEXT, a store's record
//	fails CODE COMMAND...  the command ends with this exit code
//	guide NAME           run a curl command of the guide, with $DOMAIN and $TOKEN for its placeholders
//	call METHOD URL [BODY]  call with curl, keeping cookies; the status is the last line
//	portal TENANT        tenant TENANT with the account ada@acme.example, served over TLS; sets $DOMAIN
//	token NAME           sign in and create a token as the portal does; sets $TOKEN, $TOKEN_ID and $TOKEN_PREFIX
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
			"start":    cmdStart,
			"shutdown": cmdShutdown,
			"crash":    cmdCrash,
			"reload":   cmdReload,
			"logged":   cmdLogged,
			"damage":   cmdDamage,
			"fails":    cmdFails,
			"guide":    cmdGuide,
			"call":     cmdCall,
			"portal":   cmdPortal,
			"token":    cmdToken,
			"json":     cmdJSON,
			"keys":     cmdKeys,
			"capture":  cmdCapture,
		},
	})
}

type serverKey struct{}

// background is what a script's background server is kept in.
type background struct{ *process }

func setupScript(env *testscript.Env) error {
	s := &background{}
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

func serverOf(ts *testscript.TestScript) *background { return ts.Value(serverKey{}).(*background) }

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

func cmdShutdown(ts *testscript.TestScript, neg bool, args []string) {
	s := serverOf(ts)
	ts.Check(s.stop())
	ts.Logf("%s", s.stderr)
	s.process = nil
}

func cmdCrash(ts *testscript.TestScript, neg bool, args []string) {
	s := serverOf(ts)
	s.kill()
	s.process = nil
}

func cmdReload(ts *testscript.TestScript, neg bool, args []string) {
	ts.Check(serverOf(ts).cmd.Process.Signal(syscall.SIGHUP))
	cmdLogged(ts, false, args)
}

func cmdLogged(ts *testscript.TestScript, neg bool, args []string) {
	s := serverOf(ts)
	want := regexp.MustCompile(args[0])
	if neg {
		if want.MatchString(s.stderr.String()) {
			ts.Fatalf("the log matches %s:\n%s", want, s.stderr)
		}
		return
	}
	for deadline := time.Now().Add(patience); !want.MatchString(s.stderr.String()); {
		if time.Now().After(deadline) {
			ts.Fatalf("the log does not match %s:\n%s", want, s.stderr)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func cmdDamage(ts *testscript.TestScript, neg bool, args []string) {
	b := []byte(ts.ReadFile(args[0]))
	text := []byte(args[1])
	n := bytes.Count(b, text)
	if n == 0 {
		ts.Fatalf("%s does not hold %q", args[0], text)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), bytes.ReplaceAll(b, text, append([]byte{text[0] ^ 1}, text[1:]...)), 0o600))
}

func cmdFails(ts *testscript.TestScript, neg bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	if !errors.As(err, &exit) || strconv.Itoa(exit.ExitCode()) != args[0] {
		ts.Fatalf("want exit code %s: %v", args[0], err)
	}
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

func cmdCall(ts *testscript.TestScript, neg bool, args []string) {
	curl := []string{"-sS", "-X", args[0], args[1], "-b", ts.MkAbs("cookies"), "-c", ts.MkAbs("cookies"), "-w", "\n%{http_code}"}
	if token := ts.Getenv("TOKEN"); strings.Contains(args[1], "/scim/v2") && token != "" {
		curl = append(curl, "-H", "Authorization: Bearer "+token)
	}
	if len(args) > 2 {
		body := args[2]
		if strings.HasSuffix(body, ".json") {
			body = expand(ts, ts.ReadFile(body))
		}
		curl = append(curl, "-H", "Content-Type: application/json", "-d", body)
	}
	ts.Check(ts.Exec("curl", curl...))
}

// expand fills in variables, which have capital letters; $ref is SCIM's own.
func expand(ts *testscript.TestScript, text string) string {
	return os.Expand(text, func(name string) string {
		if name != strings.ToUpper(name) {
			return "$" + name
		}
		return ts.Getenv(name)
	})
}

const portalPassword = "correct horse battery staple"

func cmdPortal(ts *testscript.TestScript, neg bool, args []string) {
	tenant := args[0]
	config := "version: 1\ndata_dir: data\ntls:\n"
	for _, host := range scriptHosts() {
		config += fmt.Sprintf("  %s: {cert: cert.pem, key: key.pem}\n", host)
	}
	ts.Check(os.WriteFile(ts.MkAbs("portal.yaml"), []byte(config), 0o600))
	ts.Setenv("SCIMEDGE_CONFIG", ts.MkAbs("portal.yaml"))
	ts.Check(ts.Exec("scimedge", "tenant", "create", tenant, "--host", tenant+".localhost"))
	ts.Check(ts.Exec("sh", "-c", fmt.Sprintf("echo %q | scimedge account create --tenant %s --email ada@acme.example --permission sso:configure --password-stdin", portalPassword, tenant)))
	cmdStart(ts, false, nil)
	ts.Setenv("DOMAIN", tenant+".localhost:"+ts.Getenv("PORT"))
}

func cmdToken(ts *testscript.TestScript, neg bool, args []string) {
	api := "https://" + ts.Getenv("DOMAIN") + "/api/v1"
	idp, _, _ := strings.Cut(args[0], "-")
	if idp == "pilot" {
		idp = ""
	}
	cmdCall(ts, false, []string{"POST", api + "/session", fmt.Sprintf(`{"email":"ada@acme.example","password":%q}`, portalPassword)})
	cmdCall(ts, false, []string{"POST", api + "/scim/tokens", fmt.Sprintf(`{"name":%q,"idp":%q,"expires_in_days":90}`, args[0], idp)})
	cmdCapture(ts, false, []string{"TOKEN", "token"})
	cmdCapture(ts, false, []string{"TOKEN_ID", "id"})
	cmdCapture(ts, false, []string{"TOKEN_PREFIX", "prefix"})
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
// is the whole. What is missing is nil; "len" is an array's length.
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
			case step == "len":
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
