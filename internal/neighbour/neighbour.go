// Package neighbour is the vocabulary of handing an incident to another city: which of our
// sources take incidents and how our topics are called there (a City), and one incident that
// went there (a Request), from the form until that city closes it.
//
// A Request is posted once: its Key stands in the words that the city gets, so that it can be
// looked for there when a call ended in a way that nobody knows.
package neighbour

import (
	"context"
	"fmt"
	"strings"
	"time"

	"otklik/internal/account"
	"otklik/internal/scope"
	"otklik/internal/topic"
)

// An ID names a request.
type ID int64

// A City is a source of kind open311 to which incidents may be handed.
type City struct {
	Source   string                `json:"source"`
	Version  int                   `json:"version"`
	Agency   int64                 `json:"agency"` // ours that stands for it: the incident is handed over to it
	Topics   map[topic.Code]string `json:"topics"` // codes of services
	Groups   map[string]string     `json:"groups"` // of topics that name no service
	Services []Service             `json:"services"`
	AskedAt  time.Time             `json:"asked_at,omitzero"` // when it told its services
}

// ServiceOf returns the code of the service that a topic is there, "" where people must choose.
func (c *City) ServiceOf(code topic.Code, group string) string {
	if s := c.Topics[code]; s != "" {
		return s
	}
	return c.Groups[group]
}

// Service returns the service of a code, nil for none.
func (c *City) Service(code string) *Service {
	for k := range c.Services {
		if c.Services[k].Code == code {
			return &c.Services[k]
		}
	}
	return nil
}

// A Service is what a city takes requests about.
type Service struct {
	Code  string `json:"code"`
	Name  string `json:"name"`
	About string `json:"about,omitempty"`
	Group string `json:"group,omitempty"`
	Asks  bool   `json:"asks,omitempty"` // it has attributes
}

// An Attribute is what a service asks beside the words.
type Attribute struct {
	Code, Name, Hint string
	Type             string // string, number, datetime, text, singlevaluelist, multivaluelist
	Required         bool
	Told             bool // it only tells something, nothing is to be answered
	Values           []Value
}

// Many reports whether more than one value may be given.
func (a *Attribute) Many() bool { return a.Type == "multivaluelist" }

// A Value is one of those that an attribute may have.
type Value struct{ Key, Name string }

// A State says how far a request has come.
type State string

// States.
const (
	Waiting State = "waiting" // due at NextAt
	Sending State = "sending" // a call is under way; after a crash: Seeking
	Seeking State = "seeking" // the city may have it: it is looked for there, and never posted again by itself
	Unknown State = "unknown" // it was not found there: a person must look
	Refused State = "refused" // the city does not take it so
	Token   State = "token"   // taken, its number is to come
	Open    State = "open"    // it has its number there
	Closed  State = "closed"  // the city has closed it
	Dropped State = "dropped" // a person took it back before it was known to be there
)

var stateWords = map[State]string{
	Waiting: "отправляется", Sending: "отправляется", Seeking: "проверяем, дошло ли", Unknown: "неизвестно, дошло ли", Refused: "город не принял", Token: "принято, ждём номер",
	Open: "принято городом", Closed: "город закрыл", Dropped: "передача отменена",
}

// Name returns the state's Russian words.
func (s State) Name() string { return stateWords[s] }

// There reports whether the city surely has the request.
func (s State) There() bool { return s == Token || s == Open || s == Closed }

// Ended reports whether nothing comes of the request any more, so that another may be made.
func (s State) Ended() bool { return s == Refused || s == Dropped || s == Closed }

// A Request is one incident handed to one city.
type Request struct {
	ID       ID
	Incident int64
	Source   string
	Key      string // of ours; stands in the words that the city gets
	State    State
	Service  string // code
	Name     string // of the service
	Number   string // there
	Token    string // by which its number is asked for
	Contact  bool   // the author's name and contact went with it
	Tries    int    // of what it does now: posting, seeking, asking for the number or the standing
	NextAt   time.Time
	TriedAt  time.Time // the call whose end is not known
	By       account.ID
	At       time.Time
	SentAt   time.Time
	Standing Standing
	Words    Words
	Place    scope.Place // of the incident, with the agency; filled when read
}

// Mark is the line behind the words that the city gets.
func (r *Request) Mark(number string) string {
	return fmt.Sprintf("Передано из Отклика, № %s (%s)", number, r.Key)
}

// KeyOf returns the key of the mark in words, "" where there is none.
func KeyOf(text string) string {
	_, tail, _ := strings.Cut(text, "Передано из Отклика, № ")
	_, tail, _ = strings.Cut(tail, "(")
	if len(tail) < 9 || tail[8] != ')' {
		return ""
	}
	return tail[:8]
}

// Words are what of a request may tell of a person; erasable.
type Words struct {
	Text    string              `json:"text,omitempty"` // with the mark
	Address string              `json:"address,omitempty"`
	Lat     float64             `json:"lat,omitempty"`
	Lon     float64             `json:"lon,omitempty"`
	Media   string              `json:"media,omitempty"` // public address of a picture
	First   string              `json:"first,omitempty"` // name of the author, with consent alone
	Last    string              `json:"last,omitempty"`
	Phone   string              `json:"phone,omitempty"`
	Email   string              `json:"email,omitempty"`
	Asked   map[string][]string `json:"asked,omitempty"` // attributes
	Error   string              `json:"error,omitempty"` // for people: why it waits or was refused, with the city's words
	Notice  string              `json:"notice,omitempty"`
	Notes   string              `json:"notes,omitempty"` // what the city says of its state
	Told    string              `json:"told,omitempty"`  // notes that became a draft of our reply
}

// Sent leaves out what only the posting needed.
func (w *Words) Sent() { w.First, w.Last, w.Phone, w.Email, w.Asked, w.Error = "", "", "", "", nil, "" }

// A Standing is how a request stands in the city.
type Standing struct {
	Status     string // open or closed; "" = it was never asked
	Agency     string
	ExpectedAt time.Time
	UpdatedAt  time.Time
	Notes      string // kept with the Words
	SeenAt     time.Time
}

// A Receipt is what a city answers to a post: a number or a token.
type Receipt struct{ Number, Token, Notice string }

// A Wire speaks with a city. Its errors are of source.Error: Unclear where the city may have
// taken a request, Person where the connection itself waits for somebody.
type Wire interface {
	Services(ctx context.Context) ([]Service, error)
	Attributes(ctx context.Context, service string) ([]Attribute, error)
	Post(ctx context.Context, r *Request) (Receipt, error)
	// NumberOf returns the number behind a token, "" while there is none.
	NumberOf(ctx context.Context, token string) (string, error)
	// Seek looks for a request by its key, among those since; "" when it does not stand there.
	Seek(ctx context.Context, key string, since time.Time) (number string, err error)
	// Standings returns how requests stand, by number; those that the city does not show are missing.
	Standings(ctx context.Context, numbers []string) (map[string]Standing, error)
}

// A Store keeps requests.
type Store interface {
	// SaveRequest inserts when ID is 0, else changes what stands.
	SaveRequest(ctx context.Context, r *Request) error
	Request(ctx context.Context, sc scope.Scope, id ID) (*Request, error) // NotFound
	// OfIncident returns the requests of an incident, the oldest first.
	OfIncident(ctx context.Context, sc scope.Scope, incident int64) ([]Request, error)
	// OfSource returns the last requests to a city, the newest first.
	OfSource(ctx context.Context, sc scope.Scope, source string, limit int) ([]Request, error)
	// Due returns what is due, the longest due first.
	Due(ctx context.Context, now time.Time, limit int) ([]Request, error)
	// Known reports whether a request has the key.
	Known(ctx context.Context, key string) (bool, error)
	// Interrupted turns what a crash left in Sending into Seeking. The only sender calls it at its start.
	Interrupted(ctx context.Context, now time.Time) (int, error)
}
