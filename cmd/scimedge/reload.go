package main

import (
	"reflect"
	"strings"

	"scimedge/configs"
)

// reload reads the configuration and the certificates again. What is not valid
// changes nothing; certificates are swapped; what needs a restart is named, so
// that nobody believes it in force.
func (s *server) reload(a *app) {
	cfg, err := a.config()
	if err != nil {
		s.log.Error("reload: the configuration is not valid; the old one stays in force", "error", err)
		return
	}
	var kept []string
	if s.certs != nil {
		kept = s.certs.reload()
	}
	if changed := changedSettings(s.cfg, cfg); len(changed) > 0 {
		s.log.Warn("reload: these settings take effect at the next start", "settings", strings.Join(changed, " "))
	}
	if len(kept) > 0 {
		s.log.Error("reload: not all certificates could be read again; these hosts keep their old ones, see above",
			"hosts", strings.Join(kept, " "), "certificates", len(s.cfg.TLS)-len(kept))
		return
	}
	s.log.Info("reload: done", "certificates", len(s.cfg.TLS))
}

// changedSettings names the keys whose values differ, as the file spells them.
func changedSettings(old, now configs.Config) []string {
	return changedIn("", reflect.ValueOf(old), reflect.ValueOf(now))
}

func changedIn(prefix string, old, now reflect.Value) []string {
	var out []string
	for i := range old.NumField() {
		name := prefix + old.Type().Field(i).Tag.Get("yaml")
		switch {
		case old.Field(i).Kind() == reflect.Struct:
			out = append(out, changedIn(name+".", old.Field(i), now.Field(i))...)
		case !reflect.DeepEqual(old.Field(i).Interface(), now.Field(i).Interface()):
			out = append(out, name)
		}
	}
	return out
}
