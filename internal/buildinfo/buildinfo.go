// Package buildinfo says which build this is: the version the linker stamped in,
// and what the Go toolchain recorded.
//
// It imports the standard library only and does no I/O.
package buildinfo

import (
	"runtime"
	"runtime/debug"
)

// Stamped at build time; nothing in the program assigns them:
//
//	go build -ldflags "-X scimedge/internal/buildinfo.version=v1.2.3"
var version, commit string

// Info describes a build.
type Info struct {
	Version string `json:"version"`    // "dev" when nothing was stamped
	Commit  string `json:"commit"`     // "unknown" outside a version-controlled build
	Go      string `json:"go_version"` // such as go1.26.8
}

// Get returns the running program's build.
func Get() Info {
	recorded, _ := debug.ReadBuildInfo()
	return from(version, commit, recorded)
}

func from(version, commit string, recorded *debug.BuildInfo) Info {
	info := Info{Version: version, Commit: commit, Go: runtime.Version()}
	if info.Version == "" {
		info.Version = "dev"
	}
	if info.Commit != "" {
		return info
	}
	info.Commit = "unknown"
	if recorded == nil {
		return info
	}
	dirty := false
	for _, s := range recorded.Settings {
		switch s.Key {
		case "vcs.revision":
			info.Commit = s.Value
		case "vcs.modified":
			dirty = s.Value == "true"
		}
	}
	// A binary of an edited tree must not pass for the commit it started from.
	if dirty {
		info.Commit += "+dirty"
	}
	return info
}
