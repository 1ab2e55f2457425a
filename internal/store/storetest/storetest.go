// Package storetest is the conformance suite of the store: one behaviour on two
// databases. Run proves it for a store that open makes, empty each time.
//
// Postgres starts a private PostgreSQL for tests that want one.
package storetest

import (
	"context"
	"fmt"
	"iter"
	"testing"
	"time"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/place"
	"otklik/internal/publicface"
	"otklik/internal/scope"
)

// A Store is what the suite proves.
type Store interface {
	Change(ctx context.Context, lane incident.Lane, fn func(incident.Tx) error) error
	Reader() incident.Tx
	Places(ctx context.Context, region string) iter.Seq2[place.Place, error]
	SavePlaces(ctx context.Context, places []place.Place) error
	Setting(ctx context.Context, region, key string) ([]byte, error)
	SaveSetting(ctx context.Context, region, key string, value []byte) error
	PublicCases(ctx context.Context, sc scope.Scope, rule publicface.Rule, q publicface.Query) ([]publicface.Case, error)
}

// Run proves the contracts of incident, message, reply, agency, account and audit.
func Run(t *testing.T, open func(t *testing.T) Store) {
	for _, c := range []struct {
		name string
		test func(*testing.T, Store)
	}{
		{"a change that fails leaves nothing", failing},
		{"the reader changes nothing", reading},
		{"a change after the caller left does nothing", leaving},
		{"many changes at once, some of them failing", crowd},
		{"a message is kept once", once},
		{"personal data of many messages is asked for at once", personal},
		{"revisions in any order end in the same state", orders},
		{"what was erased is gone and does not come back", erasing},
		{"a message is erased before it has come", erasingAhead},
		{"texts without times: the later arrival wins", timeless},
		{"a deletion without a time: gone until it is brought back", deletion},
		{"what is known is asked for in one question", has},
		{"readings are replaced", readings},
		{"threads and equal texts lead to the open incident", threads},
		{"earlier messages name places", namedBefore},
		{"an incident is opened, saved and found", opening},
		{"an older version is a conflict", versions},
		{"a message belongs to one incident", attaching},
		{"history is kept in order", history},
		{"nothing outside the scope is seen", scopes},
		{"the queue agrees with the plain reading of the filter", queue},
		{"full text finds what the lemmas say", search},
		{"incidents near", near},
		{"everybody sees what the rule shows", faces},
		{"public cases by their filters", faceQueries},
		{"a reply goes from draft to receipt", replying},
		{"the outbox gives a job once", outbox},
		{"the outbox after a crash", interrupted},
		{"a fan-out keeps the words of each thread", fanouts},
		{"what people published by themselves is known", byHand},
		{"a fan-out is taken back whole or not at all", recalling},
		{"what a source asked of us is remembered", outlets},
		{"pushed messages are taken once", pushing},
		{"cursor and messages stand or fall together", cursors},
		{"what could not be taken is set aside once", aside},
		{"the ring of dropped messages is bounded and forgets", ringBounds},
		{"the ring gives back what became ours", ringDue},
		{"the last messages, kept and dropped, under a scope", ringSeen},
		{"sources show how they fare", sources},
		{"sources are kept as people wrote them", kept},
		{"the past of a source is read as far as somebody wants", goneBack},
		{"links are counted by place and proposed", mentioned},
		{"keys of networks, sealed", keys},
		{"what went to another city is kept and found", neighbours},
		{"applicants hold links of their own until they are erased", applicants},
		{"what tokens spent of their day", spending},
		{"what we say in a talk leaves once, in order", talking},
		{"a talk stands beside its incident and is erased with it", transcripts},
		{"texts of the talk, version by version", wording},
		{"what sources bring, by hours", hours},
		{"agencies and rules", agencies},
		{"accounts, sessions and views", accounts},
		{"tokens of programs", tokens},
		{"the audit is kept", auditing},
		{"saved queries, their versions, examples and counts", standingQueries},
		{"people decide, and what was erased teaches nothing", decisions},
		{"versions of models: one is active", learnt},
		{"proposals wait until a person decides, once", proposing},
		{"what colleagues write around an incident", colleagues},
		{"clocks ring, worst first, and are kept apart", ringing},
		{"figures of leaders", figures},
		{"disputes wait for the arbiter", disputing},
		{"words in a thread follow a finished incident", following},
		{"voices are kept once, seen by scope, erased with their message", hearing},
		{"closures, the sample and one-use links", closing},
		{"promises by day, told of once", promising},
		{"what the lint said of replies", linting},
		{"durable problems count, list and forget", durable},
		{"a message asks for one call", calling},
		{"whom to ring, by municipality", ringingUp},
		{"a caller's open incidents are found by number and name", callers},
		{"templates: versions, owners, use and marks", templating},
		{"people are told once of each cause", noticing},
		{"what leaves is a batch, and comes back as it was", posting},
		{"what people choose and where they are reached", reaching},
		{"precedents by words, topic and place", serving},
		{"what the assistant proposed", proposed},
		{"what a message came with is kept, seen and erased with it", bringing},
		{"pictures of a reply and their page", showing},
		{"what another system knew is kept and forgotten with its message", past},
		{"what happens is owed to webhooks, once and in order", owing},
		{"a reply that a receiver publishes is answered once", answering},
		{"an upload is given once, and goes with its message", uploads},
		{"what looks like spam waits for a person", suspicions},
		{"places and settings", reference},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.test(t, open(t))
		})
	}
}

// Two regions with two centres each, and a morning.
const (
	khakassia = "95000000"
	perm      = "57000000"
	abakan    = "95701000"
	abaza     = "95702000"
	lysva     = "57715000"
)

var (
	ctx     = context.Background()
	morning = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	here    = scope.Place{Region: khakassia, Centre: abakan}
)

func change(t testing.TB, s Store, fn func(tx incident.Tx) error) {
	t.Helper()
	if err := s.Change(ctx, incident.People, fn); err != nil {
		t.Fatalf("Change = %v", err)
	}
}

func want(t testing.TB, err error, kind fault.Kind) {
	t.Helper()
	if fault.KindOf(err) != kind {
		t.Errorf("error = %v, of kind %q; want %q", err, fault.KindOf(err), kind)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// letter returns a message whose text and reading are made from n.
func letter(n int, at scope.Place) (*message.Message, *message.Reading) {
	m := &message.Message{
		Source: "vk:-1001", Channel: message.VK, Form: message.Comment, Native: fmt.Sprintf("5_%d", n),
		Revision: message.Revision{Time: morning.Add(time.Duration(n) * time.Second)}, Event: message.Written,
		Thread: "5", Author: fmt.Sprintf("author%d", n), AuthorName: "Вера П.", Text: fmt.Sprintf("Яма во дворе, письмо %d", n),
		URL: "https://vk.example/wall", PublishedAt: morning, SeenAt: morning.Add(time.Minute), Place: at,
	}
	r := &message.Reading{Kind: message.Complaint, Complaint: true, Urgency: message.Normal,
		Topics: []message.TopicGuess{{Code: "roads.potholes", Score: 0.9}}, Index: fmt.Sprintf("яма двор письмо %d", n)}
	return m, r
}

// open opens an incident for a new letter.
func open(t testing.TB, tx incident.Tx, n int, at scope.Place, more ...func(*incident.Incident)) *incident.Incident {
	t.Helper()
	m, r := letter(n, at)
	_, err := tx.Messages().Keep(ctx, m, r)
	must(t, err)
	i := &incident.Incident{State: lifecycle.New, Topic: "roads.potholes", Group: "Дороги", Urgency: message.Normal, Kind: message.Complaint,
		Channel: message.VK, Place: at, First: m.ID, OpenedAt: morning.Add(time.Duration(n) * time.Minute), UpdatedAt: morning.Add(time.Duration(n) * time.Minute)}
	for _, f := range more {
		f(i)
	}
	must(t, tx.Incidents().Open(ctx, i))
	must(t, tx.Incidents().Attach(ctx, i.ID, m.ID))
	i.Messages = 1
	return i
}
