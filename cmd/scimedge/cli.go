package main

// cli is the whole command line: commands, flags, environment and help.
type cli struct {
	Config  string `help:"Configuration file (YAML)." placeholder:"FILE" env:"SCIMEDGE_CONFIG" type:"path"`
	DataDir string `help:"Folder of the store and the admin socket, instead of the configuration's data_dir." placeholder:"DIR" type:"path"`

	Serve       serveCmd       `cmd:"" help:"Run the server."`
	Demo        demoCmd        `cmd:"" help:"See it work: two tenants, two simulated identity providers, one command."`
	Tenant      tenantCmds     `cmd:"" help:"Create and manage tenants."`
	Token       tokenCmds      `cmd:"" help:"Create, list and revoke the tokens of identity providers."`
	Account     accountCmds    `cmd:"" help:"Create and list the people who may use a tenant's token API, /api/v1."`
	Schema      schemaCmds     `cmd:"" help:"Check, load and show what a tenant declares beyond the built-in attributes."`
	Check       checkCmd       `cmd:"" help:"Check that the store is sound and consistent."`
	Explain     explainCmd     `cmd:"" help:"Show how a filter is answered: which index, how many candidates."`
	Bench       benchCmd       `cmd:"" help:"Put load on a SCIM server and measure it."`
	Conformance conformanceCmd `cmd:"" help:"Check whether a SCIM server, any server, does what the standard demands."`
	Version     versionCmd     `cmd:"" help:"Print the version."`
}

// jsonFlag is embedded by every command that prints data.
type jsonFlag struct {
	JSON bool `name:"json" help:"Print one JSON document."`
}

// tenantFlag is embedded by every command that works inside one tenant.
type tenantFlag struct {
	Tenant string `required:"" help:"Name of the tenant." placeholder:"NAME"`
}
