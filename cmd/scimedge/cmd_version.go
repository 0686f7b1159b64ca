package main

import (
	"io"
	"strconv"

	"scimedge/internal/buildinfo"
)

type versionCmd struct{ jsonFlag }

func (versionCmd) Help() string { return "Example:\n  scimedge version --json" }

func (c *versionCmd) Run(a *app) error {
	v := struct {
		buildinfo.Info
		StoreFormat int `json:"store_format"`
	}{buildinfo.Get(), storeFormat}
	return a.print(c.jsonFlag, v, func(w io.Writer) {
		pairs(w, "version", v.Version, "commit", v.Commit, "go", v.Go, "store format", strconv.Itoa(v.StoreFormat))
	})
}
