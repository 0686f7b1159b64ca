package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "scimedge/"

// rooms lists what each room may import of the others. A room stands for its
// folder and everything below it, the longest match first. Tests may reach
// further: they wire rooms together.
var rooms = map[string][]string{
	"scimcore":             {},
	"kv":                   {},
	"kv/internal":          {"kv"},
	"kv/boltkv":            {"kv", "kv/internal"},
	"kv/memkv":             {"kv", "kv/internal"},
	"kv/kvtest":            {"kv"},
	"metrics":              {"internal/buildinfo"},
	"configs":              {},
	"internal/httpx":       {"tenancy", "internal/buildinfo"},
	"internal/arch":        {},
	"internal/buildinfo":   {},
	"internal/conformance": {"internal/thirdparty"}, // its report shows their deviations
	"internal/directories": {"kv", "scimcore", "directory", "tenancy"},
	"internal/thirdparty":  {}, // it runs the binary
	"directory":            {"kv", "scimcore"},
	"tenancy":              {"kv"},
	"proxy":                {"internal/httpx", "scimcore", "directory", "tenancy", "metrics", "kv"},
	"portal":               {"internal/httpx", "directory", "tenancy"},
	// The harness of the tests wires the whole stack, like cmd does.
	"internal/proxytest": {"proxy", "portal", "internal/httpx", "internal/directories", "scimcore", "directory", "tenancy", "metrics", "kv", "kv/memkv", "kv/boltkv"},
	// Load and identity providers speak HTTP only; the floors measure the engine.
	"bench":       {},
	"bench/floor": {"kv", "kv/boltkv"},
	"cmd":         {"*"},
}

// keepers lists outside libraries that only some rooms may import.
var keepers = map[string][]string{
	"go.etcd.io/bbolt":                     {"kv/boltkv"},
	"github.com/prometheus/":               {"metrics"},
	"github.com/valyala/fasthttp":          {"proxy", "internal/proxytest", "portal", "internal/httpx", "bench", "bench/floor", "cmd"},
	"github.com/fasthttp/router":           {"proxy", "bench", "bench/floor"},
	"github.com/hashicorp/golang-lru":      {"tenancy", "proxy"},
	"github.com/tidwall/btree":             {"kv", "kv/memkv", "kv/internal"},
	"github.com/alecthomas/kong":           {"cmd"},
	"github.com/goccy/go-yaml":             {"configs"},
	"github.com/go-json-experiment/json":   {"scimcore", "directory", "tenancy", "portal", "internal/httpx", "proxy", "internal/proxytest", "bench", "bench/floor", "cmd"},
	"net/http":                             {"metrics", "bench", "bench/floor", "cmd", "internal/proxytest"},
	"github.com/stretchr/testify":          {"kv/kvtest", "internal/proxytest"},
	"github.com/schollz/progressbar":       {"cmd"},
	"github.com/HdrHistogram/hdrhistogram": {"bench", "bench/floor"},
}

// source is one Go file of the product, tests left out.
type source struct {
	room    string
	path    string
	imports []string
	file    *ast.File
}

func sources(t *testing.T) []source {
	t.Helper()
	var out []source
	root := filepath.Join("..", "..")
	require.NoError(t, filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && (strings.HasPrefix(e.Name(), ".") && e.Name() != ".." || e.Name() == "testdata" || e.Name() == "node_modules"):
			return filepath.SkipDir
		case e.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution|parser.ParseComments)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		s := source{path: rel, room: roomOf(filepath.ToSlash(filepath.Dir(rel))), file: f}
		for _, imp := range f.Imports {
			p, err := strconv.Unquote(imp.Path.Value)
			if err != nil {
				return err
			}
			s.imports = append(s.imports, p)
		}
		out = append(out, s)
		return nil
	}))
	require.Greater(t, len(out), 50, "the walk found almost nothing: it looks in the wrong place")
	return out
}

// roomOf is the longest room that holds a folder, "" when none does.
func roomOf(folder string) string {
	for f := folder; f != "." && f != "/"; f = filepath.ToSlash(filepath.Dir(f)) {
		if _, ok := rooms[f]; ok {
			return f
		}
	}
	return ""
}

func TestRoomsImportOnlyWhatTheyMay(t *testing.T) {
	for _, s := range sources(t) {
		if !s.named(t) {
			continue
		}
		for _, imp := range s.imports {
			if !strings.HasPrefix(imp, module) {
				continue
			}
			to := roomOf(strings.TrimPrefix(imp, module))
			may := rooms[s.room]
			if to != s.room && !slices.Contains(may, to) && !slices.Contains(may, "*") {
				t.Errorf("%s: room %s may not import %s (allowed: %v)", s.path, s.room, imp, may)
			}
		}
	}
}

func (s source) named(t *testing.T) bool {
	if s.room == "" {
		t.Errorf("%s stands in no room: add its folder to the table, or move it", s.path)
	}
	return s.room != ""
}

func TestLibrariesStayBehindTheirRoom(t *testing.T) {
	used := map[string]bool{}
	for _, s := range sources(t) {
		for _, imp := range s.imports {
			for lib, may := range keepers {
				if imp != lib && !strings.HasPrefix(imp, strings.TrimSuffix(lib, "/")+"/") && !strings.HasPrefix(imp, lib+"-") {
					continue
				}
				used[lib] = true
				if !slices.Contains(may, s.room) {
					t.Errorf("%s: only %v may import %s", s.path, may, imp)
				}
			}
		}
	}
	for lib := range keepers {
		if !used[lib] {
			t.Errorf("nobody imports %s any more: take it out of the table", lib)
		}
	}
}

// TestScimcoreIsPure: no HTTP, no clock, no I/O in the protocol itself.
func TestScimcoreIsPure(t *testing.T) {
	for _, s := range sources(t) {
		if s.room != "scimcore" {
			continue
		}
		for _, imp := range s.imports {
			if slices.Contains([]string{"os", "net", "net/http", "log", "log/slog", "context", "math/rand"}, imp) {
				t.Errorf("%s imports %s", s.path, imp)
			}
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := sel.X.(*ast.Ident); ok && x.Name == "time" && (sel.Sel.Name == "Now" || sel.Sel.Name == "Since") {
					t.Errorf("%s reads the clock", s.path)
				}
			}
			return true
		})
	}
}

// TestNoHiddenState: no init(), and no package-level variable that is not an
// error value, a table that is only read, or an embedded file.
func TestNoHiddenState(t *testing.T) {
	for _, s := range sources(t) {
		for _, decl := range s.file.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				t.Errorf("%s: init() hides work from the reader; call it from main's start-up list", s.path)
			}
		}
	}
}

// TestEveryPackageSaysWhatItIsFor: a package comment in doc.go.
func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	said := map[string]bool{}
	for _, s := range sources(t) {
		dir := filepath.Dir(s.path)
		said[dir] = said[dir] || s.file.Doc != nil
	}
	for dir, ok := range said {
		if !ok {
			t.Errorf("%s has no package comment: add a doc.go that says what it is for, what it may import, and how data enters and leaves", dir)
		}
	}
}
