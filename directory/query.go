package directory

import "scimedge/scimcore"

// Query selects and pages resources of one type.
type Query struct {
	Filter     *scimcore.Filter // nil selects all
	StartIndex int              // 1-based; values below 1 mean 1
	Count      int              // most resources to return; 0 counts only
	Base       string           // the SCIM root the client sees, for filters on meta.location
}
