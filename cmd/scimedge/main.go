package main

import (
	"fmt"
	"io"
	"os"

	"github.com/alecthomas/kong"

	"scimedge/cmd/scimedge/admin"
)

func main() {
	os.Exit(run(os.Args[1:], stdio{os.Stdin, os.Stdout, os.Stderr}))
}

// configVariable names the configuration file where --config does not.
const configVariable = "SCIMEDGE_CONFIG"

// stdio is the process's three streams.
type stdio struct {
	in       io.Reader
	out, err io.Writer
}

// run executes one command line and returns the exit code.
func run(args []string, io stdio) int {
	// Set to nothing it is meant as not set; as a path it would be this folder.
	if file, ok := os.LookupEnv(configVariable); ok && file == "" {
		_ = os.Unsetenv(configVariable)
	}
	var c cli
	parser, err := kong.New(&c,
		kong.Name("scimedge"),
		kong.Description("A multi-tenant SCIM 2.0 edge: identity providers sync users and groups into it, applications read them out of it."),
		kong.Writers(io.out, io.err),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true, WrapUpperBound: 100}),
	)
	if err != nil {
		panic(err) // the grammar itself is wrong; every test would see it
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	kctx, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(io.err, "scimedge: %v\nRun \"scimedge --help\", or COMMAND --help for an example.\n", err)
		return admin.ExitUsage
	}
	if err := kctx.Run(&app{stdio: io, configFile: c.Config, dataDir: c.DataDir}); err != nil {
		fmt.Fprintf(io.err, "scimedge: %v\n", err)
		return admin.ExitCode(err)
	}
	return 0
}
