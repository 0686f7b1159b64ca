// Package configs is the configuration: its struct, its defaults and the reading
// of it, and, as files beside it, the example configuration and what operators
// install.
//
// It may import the standard library and goccy/go-yaml, nothing of scimedge.
// Data enters as a YAML file and as environment variables through [Load]; it
// leaves as a checked [Config]. Only cmd reads it and hands each room its part.
//
// Reading is strict: an unknown key is an error that names the line and the
// nearest key, and [Config.Validate] reports every problem at once.
package configs
