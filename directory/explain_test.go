package directory_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/directory"
	"scimedge/kv/memkv"
	"scimedge/scimcore"
)

// TestExplainSaysWhatIsRefused holds the words against what the query does.
func TestExplainSaysWhatIsRefused(t *testing.T) {
	w := newWorld(t, memkv.New(memkv.Options{}), directory.Options{Dialect: scimcore.Lenient(), ScanBudget: 270})
	for i := range 280 {
		w.newUser(fmt.Sprintf("u%03d", i))
	}
	for _, tt := range []struct {
		filter  string
		says    string
		refused bool
	}{
		{`userName eq "u007"`, `unique index userName, for userName eq "u007": at most 1`, false},
		{`userName sw "u00"`, `index userName, for userName sw "u00": at most 10`, false},
		{`active eq true`, `index active, for active eq true: more than 256`, false},
		{`active eq true and nickName pr`, `then: each is read and asked the whole filter. That may be more than the 270`, true},
		{`userName sw "u"`, `every one of them matches; only those of the page are read. That may be more than the 270`, true},
		{`userName pr`, `index userName, for userName pr: not counted`, true},
		{`userName sw "u" or id eq "x"`, `That may be more than the 270`, true},
		{`nickName co "x"`, `That is more than the 270`, true},
		{`not (userName eq "u007")`, `join it by "and" with an equality on an indexed attribute such as userName`, true},
		{`groups eq "0190a1b2-0000-7000-8000-000000000000"`, `members of this group and of those inside, for groups.value eq "0190a1b2-0000-7000-8000-000000000000": not counted`, false},
	} {
		t.Run(tt.filter, func(t *testing.T) {
			s := w.sources(tt.filter, "", w.user)
			plan, err := w.Explain(ctx, w.user, s[0].Filter)
			require.NoError(t, err)
			require.Contains(t, plan, tt.says)
			require.Equal(t, tt.refused, strings.Contains(plan, "tooMany"), plan)
			_, err = w.List(ctx, directory.Query{Sources: s, Count: 1}, func(*scimcore.Resource) error { return nil })
			if tt.refused {
				requireSCIM(t, err, 400, scimcore.TooMany)
				return
			}
			require.NoError(t, err)
		})
	}
}
