package configs

import (
	"reflect"
	"strings"
	"time"
)

// field is one value that can be set: a leaf of the configuration.
type field struct {
	path  string // limits.max_body
	env   string // SCIMEDGE_LIMITS_MAX_BODY
	value reflect.Value
}

// fields lists the leaves of v, which must be a struct that can be set. Maps are
// not among them: their keys are names, which variables cannot spell.
func fields(v reflect.Value, prefix string) []field {
	var out []field
	for i := range v.NumField() {
		path := joinPath(prefix, key(v.Type().Field(i)))
		switch {
		case isSection(v.Field(i).Type()):
			out = append(out, fields(v.Field(i), path)...)
		case v.Field(i).Kind() != reflect.Map:
			env := "SCIMEDGE_" + strings.ToUpper(strings.ReplaceAll(path, ".", "_"))
			out = append(out, field{path, env, v.Field(i)})
		}
	}
	return out
}

func key(f reflect.StructField) string { return f.Tag.Get("yaml") }

func joinPath(prefix, key string) string {
	if prefix == "" {
		return key
	}
	return prefix + "." + key
}

func isSection(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t != reflect.TypeFor[time.Time]()
}

// keysOf lists the keys of a section and the types behind them.
func keysOf(t reflect.Type) (names []string, types map[string]reflect.Type) {
	types = map[string]reflect.Type{}
	for i := range t.NumField() {
		f := t.Field(i)
		names = append(names, key(f))
		types[key(f)] = f.Type
	}
	return names, types
}

// nearest is the candidate with the fewest edits to name, or "" when none is near.
func nearest(name string, candidates []string) string {
	best, least := "", len(name)/2+1
	for _, c := range candidates {
		if d := distance(strings.ToLower(name), c); d < least {
			best, least = c, d
		}
	}
	return best
}

// distance counts the edits between a and b (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
