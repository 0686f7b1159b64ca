package directory

import (
	"context"
	"fmt"
	"strings"

	"scimedge/kv"
	"scimedge/scimcore"
)

// Explain says in words how a list of resources of type t would find the matches
// of f: what is read, for which part of the filter, how many candidates that
// leaves, and whether each is read and asked again. It reads what a plan reads,
// and no resource.
func (d *Directory) Explain(ctx context.Context, t *scimcore.Type, f *scimcore.Filter) (string, error) {
	var b strings.Builder
	err := d.store.View(ctx, d.part, func(r kv.Reader) error {
		b.Reset()
		k := d.kinds[t]
		n, err := d.countOf(r, k)
		if err != nil {
			return err
		}
		way, err := d.plan(r, k, f)
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "%d resources of type %s\nreads:\n", n, t.Name)
		way.describe(&b, "  ")
		b.WriteString(way.consequence(k, d.opts.ScanBudget, n*weight(f)))
		return nil
	})
	return b.String(), err
}

// describe writes the way for people, one line a part.
func (a access) describe(b *strings.Builder, indent string) {
	b.WriteString(indent + a.how)
	if a.index != "" {
		b.WriteString(" " + a.index)
	}
	if a.cond != nil {
		b.WriteString(", for " + a.cond.String())
	}
	switch {
	case len(a.parts) > 0 || a.cost >= costScan:
	case a.cost <= maxProbe:
		fmt.Fprintf(b, ": at most %d", a.cost)
	case a.sample != nil && a.cost < costPresent:
		fmt.Fprintf(b, ": more than %d", maxProbe)
	default:
		b.WriteString(": not counted")
	}
	b.WriteByte('\n')
	for _, p := range a.parts {
		p.describe(b, indent+"  ")
	}
}

// consequence says what a plan costs, and how to ask for less. looks is what it is
// to ask every resource.
func (a access) consequence(k *kind, budget, looks int) string {
	wide := budget > 0 && looks > budget && a.cost > maxProbe
	refused := fmt.Sprintf("the %d one request may look at: by startIndex this is refused (tooMany), with a cursor it comes in short pages.", budget)
	switch {
	case a.cost >= costScan && wide:
		return "then: each is asked the whole filter. That is more than " + refused + k.advice()
	case a.cost >= costScan:
		return "then: each is asked the whole filter." + k.advice()
	case wide && (a.collects || !a.exact):
		return a.verdict() + ". That may be more than " + refused + k.advice()
	}
	return a.verdict() + "\n"
}

func (a access) verdict() string {
	if a.exact {
		return "then: every one of them matches; only those of the page are read"
	}
	return "then: each is read and asked the whole filter"
}

func (k *kind) advice() string {
	return " To narrow it, join it by \"and\" with an equality on an indexed attribute such as " + k.searchHint() + ", or " + haveIndexed + "\n"
}

// haveIndexed is the cure for a look-up by an attribute that has no index.
const haveIndexed = `have the attribute indexed in the tenant's schema file (a declared one by "filterable", a built-in one by "attributesFilterable")`
