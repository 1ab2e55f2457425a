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

// typed returns the fields as the form has them: what was refused is not written anew.
func typed(r *http.Request, list []source.Field) []source.Field {
	for k := range list {
		if name := "f-" + list[k].Name; r.PostForm.Has(name) {
			list[k].Value = field(r, name)
		}
	}
	return list
}

// survey says in words what is found in a source that a person has described.
func (s *Staff) survey(r *http.Request, p *SourcePage, one source.Source) error {
	looks, ok := s.Roster.(site.SourceSurveys)
	if !ok || len(s.fields(&one)) == 0 {
		return nil
	}
	found, err := looks.Survey(r.Context(), who(r).Actor(), one)
	if err == nil && found != nil {
		p.Survey = *found
	}
	return err
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
