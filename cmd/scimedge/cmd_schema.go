package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"

	"scimedge/cmd/scimedge/admin"
	"scimedge/scimcore"
)

type schemaCmds struct {
	Check schemaCheckCmd `cmd:"" help:"Say whether a schema file is sound."`
	Load  schemaLoadCmd  `cmd:"" help:"Make a schema file that of a tenant."`
	Show  schemaShowCmd  `cmd:"" help:"Print a tenant's schema file."`
}

type schemaCheckCmd struct {
	File string `arg:"" help:"Schema file (JSON)." type:"path"`
	jsonFlag
}

func (schemaCheckCmd) Help() string {
	return `Reads the file by itself: no store is opened. Whether a tenant can take it depends on what it has declared before, too, and ` + "`schema load --dry-run`" + ` says so.

Example:
  scimedge schema check acme-schema.json`
}

func (c *schemaCheckCmd) Run(a *app) error {
	file, err := readSchemaFile(c.File)
	if err != nil {
		return err
	}
	d, err := scimcore.ParseSchemaFile(file)
	if err != nil {
		return admin.Failed("%s cannot be loaded:\n%v", c.File, err)
	}
	counted := map[string]int{"schemas": len(d.Schemas), "resource_types": len(d.Types), "attributes_off": len(d.Off),
		"attributes_filterable": len(d.Filterable), "attributes_unique": len(d.Unique)}
	return a.print(c.jsonFlag, counted, func(w io.Writer) {
		pairs(w, "schemas", strconv.Itoa(len(d.Schemas)), "resource types", strconv.Itoa(len(d.Types)), "attributes off", strconv.Itoa(len(d.Off)),
			"made filterable", strconv.Itoa(len(d.Filterable)), "made unique", strconv.Itoa(len(d.Unique)))
	})
}

func readSchemaFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, admin.Failed("%v", err)
	}
	defer f.Close()
	// One byte more than is taken, so that a longer file is seen to be too long.
	file, err := io.ReadAll(io.LimitReader(f, scimcore.MaxSchemaFile+1))
	if err != nil {
		return nil, admin.Failed("%v", err)
	}
	return file, nil
}

type schemaLoadCmd struct {
	File   string `arg:"" help:"Schema file (JSON)." type:"path"`
	DryRun bool   `help:"Only say what it would change."`
	tenantFlag
	jsonFlag
}

func (schemaLoadCmd) Help() string {
	return `The file is the whole of what the tenant declares: what an earlier file declared and this one does not is retired. Nobody sees it then, and its values are kept for the day it is declared again. It is in force from the next request on. While new indexes are built, writes are answered 503 with Retry-After.

Example:
  scimedge schema load --tenant acme acme-schema.json --dry-run
  scimedge schema load --tenant acme acme-schema.json`
}

func (c *schemaLoadCmd) Run(a *app) error {
	file, err := readSchemaFile(c.File)
	if err != nil {
		return err
	}
	return a.manage(needsStore, func(ctx context.Context, svc admin.Service) error {
		change, err := svc.SchemaLoad(ctx, admin.SchemaSpec{Tenant: c.Tenant, File: string(file), DryRun: c.DryRun})
		if err != nil {
			return err
		}
		return a.print(c.jsonFlag, change, func(w io.Writer) { printSchemaChange(w, change, c.DryRun) })
	})
}

func printSchemaChange(w io.Writer, c admin.SchemaChange, dry bool) {
	var rows []string
	for _, part := range []struct {
		what  string
		names []string
	}{
		{"type added", c.TypesAdded}, {"type removed", c.TypesRemoved}, {"added", c.Added}, {"changed", c.Changed},
		{"retired", c.Retired}, {"restored", c.Restored}, {"indexed", c.Indexed}, {"index dropped", c.Unindexed},
	} {
		for _, name := range part.names {
			rows = append(rows, part.what, name)
		}
	}
	pairs(w, rows...)
	switch {
	case len(rows) == 0:
		fmt.Fprintf(w, "nothing changes: revision %d\n", c.Revision)
	case dry:
		fmt.Fprintln(w, "nothing was changed: this was a dry run")
	default:
		fmt.Fprintf(w, "revision %d is in force\n", c.Revision)
	}
}

type schemaShowCmd struct {
	tenantFlag
	jsonFlag
}

func (schemaShowCmd) Help() string {
	return `Prints the schema file as it could be loaded again, without what is retired. With --json the revision and the last change are around it.

Example:
  scimedge schema show --tenant acme > acme-schema.json`
}

func (c *schemaShowCmd) Run(a *app) error {
	return a.manage(needsStore, func(ctx context.Context, svc admin.Service) error {
		s, err := svc.SchemaShow(ctx, admin.TenantRef{Tenant: c.Tenant})
		if err != nil {
			return err
		}
		return a.print(c.jsonFlag, s, func(w io.Writer) {
			var pretty bytes.Buffer
			_ = json.Indent(&pretty, s.Schema, "", "  ") // it was written by us
			fmt.Fprintln(w, pretty.String())
		})
	})
}
