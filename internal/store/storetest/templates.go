package storetest

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/fault"
	"otklik/internal/feedback"
	"otklik/internal/incident"
	"otklik/internal/reply"
	"otklik/internal/scope"
	"otklik/internal/template"
)

// templating proves that templates are kept in versions, seen by whom they are for,
// brought once by the program, and counted by replies and marks.
func templating(t *testing.T, s Store) {
	theirs := scope.Place{Region: khakassia, Centre: abakan, Agency: 7}
	ours := &template.Template{Name: "Яма", Kind: template.Final, Topic: "roads.potholes", Text: "Заделали.", By: 4, At: morning, Place: scope.Place{Region: khakassia}}
	own := &template.Template{Name: "Котельная", Kind: template.Interim, Group: "ЖКХ", Text: "Чиним.", By: 5, At: morning, Place: theirs}
	far := &template.Template{Name: "Пермь", Kind: template.Final, Text: "Ответ.", Place: scope.Place{Region: perm}}
	change(t, s, func(tx incident.Tx) error {
		for _, x := range []*template.Template{ours, own, far} {
			must(t, tx.Templates().SaveTemplate(ctx, x))
		}
		return nil
	})
	got, err := s.Reader().Templates().Template(ctx, scope.OfRegion(khakassia), own.ID)
	if diff := cmp.Diff(own, got); diff != "" || err != nil {
		t.Errorf("Template: %v, differs:\n%s", err, diff)
	}
	for name, c := range map[string]struct {
		sc   scope.Scope
		want []template.ID
	}{
		"the region sees all of its own":     {scope.OfRegion(khakassia), []template.ID{own.ID, ours.ID}},
		"an agency the region's and its own": {scope.OfAgency(khakassia, 7), []template.ID{own.ID, ours.ID}},
		"another agency the region's":        {scope.OfAgency(khakassia, 8), []template.ID{ours.ID}},
		"a centre what is in it":             {scope.OfCentre(khakassia, abakan), []template.ID{own.ID, ours.ID}},
		"another centre the region's":        {scope.OfCentre(khakassia, abaza), []template.ID{ours.ID}},
		"nobody nothing":                     {scope.Scope{}, nil},
	} {
		list, err := s.Reader().Templates().Templates(ctx, c.sc)
		var ids []template.ID
		for _, x := range list {
			ids = append(ids, x.ID)
		}
		if diff := cmp.Diff(c.want, ids); diff != "" || err != nil {
			t.Errorf("%s: %v, differ:\n%s", name, err, diff)
		}
	}
	_, err = s.Reader().Templates().Template(ctx, scope.OfAgency(khakassia, 8), own.ID)
	want(t, err, fault.NotFound)
	_, err = s.Reader().Templates().Template(ctx, scope.OfRegion(khakassia), far.ID)
	want(t, err, fault.NotFound)

	next := *ours
	next.Text, next.Retired, next.By, next.At = "Заделали асфальтом.", true, 6, morning.AddDate(0, 0, 1)
	change(t, s, func(tx incident.Tx) error { return tx.Templates().SaveTemplate(ctx, &next) })
	if next.Version != 2 {
		t.Errorf("after an edit the version is %d", next.Version)
	}
	stale := *ours
	want(t, s.Change(ctx, incident.People, func(tx incident.Tx) error { return tx.Templates().SaveTemplate(ctx, &stale) }), fault.Conflict)
	versions, err := s.Reader().Templates().Versions(ctx, ours.ID)
	if diff := cmp.Diff([]template.Template{next, *ours}, versions); diff != "" || err != nil {
		t.Errorf("Versions: %v, differ:\n%s", err, diff)
	}

	brought := []template.Template{{Code: "any.final", Name: "Сделали", Kind: template.Final, Text: "Готово."}}
	for turn, n := range []int{1, 0} {
		change(t, s, func(tx incident.Tx) error {
			if got, err := tx.Templates().Bring(ctx, khakassia, brought, morning); err != nil || got != n {
				t.Errorf("Bring for the %d. time = %d, %v; want %d", turn+1, got, err, n)
			}
			return nil
		})
	}

	var r *reply.Reply
	change(t, s, func(tx incident.Tx) error {
		i := open(t, tx, 1, here)
		r = &reply.Reply{Incident: int64(i.ID), Message: int64(i.First), Purpose: reply.Final, State: reply.Published, Text: "Заделали.", Place: here, Template: int64(ours.ID), TemplateVersion: 1, Private: "Для вас.", Cleared: "контора", Machine: reply.MachineAccepted}
		must(t, tx.Replies().SaveReply(ctx, r))
		draft := *r
		draft.ID, draft.State = 0, reply.Draft
		must(t, tx.Replies().SaveReply(ctx, &draft))
		r.Machine = reply.MachineEdited
		must(t, tx.Replies().SaveReply(ctx, r))
		for _, v := range []feedback.Voice{{Mark: 5, Reply: int64(r.ID)}, {Mark: 2}, {Reply: int64(r.ID)}, {Mark: 1, Reply: int64(draft.ID)}} {
			v.Incident, v.Speaker, v.Way, v.Meaning, v.State, v.Place = int64(i.ID), feedback.Author, feedback.Staff, feedback.Mark, feedback.Acted, here
			must(t, tx.Feedback().Hear(ctx, &v))
		}
		return nil
	})
	kept, err := s.Reader().Replies().Reply(ctx, scope.All(), r.ID)
	if err != nil || kept.Template != int64(ours.ID) || kept.TemplateVersion != 1 || kept.Private != "Для вас." || kept.Cleared != "контора" {
		t.Errorf("the reply remembers %d/%d, %v", kept.Template, kept.TemplateVersion, err)
	}
	if list, err := s.Reader().Replies().Drafts(ctx, scope.OfRegion(khakassia), 10); err != nil || kept.Machine != reply.MachineEdited ||
		!slices.ContainsFunc(list, func(d reply.Reply) bool { return d.Incident == kept.Incident && d.Machine == reply.MachineAccepted }) {
		t.Errorf("a reply that began as a machine's is %q, its draft in %+v, %v", kept.Machine, list, err)
	}
	tallies, err := s.Reader().Templates().Tallies(ctx, scope.OfRegion(khakassia))
	if diff := cmp.Diff(map[template.ID]template.Tally{ours.ID: {Used: 1, Marks: 2, Mean: 3.5}}, tallies); diff != "" || err != nil {
		t.Errorf("Tallies: %v, differ:\n%s", err, diff)
	}
	if none, err := s.Reader().Templates().Tallies(ctx, scope.OfRegion(perm)); err != nil || len(none) != 0 {
		t.Errorf("Tallies elsewhere = %v, %v", none, err)
	}
}
