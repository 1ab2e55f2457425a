package app_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"otklik/internal/account"
	"otklik/internal/agency"
	"otklik/internal/desk"
	"otklik/internal/envoy"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/neighbour"
	"otklik/internal/reply"
	"otklik/internal/scope"
	"otklik/internal/source"
	"otklik/internal/source/open311/open311fake"
)

// A frontier is a centre with a neighbour city and an incident that is the city's.
type frontier struct {
	*centre
	fake   *open311fake.Fake
	city   string // source
	agency int64
	admin  account.Actor
	id     incident.ID
}

func newFrontier(t *testing.T, o open311fake.Options) *frontier {
	t.Helper()
	c := newCentre(t)
	o.Now, o.Key = c.now, "key-of-ours"
	fake, err := open311fake.New(o)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(fake)
	t.Cleanup(srv.Close)
	f := &frontier{centre: c, fake: fake, admin: account.Actor{ID: c.account(lifecycle.Admin), Role: lifecycle.Admin, Scope: scope.OfRegion(khakassia)}}
	if err := c.Roster.SaveKey(t.Context(), f.admin, &source.Key{Name: "ключ соседа", Kind: source.City, Secret: "key-of-ours"}); err != nil {
		t.Fatal(err)
	}
	g, err := c.Roster.Recognise(t.Context(), f.admin, srv.URL+"/open311/discovery.json")
	if err != nil {
		t.Fatal(err)
	}
	g.Source.Name, g.Source.Key, f.city = "Сосед", "ключ соседа", g.ID
	if err := c.Roster.Save(t.Context(), f.admin, &g.Source); err != nil {
		t.Fatal(err)
	}
	err = c.DB.Change(t.Context(), incident.People, func(tx incident.Tx) error {
		a := &agency.Agency{Name: "Администрация соседнего города", Place: scope.Place{Region: khakassia}}
		err := tx.Agencies().SaveAgency(t.Context(), a)
		f.agency = a.ID
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Envoy.Ask(t.Context(), f.admin, f.city); err != nil {
		t.Fatal(err)
	}
	city, err := c.Envoy.City(t.Context(), f.city)
	if err != nil || len(city.Services) != 6 {
		t.Fatalf("%+v, %v", city, err)
	}
	city.Agency = f.agency
	if city.Topics, city.Groups = c.Envoy.Propose(city); len(city.Topics) == 0 {
		t.Error("nothing is proposed by name")
	}
	if err := c.Envoy.Save(t.Context(), f.admin, city); err != nil {
		t.Fatal(err)
	}
	post := c.vk.PostAt(0, "Доброе утро, соседи", c.now().Add(-time.Hour))
	if _, err := c.vk.CommentAt(post, 0, c.vk.Person("Анна Петрова"), "По улице Ленина в Абазе в районе центральной бани появилась яма, звоните +7 900 000-00-01", c.now().Add(-time.Minute)); err != nil {
		t.Fatal(err)
	}
	c.poll(t)
	f.id = c.queue(t)[0].ID
	return f
}

func (f *frontier) input() envoy.Input {
	return envoy.Input{Source: f.city, Service: open311fake.Roads, Asked: map[string][]string{"WHERE": {"road"}}}
}

// hand hands the incident over, and lets the grace pass.
func (f *frontier) hand(t *testing.T, in envoy.Input) neighbour.ID {
	t.Helper()
	change, err := f.Envoy.Hand(t.Context(), f.operator(), f.at(t, f.id), in)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Desk.Do(t.Context(), f.operator(), f.id, 0, change); err != nil {
		t.Fatal(err)
	}
	f.clock.Add(10)
	list, err := f.DB.Reader().Neighbours().OfIncident(t.Context(), scope.All(), int64(f.id))
	if err != nil || len(list) == 0 {
		t.Fatalf("no request: %v", err)
	}
	return list[len(list)-1].ID
}

// step lets the envoy work n times, seconds apart.
func (f *frontier) step(t *testing.T, n int, apart int64) {
	t.Helper()
	for range n {
		if _, err := f.Envoy.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
		f.clock.Add(apart)
	}
}

func (f *frontier) request(t *testing.T, id neighbour.ID) *neighbour.Request {
	t.Helper()
	r, err := f.DB.Reader().Neighbours().Request(t.Context(), scope.All(), id)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (f *frontier) lines(t *testing.T) (out []string) {
	t.Helper()
	list, err := f.DB.Reader().Incidents().History(t.Context(), scope.All(), f.id)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		if e.Action == lifecycle.Neighbour {
			out = append(out, e.Detail.Field)
		}
	}
	return out
}

// TestAnIncidentGoesToAnotherCityAndItsAnswerComesBack is the whole way: handed over, taken
// by a token, numbered, closed there; the answer waits for approval, and people close and verify.
func TestAnIncidentGoesToAnotherCityAndItsAnswerComesBack(t *testing.T) {
	t.Parallel()
	f := newFrontier(t, open311fake.Options{Tokens: true})
	id := f.hand(t, f.input())
	if i := f.at(t, f.id); i.State != lifecycle.Assigned || i.Place.Agency != f.agency {
		t.Errorf("handed over: %s, agency %d", i.State, i.Place.Agency)
	}
	f.step(t, 1, 1)
	all := f.fake.All()
	if len(all) != 1 || strings.Contains(all[0].Text, "900") || !strings.Contains(all[0].Text, "появилась яма") || !strings.Contains(all[0].Text, f.at(t, f.id).Number) || all[0].Sender() != "" || !strings.Contains(all[0].Address, "Абаза") {
		t.Errorf("the city got %+v", all)
	}
	f.step(t, 3, 60)
	if r := f.request(t, id); r.State != neighbour.Token || r.Number != "" {
		t.Errorf("without a number: %+v", r)
	}
	f.fake.Settle()
	f.step(t, 3, 3600)
	before := len(f.queue(t))
	f.poll(t) // the city's list shows our own request: it is no message to us
	if n := len(f.queue(t)); n != before {
		t.Errorf("%d incidents after the poll, want %d", n, before)
	}
	r := f.request(t, id)
	if r.State != neighbour.Open || r.Number == "" || r.Standing.ExpectedAt.IsZero() {
		t.Fatalf("with a number: %+v", r)
	}
	f.fake.Close(r.Number, "Яму на улице Ленина засыпали щебнем 20 ноября, в декабре уложим асфальт.")
	f.step(t, 2, 3600)
	i := f.at(t, f.id)
	replies, err := f.DB.Reader().Replies().OfIncident(t.Context(), scope.All(), int64(f.id))
	if err != nil || i.State != lifecycle.Approval || i.Verified() || len(replies) != 1 || replies[0].State != reply.Draft || !strings.HasPrefix(replies[0].Text, "Яму на улице") {
		t.Fatalf("closed there: %s, %+v, %v", i.State, replies, err)
	}
	if got, want := strings.Join(f.lines(t), " "), "given taken number status closed"; got != want {
		t.Errorf("history %q, want %q", got, want)
	}
	for _, c := range []desk.Change{desk.Approve{Reply: replies[0].ID}, nil, desk.Close{Outcome: lifecycle.Solved, How: "none"}, desk.Verify{How: "inspector"}} {
		if c == nil {
			if _, err := f.Outbox.Step(t.Context()); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if _, err := f.Desk.Do(t.Context(), f.operator(), f.id, 0, c); err != nil {
			t.Fatalf("%s: %v", c.Action(), err)
		}
	}
	if i := f.at(t, f.id); i.State != lifecycle.Closed || !i.Verified() {
		t.Errorf("in the end: %s, verified %t", i.State, i.Verified())
	}
	f.fake.Reopen(r.Number)
	f.clock.Add(24 * 3600)
	f.step(t, 2, 3600)
	if got := f.lines(t); got[len(got)-1] != desk.CityReopened || f.at(t, f.id).State != lifecycle.Closed {
		t.Errorf("opened there again: %v, here %s", got, f.at(t, f.id).State)
	}
}

// TestARequestIsPostedOnce: whatever breaks after the city took it, it stands there once.
func TestARequestIsPostedOnce(t *testing.T) {
	t.Parallel()
	for _, trouble := range []open311fake.Trouble{open311fake.Lost, open311fake.Gateway, "kill"} {
		t.Run(string(trouble), func(t *testing.T) {
			t.Parallel()
			f := newFrontier(t, open311fake.Options{})
			id := f.hand(t, f.input())
			if trouble == "kill" { // the process falls between the call and the note of its end
				r := f.request(t, id)
				r.State, r.TriedAt, r.NextAt = neighbour.Sending, f.now(), time.Time{}
				if err := f.DB.Change(t.Context(), incident.Machine, func(tx incident.Tx) error { return tx.Neighbours().SaveRequest(t.Context(), r) }); err != nil {
					t.Fatal(err)
				}
				if _, err := f.Roster.Puller(f.city).(neighbour.Wire).Post(t.Context(), r); err != nil {
					t.Fatal(err)
				}
				if err := f.Envoy.Recover(t.Context()); err != nil {
					t.Fatal(err)
				}
			} else {
				f.fake.FailPost(trouble)
			}
			f.step(t, 10, 600)
			if r := f.request(t, id); f.fake.Posted() != 1 || r.State != neighbour.Open || r.Number != "1000" {
				t.Errorf("posted %d times, %s, number %q", f.fake.Posted(), r.State, r.Number)
			}
		})
	}
}

// TestWhatIsNotFoundWaitsForAPerson: a city that hides new requests is never sent one twice by
// itself; a person says how it is.
func TestWhatIsNotFoundWaitsForAPerson(t *testing.T) {
	t.Parallel()
	for _, do := range []string{desk.CityFound, desk.CityAgain} {
		t.Run(do, func(t *testing.T) {
			t.Parallel()
			f := newFrontier(t, open311fake.Options{})
			id := f.hand(t, f.input())
			f.fake.FailPost(open311fake.Gateway)
			f.step(t, 1, 0)
			f.fake.Hide("1000")
			f.step(t, 20, 1800)
			if r := f.request(t, id); r.State != neighbour.Unknown || f.fake.Posted() != 1 || !r.NextAt.IsZero() {
				t.Fatalf("posted %d, %+v", f.fake.Posted(), r)
			}
			if _, err := f.Desk.Do(t.Context(), f.operator(), f.id, 0, desk.CitySays{Request: id, Do: desk.CityDrop}); !fault.Is(err, fault.Conflict) {
				t.Errorf("taken back although it may stand: %v", err)
			}
			f.fake.Show("1000")
			if _, err := f.Desk.Do(t.Context(), f.operator(), f.id, 0, desk.CitySays{Request: id, Do: do, Number: "1000"}); err != nil {
				t.Fatal(err)
			}
			f.step(t, 2, 60)
			if r := f.request(t, id); r.State != neighbour.Open || r.Number != "1000" || f.fake.Posted() != 1 {
				t.Errorf("%s: posted %d, %+v", do, f.fake.Posted(), r)
			}
		})
	}
}

// TestACityThatRefuses: its words reach people, a wrong key stops the source and not the case,
// and what a person takes back never leaves.
func TestACityThatRefuses(t *testing.T) {
	t.Parallel()
	f := newFrontier(t, open311fake.Options{})
	id := f.hand(t, f.input())
	if _, err := f.Desk.Do(t.Context(), f.operator(), f.id, 0, desk.CitySays{Request: id, Do: desk.CityDrop, Name: "Сосед"}); err != nil {
		t.Fatal(err)
	}
	f.step(t, 2, 60)
	if f.fake.Posted() != 0 {
		t.Error("what was taken back has left")
	}
	id = f.hand(t, f.input())
	f.fake.FailPost(open311fake.Bad)
	f.step(t, 2, 60)
	if r := f.request(t, id); r.State != neighbour.Refused || !strings.Contains(r.Words.Error, "только по телефону") {
		t.Errorf("refused: %+v", r)
	}
	id = f.hand(t, f.input())
	f.fake.FailPost(open311fake.Closed)
	f.step(t, 4, 120)
	out, err := f.DB.Reader().Fanouts().Outlet(t.Context(), f.city)
	if r := f.request(t, id); err != nil || !out.Waits || !strings.Contains(out.Sentence, "Ключ не подходит") || r.State != neighbour.Waiting || f.fake.Posted() != 0 {
		t.Fatalf("a wrong key: %+v, %+v, %v", out, r, err)
	}
	if err := f.Desk.ResumeOutlet(t.Context(), f.admin, f.city); err != nil {
		t.Fatal(err)
	}
	f.step(t, 2, 120)
	if r := f.request(t, id); r.State != neighbour.Open || f.fake.Posted() != 1 {
		t.Errorf("resumed: %+v", r)
	}
	change, err := f.Envoy.Hand(t.Context(), f.operator(), f.at(t, f.id), f.input())
	if err == nil {
		_, err = f.Desk.Do(t.Context(), f.operator(), f.id, 0, change)
	}
	if !fault.Is(err, fault.Conflict) {
		t.Errorf("a second hand-over of one case: %v", err)
	}
}

// TestWhatIsAskedBeforeHandingOver: bad inputs are refused in words, personal data goes with
// an explicit choice alone, and its sight is noted.
func TestWhatIsAskedBeforeHandingOver(t *testing.T) {
	t.Parallel()
	f := newFrontier(t, open311fake.Options{})
	for name, c := range map[string]struct {
		spoil func(*envoy.Input)
		kind  fault.Kind
		says  string
	}{
		"no city":              {func(in *envoy.Input) { in.Source = "vk:-1001" }, fault.NotFound, "не умеет"},
		"no service":           {func(in *envoy.Input) { in.Service = "999" }, fault.Invalid, "услугу"},
		"nothing asked":        {func(in *envoy.Input) { in.Asked = nil }, fault.Invalid, "Где яма"},
		"of no list":           {func(in *envoy.Input) { in.Asked = map[string][]string{"WHERE": {"moon"}} }, fault.Invalid, "из списка"},
		"no number":            {func(in *envoy.Input) { in.Asked = map[string][]string{"WHERE": {"road"}, "DEEP": {"глубоко"}} }, fault.Invalid, "число"},
		"a stranger's picture": {func(in *envoy.Input) { in.Media = "https://example.org/x.jpg" }, fault.Invalid, "снимка"},
	} {
		in := f.input()
		c.spoil(&in)
		if _, err := f.Envoy.Hand(t.Context(), f.operator(), f.at(t, f.id), in); !fault.Is(err, c.kind) || !strings.Contains(fault.Sentence(err), c.says) {
			t.Errorf("%s: %v (%s)", name, err, fault.Sentence(err))
		}
	}
	in := f.input()
	in.Whole, in.Contact = true, true
	nobody := f.operator()
	nobody.Role = lifecycle.Approver
	if _, err := f.Envoy.Hand(t.Context(), nobody, f.at(t, f.id), in); !fault.Is(err, fault.Forbidden) {
		t.Errorf("by who sees no personal data: %v", err)
	}
	id := f.hand(t, in)
	f.step(t, 1, 1)
	if one := f.fake.All()[0]; !strings.Contains(one.Text, "900 000-00-01") || one.Sender() != "Анна Петрова" {
		t.Errorf("whole: %+v", one)
	}
	if r := f.request(t, id); r.Words.First != "" || !r.Contact {
		t.Errorf("the name stays no longer than it is needed: %+v", r.Words)
	}
}

// TestARequestThatWePulledIsClosedThere: the line says so, and the city's answer waits for
// people as a draft.
func TestARequestThatWePulledIsClosedThere(t *testing.T) {
	t.Parallel()
	f := newFrontier(t, open311fake.Options{})
	id := f.fake.ReportAt("Не горит фонарь у школы на улице Садовой", f.now().Add(-time.Hour))
	f.poll(t)
	for _, row := range f.queue(t) {
		if row.ID != f.id {
			f.id = row.ID
			break
		}
	}
	f.clock.Add(60)
	f.fake.Close(id, "Лампу у школы на улице Садовой заменили 20 ноября.")
	f.poll(t)
	i := f.at(t, f.id)
	replies, err := f.DB.Reader().Replies().OfIncident(t.Context(), scope.All(), int64(f.id))
	if err != nil || i.State != lifecycle.Approval || len(replies) != 1 || replies[0].State != reply.Draft {
		t.Fatalf("%s, %+v, %v", i.State, replies, err)
	}
	if got := strings.Join(f.lines(t), " "); got != desk.CityClosed {
		t.Errorf("history %q", got)
	}
	f.clock.Add(60)
	f.poll(t)
	if n := len(f.lines(t)); n != 1 {
		t.Errorf("told %d times", n)
	}
	if _, err := f.Desk.Do(t.Context(), f.operator(), f.id, 0, desk.Approve{Reply: replies[0].ID}); err != nil {
		t.Fatal(err)
	}
	if i := f.at(t, f.id); i.State != lifecycle.Answered || i.Verified() {
		t.Errorf("approved: %s", i.State)
	}
}
