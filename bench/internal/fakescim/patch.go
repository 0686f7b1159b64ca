package fakescim

import (
	"fmt"
	"strings"
)

// normalise applies what a lenient server does to every write.
func normalise(k *kind, in map[string]any) {
	for _, name := range []string{"password", "groups"} {
		delete(in, name)
	}
	if k.typ == "User" {
		switch strings.ToLower(text(in["active"])) {
		case "true", "":
			in["active"] = true
		case "false":
			in["active"] = false
		}
	}
	if mail, ok := in["emails"].(map[string]any); ok {
		in["emails"] = []any{mail}
	}
	if ext, ok := in[enterprise].(map[string]any); ok {
		if id, ok := ext["manager"].(string); ok {
			ext["manager"] = map[string]any{"value": id}
		}
	}
	for name, v := range in {
		if a, ok := v.([]any); v == nil || ok && len(a) == 0 {
			delete(in, name)
		}
	}
}

func patch(res map[string]any, message map[string]any) error {
	ops, ok := message["Operations"].([]any)
	if !ok || len(ops) == 0 {
		return fmt.Errorf("no Operations")
	}
	for _, o := range ops {
		op, _ := o.(map[string]any)
		verb, path := strings.ToLower(text(op["op"])), text(op["path"])
		if path == "" {
			value, ok := op["value"].(map[string]any)
			if !ok {
				return fmt.Errorf("no value")
			}
			for name, v := range value {
				if name == "id" && v != res["id"] {
					return fmt.Errorf("id differs")
				}
				if err := apply(res, verb, name, v); err != nil {
					return err
				}
			}
			continue
		}
		if err := apply(res, verb, path, op["value"]); err != nil {
			return err
		}
	}
	return nil
}

func apply(res map[string]any, verb, path string, value any) error {
	switch {
	case strings.EqualFold(path, "members"):
		return members(res, verb, value)
	case path == enterprise: // one level down
		return fmt.Errorf("whole extension is not supported here")
	case strings.HasPrefix(path, enterprise+":"):
		ext, _ := res[enterprise].(map[string]any)
		if ext == nil {
			ext = map[string]any{}
			res[enterprise] = ext
		}
		ext[strings.TrimPrefix(path, enterprise+":")] = value
		return nil
	case strings.Contains(path, "["):
		return filtered(res, verb, path, value)
	}
	if name, sub, ok := strings.Cut(path, "."); ok {
		parent, _ := res[name].(map[string]any)
		if parent == nil {
			parent = map[string]any{}
			res[name] = parent
		}
		parent[sub] = value
		return nil
	}
	if verb == "remove" {
		delete(res, path)
		return nil
	}
	res[path] = value
	return nil
}

// filtered is attribute[sub eq "x"] with or without a sub-attribute after it.
func filtered(res map[string]any, verb, path string, value any) error {
	name, rest, _ := strings.Cut(path, "[")
	expr, sub, _ := strings.Cut(rest, "]")
	key, lit, ok := strings.Cut(expr, " eq ")
	if !ok {
		return fmt.Errorf("cannot read path %s", path)
	}
	want := strings.Trim(lit, `"`)
	list, _ := res[name].([]any)
	for i, e := range list {
		m, _ := e.(map[string]any)
		if !strings.EqualFold(text(m[key]), want) {
			continue
		}
		if verb == "remove" {
			res[name] = append(list[:i:i], list[i+1:]...)
		} else {
			m[strings.TrimPrefix(sub, ".")] = value
		}
		return nil
	}
	if verb == "remove" {
		return nil
	}
	var is any = want
	if strings.EqualFold(want, "true") {
		is = true
	}
	res[name] = append(list, map[string]any{key: is, strings.TrimPrefix(sub, "."): value})
	return nil
}

func members(res map[string]any, verb string, value any) error {
	given, _ := value.([]any)
	gone := map[string]bool{}
	for _, g := range given {
		m, _ := g.(map[string]any)
		gone[text(m["value"])] = true
	}
	have, _ := res["members"].([]any)
	if verb == "replace" || verb == "remove" && value == nil {
		have = nil
	}
	var out []any
	for _, h := range have { // what is given is listed once, at the end
		if m, _ := h.(map[string]any); !gone[text(m["value"])] {
			out = append(out, h)
		}
	}
	if verb != "remove" {
		out = append(out, given...)
	}
	res["members"] = out
	return nil
}
