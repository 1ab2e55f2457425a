package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"otklik/internal/account"
	"otklik/internal/classify"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lesson"
	"otklik/internal/lifecycle"
	"otklik/internal/russian"
	"otklik/internal/scope"
	"otklik/internal/site"
	"otklik/internal/store"
	"otklik/internal/teach"
)

// lessons is what this process holds of what was learnt.
type lessons struct {
	topics    atomic.Pointer[learnt]
	executors atomic.Pointer[learnt]

	mu    sync.Mutex
	since time.Time // learning is under way
	told  []string
	under sync.WaitGroup
	stop  context.CancelFunc
	ctx   context.Context // of learning begun by a page: it outlives the request
}

// learnt is a version that is in force; number 0 with nothing in it is none.
type learnt struct {
	number    int
	model     *classify.Model
	suggester *classify.Suggester // of executors
}

func (l *lessons) of(s lesson.Subject) *atomic.Pointer[learnt] {
	if s == lesson.Executors {
		return &l.executors
	}
	return &l.topics
}

func (a *App) openTeacher() {
	a.Teacher = teach.New(teach.Options{
		Store: a.DB, Reader: a.Analyzer, Topics: a.Topics, Brought: a.brought, Region: a.region(), ByHand: a.Config.Learn.ByHand, Now: a.Now, Log: a.Log,
	})
	l := &a.lessons
	l.topics.Store(&learnt{})
	l.executors.Store(&learnt{})
	l.ctx, l.stop = context.WithCancel(context.Background())
	a.teardown = append(a.teardown, func() error { l.stop(); l.under.Wait(); return nil })
}

// OpenTeacher opens of an installation only what learning needs.
func OpenTeacher(ctx context.Context, o Options) (a *App, err error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	a = &App{Options: o}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
			a = nil
		}
	}()
	if a.DB, err = store.Open(ctx, o.Config.StoreURL(o.Dir)); err != nil {
		return a, err
	}
	a.teardown = append(a.teardown, a.DB.Close)
	if a.Analyzer, err = russian.New(); err != nil {
		return a, err
	}
	taxonomy, err := a.storedTaxonomy(ctx)
	if err != nil {
		return a, err
	}
	a.taxonomy.Store(taxonomy)
	a.openTeacher()
	return a, nil
}

// loadLessons takes up the versions that are in force, where they are others than
// this process holds. A model that cannot be read (of a newer program, or damaged)
// leaves what the program brought: messages must be read all the same.
func (a *App) loadLessons(ctx context.Context) error {
	for _, s := range lesson.Subjects() {
		number, err := a.Teacher.Active(ctx, s)
		if err != nil {
			return err
		}
		slot := a.lessons.of(s)
		if slot.Load().number == number {
			continue
		}
		next := &learnt{number: number}
		if next.model, err = a.Teacher.Model(ctx, s, number); err == nil && next.model != nil && s == lesson.Executors {
			next.suggester, err = classify.NewSuggester(a.Analyzer, next.model)
		}
		if fault.Is(err, fault.Unavailable) {
			return err
		} else if err != nil {
			a.Log.Error("a learnt model cannot be used; what the program brought stands in its place", "subject", string(s), "version", number, "error", err)
			next.model, next.suggester = nil, nil
		}
		slot.Store(next)
	}
	return nil
}

// refreshLessons takes up what is in force by now: learnt here, or by another process.
func (a *App) refreshLessons(ctx context.Context) error {
	a.editing.Lock()
	defer a.editing.Unlock()
	was := a.lessons.topics.Load()
	if err := a.loadLessons(ctx); err != nil || a.lessons.topics.Load() == was {
		return err
	}
	topics, err := a.classifier(a.Topics())
	if err != nil {
		return err
	}
	a.Reader.Judge(topics)
	return nil
}

// An Outcome says what learning one subject came to.
type Outcome struct {
	Subject lesson.Subject `json:"subject"`
	Version int            `json:"version,omitempty"`
	State   lesson.State   `json:"state,omitempty"`
	Told    string         `json:"told"`            // in Russian, for people
	Error   string         `json:"error,omitempty"` // for engineers, where it could not be done
}

// Learn makes the next version of every subject, in this process, and says what
// came of each. Too little to learn from is an outcome too.
func (a *App) Learn(ctx context.Context, who account.Actor) []Outcome {
	var out []Outcome
	for _, s := range lesson.Subjects() {
		v, err := a.Teacher.Learn(ctx, who, s)
		o := Outcome{Subject: s, Version: v.Number, State: v.State}
		switch {
		case err == nil:
			o.Told = teach.Told(&v)
		case fault.Is(err, fault.Conflict):
			o.Version, o.Told = 0, fault.Sentence(err)
		default:
			o.Version, o.Told, o.Error = 0, "Обучение не удалось, действует прежняя версия.", err.Error()
		}
		out = append(out, o)
	}
	return out
}

// LearnNow learns, apart where that is possible, and takes up what came of it.
func (a *App) LearnNow(ctx context.Context, who account.Actor) error {
	if err := a.begin(); err != nil {
		return err
	}
	return a.learn(ctx, who)
}

func (a *App) begin() error {
	l := &a.lessons
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.since.IsZero() {
		return fault.New(fault.Conflict, "learning is under way").Say("Обучение уже идёт. Дождитесь, чем оно кончится.")
	}
	l.since = a.Now()
	l.under.Add(1)
	return nil
}

func (a *App) learn(ctx context.Context, who account.Actor) (err error) {
	l := &a.lessons
	var list []Outcome
	defer func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.since, l.told = time.Time{}, nil
		for _, o := range list {
			l.told = append(l.told, o.Told)
		}
		if err != nil && len(list) == 0 {
			l.told = []string{"Обучение не удалось, действует прежняя версия."}
		}
		l.under.Done()
	}()
	if a.Apart == nil {
		list = a.Learn(ctx, who)
	} else {
		printed, err := a.Apart(ctx, who.ID)
		for dec := json.NewDecoder(bytes.NewReader(printed)); dec.More(); {
			var o Outcome
			if dec.Decode(&o) != nil {
				break
			}
			list = append(list, o)
		}
		if err != nil {
			return err
		}
	}
	for _, o := range list {
		if o.Error != "" {
			a.Log.Error("learning has failed", "subject", string(o.Subject), "error", o.Error)
		}
	}
	return a.refreshLessons(ctx)
}

// lookEvery is how soon a process sees what another one has put in force.
const lookEvery = 20 * time.Second

// learnByNight learns once a night, in one process of the installation, and takes
// up what others put in force.
func (a *App) learnByNight(ctx context.Context) error {
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	if a.Demo != nil && a.Demo.LearnAfter > 0 {
		a.learnFirst(ctx)
	}
	for {
		if err := a.refreshLessons(ctx); err != nil && ctx.Err() == nil {
			a.Log.Warn("learnt versions cannot be looked up", "error", err)
		}
		if err := a.learnIfNight(ctx); err != nil && ctx.Err() == nil {
			a.Log.Error("learning by night has failed", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-look.C:
		}
	}
}

// learnFirst gives the demo its first versions, once somebody has seen its first page.
func (a *App) learnFirst(ctx context.Context) {
	select {
	case <-ctx.Done():
		return
	case <-time.After(a.Demo.LearnAfter):
	}
	if list, err := a.Teacher.Versions(ctx, lesson.Topics); err != nil || len(list) > 0 {
		return
	}
	if err := a.LearnNow(ctx, account.System()); err != nil && ctx.Err() == nil {
		a.Log.Warn("the demo could not learn", "error", err)
	}
}

func (a *App) learnIfNight(ctx context.Context) error {
	local := a.Now().In(a.zone())
	if a.Config.Learn.Off || local.Hour() != a.Config.Learn.At() {
		return nil
	}
	var mine bool
	err := a.DB.Change(ctx, incident.Machine, func(tx incident.Tx) (err error) {
		mine, err = tx.Lessons().ClaimNight(ctx, a.region(), local.Format(time.DateOnly))
		return err
	})
	if err != nil || !mine {
		return err
	}
	if err := a.LearnNow(ctx, account.System()); !fault.Is(err, fault.Conflict) {
		return err
	}
	return nil // somebody has just pressed the button
}

// zone is the local time of the installation.
func (a *App) zone() *time.Location {
	if p, ok := a.Places.ByID(a.region()); ok {
		return site.Zone(p.Zone)
	}
	return site.Zone("Europe/Moscow")
}

// MayTeach reports whether somebody may decide about versions: the right to
// teach, and sight of all that this centre works on, because all of it is read by them.
func (a *App) MayTeach(who account.Actor) bool {
	return (who.Role == lifecycle.System || who.Role.Holds(lifecycle.Teach)) && scope.OfRegion(a.region()).Within(who.Scope)
}

func (a *App) mayTeach(who account.Actor) error {
	if a.MayTeach(who) {
		return nil
	}
	return fault.New(fault.Forbidden, "account %d may not decide about learnt versions", who.ID).
		Say("Версии одни на всех, кто работает в этом центре. Обучать и откатывать их может аналитик или администратор, который видит центр целиком.")
}

// Teach begins to learn and returns at once.
func (a *App) Teach(_ context.Context, who account.Actor) error {
	if err := a.mayTeach(who); err != nil {
		return err
	}
	if err := a.begin(); err != nil {
		return err
	}
	go func() {
		if err := a.learn(a.lessons.ctx, who); err != nil && a.lessons.ctx.Err() == nil {
			a.Log.Error("learning has failed", "error", err)
		}
	}()
	return nil
}

// ActivateLesson puts a version in force.
func (a *App) ActivateLesson(ctx context.Context, who account.Actor, s lesson.Subject, number int) error {
	if err := a.mayTeach(who); err != nil {
		return err
	}
	if _, err := a.Teacher.Activate(ctx, who, s, number); err != nil {
		return err
	}
	return a.refreshLessons(ctx)
}

// RollBackLesson puts the version in force that the active one replaced.
func (a *App) RollBackLesson(ctx context.Context, who account.Actor, s lesson.Subject) (int, error) {
	if err := a.mayTeach(who); err != nil {
		return 0, err
	}
	n, err := a.Teacher.RollBack(ctx, who, s)
	if err != nil {
		return 0, err
	}
	return n, a.refreshLessons(ctx)
}

// Lessons returns the versions and how learning stands.
func (a *App) Lessons(ctx context.Context) (out site.Lessons, err error) {
	out = site.Lessons{Versions: map[lesson.Subject][]lesson.Version{}, Hour: a.Config.Learn.At(), ByHand: a.Config.Learn.ByHand}
	if a.Config.Learn.Off {
		out.Hour = -1
	}
	for _, s := range lesson.Subjects() {
		if out.Versions[s], err = a.Teacher.Versions(ctx, s); err != nil {
			return out, err
		}
	}
	if out.Tally, err = a.Teacher.Tally(ctx); err != nil {
		return out, err
	}
	a.lessons.mu.Lock()
	defer a.lessons.mu.Unlock()
	out.Since, out.Told = a.lessons.since, a.lessons.told
	return out, nil
}
