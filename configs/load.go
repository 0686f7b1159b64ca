package configs

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

//go:embed scimedge.example.yaml
var example string

// Example is a configuration file with every key, its default and what it is for.
func Example() string { return example }

// Load reads the file at path, or the defaults when path is empty, overrides it
// by environment variables in the form of os.Environ, and checks the outcome.
//
// A variable is named after its key: SCIMEDGE_LIMITS_MAX_BODY for
// limits.max_body; a list is separated by commas. Other variables that begin
// with SCIMEDGE_ are left alone, since the surroundings may set some.
func Load(path string, env []string) (Config, error) {
	cfg := Default()
	if path != "" {
		text, err := os.ReadFile(path)
		if err != nil {
			return cfg, fmt.Errorf("the configuration cannot be read: %w", err)
		}
		if err := parse(text, &cfg); err != nil {
			return cfg, fmt.Errorf("%s: %w", path, err)
		}
	}
	if err := override(&cfg, env); err != nil {
		return cfg, err
	}
	if err := cfg.Validate(); err != nil {
		if path != "" {
			err = fmt.Errorf("%s: %w", path, err)
		}
		return cfg, err
	}
	return cfg, nil
}

// parse reads text over the defaults in cfg.
func parse(text []byte, cfg *Config) error {
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return located(err)
	}
	var root ast.Node
	for _, doc := range file.Docs {
		if doc.Body == nil || doc.Body.Type() == ast.CommentType {
			continue
		}
		if root != nil {
			return errors.New("the configuration is one YAML document, not several")
		}
		root = doc.Body
	}
	if root == nil {
		return errNoVersion
	}
	if err := errors.Join(unknownKeys(root, reflect.TypeFor[Config](), "")...); err != nil {
		return err
	}
	cfg.Version = 0 // has to be in the file
	if err := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict()).Decode(cfg); err != nil {
		return located(err)
	}
	if cfg.Version == 0 {
		return errNoVersion
	}
	return nil
}

var errNoVersion = fmt.Errorf("the configuration must say its version: write `version: %d`", Version)

// located puts the position of a parser's error first, in one line.
func located(err error) error {
	var at yaml.Error
	if !errors.As(err, &at) || at.GetToken() == nil {
		return err
	}
	p := at.GetToken().Position
	return fmt.Errorf("line %d, column %d: %s", p.Line, p.Column, at.GetMessage())
}

// unknownKeys finds every key that t has no place for. The decoder would stop at
// one of them, in no particular order, and would not say which key was meant.
func unknownKeys(node ast.Node, t reflect.Type, path string) []error {
	var problems []error
	names, types := []string(nil), map[string]reflect.Type(nil)
	switch {
	case isSection(t):
		names, types = keysOf(t)
	case t.Kind() == reflect.Map && isSection(t.Elem()):
	default:
		return nil
	}
	for _, pair := range pairs(node) {
		name := pair.Key.GetToken().Value
		below := t
		if types == nil {
			below = t.Elem()
		} else if f, ok := types[name]; ok {
			below = f
		} else {
			problems = append(problems, unknownKey(pair, name, path, names))
			continue
		}
		problems = append(problems, unknownKeys(pair.Value, below, joinPath(path, name))...)
	}
	return problems
}

func pairs(node ast.Node) []*ast.MappingValueNode {
	switch n := node.(type) {
	case *ast.MappingNode:
		return n.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}
	}
	return nil // of the wrong kind, which the decoder reports
}

func unknownKey(pair *ast.MappingValueNode, name, path string, names []string) error {
	p := pair.Key.GetToken().Position
	hint := "the keys here are " + strings.Join(names, ", ")
	if near := nearest(name, names); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	return fmt.Errorf("line %d, column %d: unknown key %q; %s", p.Line, p.Column, joinPath(path, name), hint)
}

// override sets what the environment names.
func override(cfg *Config, env []string) error {
	values := map[string]string{}
	for _, e := range env {
		if name, value, ok := strings.Cut(e, "="); ok {
			values[name] = value
		}
	}
	var problems []error
	for _, f := range fields(reflect.ValueOf(cfg).Elem(), "") {
		value, ok := values[f.env]
		if !ok {
			continue
		}
		if err := setText(f.value, value); err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", f.env, err))
		}
	}
	return errors.Join(problems...)
}

func setText(v reflect.Value, text string) error {
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
		return nil
	case reflect.Slice:
		list := []string{}
		for _, s := range strings.Split(text, ",") {
			if s = strings.TrimSpace(s); s != "" {
				list = append(list, s)
			}
		}
		quoted, err := yaml.Marshal(list)
		if err != nil {
			return err
		}
		text = string(quoted)
	}
	if err := yaml.Unmarshal([]byte(text), v.Addr().Interface()); err != nil {
		var at yaml.Error
		if errors.As(err, &at) {
			return fmt.Errorf("%q: %s", text, at.GetMessage()) // positions mean nothing here
		}
		return err
	}
	return nil
}
