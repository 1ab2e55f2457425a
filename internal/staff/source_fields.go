package staff

import (
	"net/http"
	"strings"

	"otklik/internal/site"
	"otklik/internal/source"
)

// fields returns what people write of a source beside its name.
func (s *Staff) fields(one *source.Source) []source.Field {
	if keeper, ok := s.Roster.(site.SourceFields); ok {
		return keeper.Fields(one)
	}
	return nil
}

// writeFields puts what the form says into a source: its fields, and a password that was
// entered beside them, which is kept as a key of its own.
func (s *Staff) writeFields(r *http.Request, one *source.Source) error {
	list := s.fields(one)
	if len(list) == 0 {
		return nil
	}
	values := map[string]string{}
	for _, f := range list {
		if r.PostForm.Has("f-" + f.Name) {
			values[f.Name] = field(r, "f-"+f.Name)
		}
	}
	if err := s.Roster.(site.SourceFields).SetFields(one, values); err != nil {
		return err
	}
	secret := field(r, "secret")
	if secret == "" {
		return nil
	}
	_, name, _ := strings.Cut(one.ID, ":")
	k := &source.Key{Kind: one.Kind.Keys(), Name: name, Secret: secret}
	if err := s.Roster.SaveKey(r.Context(), who(r).Actor(), k); err != nil {
		return err
	}
	one.Key = k.Name
	return nil
}
