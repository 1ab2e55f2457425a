// Package app puts the parts together: one straight line from the store to the
// judges, the desk, intake, the outbox and the pages. Each step pushes its
// teardown at once; Close runs them in reverse.
//
// Open gives the parts without starting anything: `otklik import` and `otklik
// dead` work with them directly. Run starts everything that lives: polling, the
// inbox, the outbox, the HTTP server.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"otklik/internal/account"
	"otklik/internal/classify"
	"otklik/internal/cluster"
	"otklik/internal/config"
	"otklik/internal/courier"
	"otklik/internal/desk"
	"otklik/internal/dialogue"
	"otklik/internal/envoy"
	"otklik/internal/fault"
	"otklik/internal/fetch"
	"otklik/internal/followup"
	"otklik/internal/gazetteer"
	"otklik/internal/herald"
	"otklik/internal/incident"
	"otklik/internal/ingest"
	"otklik/internal/kind"
	"otklik/internal/lint"
	"otklik/internal/live"
	"otklik/internal/lookout"
	"otklik/internal/message"
	"otklik/internal/notify"
	"otklik/internal/notify/telegram"
	"otklik/internal/outbox"
	"otklik/internal/reading"
	"otklik/internal/reply"
	"otklik/internal/roster"
	"otklik/internal/russian"
	"otklik/internal/shield"
	"otklik/internal/source"
	"otklik/internal/source/vk"
	"otklik/internal/store"
	"otklik/internal/stream"
	"otklik/internal/table"
	"otklik/internal/teach"
	"otklik/internal/topic"
	"otklik/internal/upload"
	"otklik/internal/vault"
	"otklik/internal/watch"
)

// Options says what to open.
type Options struct {
	Dir    string
	Config config.Config
	Log    *slog.Logger
	Now    func() time.Time // nil is time.Now
	Demo   *Demo            // nil in the service
	Grace  time.Duration    // how long an approved reply waits, so that who sent it too soon takes it back
	// Apart learns in a process of its own, for an account (0: the machine), and returns
	// what it printed; nil learns inside of this one.
	Apart func(ctx context.Context, who account.ID) ([]byte, error)
	// Publishers are of sources whose connectors stand outside of the configuration, by id.
	Publishers map[string]source.Publisher
	Alone      bool // keep other services away from the database: this one polls and publishes
}

// An App is the product, assembled.
type App struct {
	Options
	DB       *store.DB
	Places   *gazetteer.Index
	Analyzer *russian.Analyzer
	Reader   *reading.Reader

	followups *followup.Judge
	Hub       *live.Hub
	Desk      *desk.Desk
	Intake    *ingest.Intake
	Tables    *table.Tables  // of other systems
	Roster    *roster.Roster // of sources
	pool      *vk.Pool       // reads the walls of others at VK
	Inbox     *stream.Inbox
	Outbox    *outbox.Outbox
	Dialogue  *dialogue.Dialogue // with residents in messengers
	Notices   *notify.Notifier
	Herald    *herald.Herald   // calls programs outside
	Envoy     *envoy.Envoy     // hands incidents to other cities
	Courier   *courier.Courier // writes to residents who reported; nil where no letters leave
	bot       *telegram.Bot    // nil where none is configured
	Lookout   *lookout.Lookout

	Teacher *teach.Teacher
	Linter  *lint.Linter
	Vault   *vault.Vault // bytes of pictures and documents
	Fetcher *fetch.Fetcher
	Uploads *upload.Uploads // of residents, before they are in the vault
	Shield  *shield.Shield  // keeps abuse away from the residents' form

	lessons  lessons
	taxonomy atomic.Pointer[topic.Taxonomy]
	ruling   atomic.Pointer[ruling]
	editing  sync.Mutex // of the taxonomy: one edit at a time
	erasing  sync.Mutex // of the ledger beside the database
	teardown []func() error
}

// Open assembles the product in the folder of an installation.
func Open(ctx context.Context, o Options) (a *App, err error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	a = &App{Options: o, Hub: live.NewHub()}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
			a = nil
		}
	}()
	if o.Alone {
		release, err := store.Hold(o.Config.StoreURL(o.Dir))
		if err != nil {
			return a, err
		}
		a.teardown = append(a.teardown, release)
	}
	if a.DB, err = store.Open(ctx, o.Config.StoreURL(o.Dir)); err != nil {
		return a, err
	}
	a.teardown = append(a.teardown, a.DB.Close)
	if a.Vault, err = vault.Open(a.filesDir()); err != nil {
		return a, err
	}
	if again, err := a.SyncErasures(ctx); err != nil {
		return a, err
	} else if again > 0 {
		o.Log.Warn("the database was restored: messages are erased again by the ledger", "messages", again)
	}
	if err := a.openJudges(ctx); err != nil {
		return a, err
	}
	if err := a.bringTemplates(ctx); err != nil {
		return a, err
	}
	a.Lookout = lookout.New(lookout.Options{
		Store: a.DB, Reader: a.Analyzer, Places: a.Places, Of: a.Reader.Of, Personal: a.personal, Use: a.Reader.Listen, Sweep: a.DB.Sweep, Region: a.region(), Now: o.Now, Log: o.Log,
	})
	if err := a.Lookout.Load(ctx); err != nil {
		return a, err
	}
	if err := a.loadRules(ctx); err != nil {
		return a, err
	}
	a.Desk = desk.New(desk.Options{
		Store: a.DB, Rules: a.Book, Read: a.Reader.Read, Topics: a.Topics, Places: a.Places,
		Publishes: a.publishes,
		Tell:      a.tell, Now: o.Now, Region: a.region(), Key: a.key, Grace: o.Grace, Quiet: a.quiet,
		Follow: a.Follow, Negative: a.Config.Rating.Negative, Quorum: a.Config.Rating.Quorum(), Repeats: a.Config.Rating.Repeats(), Site: a.Config.Site,
		Lint: a.Linter, Zone: a.zoneAt, Assistant: a.assistant(), PhotoProof: true,
		ReadsBack: func(id string) bool {
			p := a.publisher(id)
			return p != nil && p.Ability().ReadBack
		},
	})
	if err := a.openLinks(); err != nil {
		return a, err
	}
	a.openTalks()
	a.Intake = ingest.New(ingest.Options{
		Talks: a.Dialogue,
		Store: a.DB, Desk: a.Desk, Read: a.Reader.Keyed, Knowing: a.Reader.Knowing, Key: a.key, Tell: a.tell, Now: o.Now, Log: o.Log,
		Known: func(id string) (source.Source, bool) { return a.Roster.Of(id) }, Learnt: a.reloadSources,
	})
	a.openTables()
	a.Inbox = stream.NewInbox(a.DB, o.Now, o.Log)
	a.Outbox = outbox.New(outbox.Options{
		Store: a.DB, Desk: a.Desk, Now: o.Now, Log: o.Log,
		Publisher: a.publisher,
		Quiet:     func(j *reply.Job, now time.Time) time.Time { return a.quiet(j.Source, j.Place, now) },
		Alone: func(ctx context.Context) (outbox.Lease, error) {
			if l, err := a.DB.Alone(ctx, store.Publishing); l != nil {
				return l, err
			} else { // no typed nil in an interface
				return nil, err
			}
		},
	})
	if err := a.openNotices(ctx); err != nil {
		return a, err
	}
	a.Fetcher = fetch.New(fetch.Options{Store: a.DB, Vault: a.Vault, Hosts: a.fileHosts, Ask: a.fileAddress, Open: a.fileBytes, Now: o.Now, Log: o.Log, Gap: fetchGap, Plain: a.Demo != nil})
	if err := a.openUploads(); err != nil {
		return a, err
	}
	if err := a.openHerald(ctx); err != nil {
		return a, err
	}
	if err := a.openSources(ctx); err != nil {
		return a, err
	}
	a.openEnvoy()
	a.openCourier()
	return a, nil
}

// openJudges opens what reads messages: analyzer, gazetteer, taxonomy, models.
func (a *App) openJudges(ctx context.Context) (err error) {
	if a.Analyzer, err = russian.New(); err != nil {
		return err
	}
	if a.Linter, err = lint.New(a.Analyzer); err != nil {
		return err
	}
	var regions []string
	if r := a.region(); r != "" {
		regions = []string{r}
	}
	if a.Places, err = gazetteer.New(a.Analyzer, regions...); err != nil {
		return err
	}
	if err := a.Places.Load(ctx, a.DB); err != nil {
		return err
	}
	taxonomy, err := a.storedTaxonomy(ctx)
	if err != nil {
		return err
	}
	a.taxonomy.Store(taxonomy)
	a.openTeacher()
	if err := a.loadLessons(ctx); err != nil {
		return err
	}
	topics, err := a.classifier(taxonomy)
	if err != nil {
		return err
	}
	judge, err := kind.New(a.Analyzer)
	if err != nil {
		return err
	}
	if a.followups, err = followup.New(a.Analyzer); err != nil {
		return err
	}
	standard, err := watch.Default(a.Analyzer)
	if err != nil {
		return err
	}
	watches, err := a.watches()
	if err != nil {
		return err
	}
	a.Reader = reading.New(reading.Options{
		Analyzer: a.Analyzer, Kind: judge, Places: a.Places, Topics: topics, Default: standard, Watches: watches, Region: a.region(),
	})
	return nil
}

// region returns the OKTMO of this centre's region, "" for all regions.
func (a *App) region() string {
	if a.Config.Region == "all" {
		return ""
	}
	return a.Config.Region
}

// Follow reads what a resident writes after our reply.
func (a *App) Follow(text string, c followup.Context) followup.Opinion {
	return a.followups.Read(a.Analyzer.Read(text), c)
}

// classifier returns the judge of topics for a version of the taxonomy: what was
// learnt here, else what the program or the configuration brought.
func (a *App) classifier(t *topic.Taxonomy) (*classify.Classifier, error) {
	if m := a.lessons.topics.Load(); m.model != nil {
		return classify.ForModel(a.Analyzer, t, m.model)
	}
	return a.brought(t)
}

// brought returns the judge of topics that stands where nothing was learnt.
func (a *App) brought(t *topic.Taxonomy) (*classify.Classifier, error) {
	if a.Config.Model == "" {
		return classify.For(a.Analyzer, t)
	}
	path := a.Config.Model
	if !filepath.IsAbs(path) {
		path = filepath.Join(a.Dir, path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fault.New(fault.NotFound, "%s: model: %w", config.Name, err).
			Mend("train one: otklik train --data FILE --label topic --out FILE, or remove the line")
	}
	defer f.Close()
	m, err := classify.ReadModel(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return classify.ForModel(a.Analyzer, t, m)
}

func (a *App) watches() ([]watch.Rule, error) {
	var rules []watch.Rule
	for i, w := range a.Config.Watch {
		q, err := watch.Parse(a.Analyzer, w.Query)
		if err != nil {
			return nil, fault.New(fault.Invalid, "%s: watch[%d] %q: %w", config.Name, i, w.Name, err).
				Mend("mend the query; docs/watch.md describes the language")
		}
		rule := watch.Rule{ID: int64(i + 1), Name: w.Name, Query: q}
		if w.Territory != "" {
			p, ok := a.Places.ByID(w.Territory)
			if !ok {
				return nil, fault.New(fault.Invalid, "%s: watch[%d]: territory %s is unknown", config.Name, i, w.Territory).
					Mend("write the OKTMO code of a region, municipality or settlement")
			}
			switch p.Level {
			case "region":
				rule.Regions = []string{p.ID}
			case "municipality":
				rule.Municipalities = []string{p.ID}
			default:
				rule.Settlements = []string{p.ID}
			}
		}
		rules = append(rules, rule)
	}
	return rules, nil
}

// key reads a text for comparison with others.
func (a *App) key(text string) cluster.Key { return cluster.KeyOf(a.Analyzer.Read(text)) }

// Close tears down in reverse order. It may be called more than once.
func (a *App) Close() error {
	var errs []error
	for len(a.teardown) > 0 {
		last := a.teardown[len(a.teardown)-1]
		a.teardown = a.teardown[:len(a.teardown)-1]
		errs = append(errs, last())
	}
	return errors.Join(errs...)
}

// take hands pushed messages to intake.
func (a *App) take(ctx context.Context, batch []message.Message, also func(incident.Tx) error) (time.Duration, error) {
	sum, err := a.Intake.Take(ctx, batch, also)
	return sum.Held(), err
}

// Connections returns what the centre reads.
func (a *App) Connections() []source.Connection { return a.Roster.Connections() }

// Grace is that of the service and of the demo.
const Grace = 5 * time.Second
