package staff

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"otklik/internal/account"
	"otklik/internal/attachment"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/reply"
	"otklik/internal/site"
)

// A PhotosView is what pictures and documents the incident has.
type PhotosView struct {
	Pairs  []PairView  // how it was, how it is; the sides in the order in which they came
	Others []PhotoView // of staff, neither the one nor the other
	Own    []PhotoView // all that staff added: what can go with a reply
	Add    bool        // the account may add one, and sort
	Hidden bool        // residents' pictures are not shown to the role
}

// A PairView is a picture of how it was beside one of how it is; one side may be absent.
type PairView struct{ Before, After *PhotoView }

// A PhotoView is one attachment.
type PhotoView struct {
	ID      attachment.ID
	Picture bool
	Kind    attachment.Kind
	Part    attachment.Part
	URL     string // of ours; "" when we have no bytes
	Out     string // where its source has it; may be empty
	Title   string
	Words   string // for who does not see it: «стало, снимок 2»
	Note    string // who added it and when, or why it is not here
	Taken   string // when and where the camera says it was taken
	Width   int
	Height  int
	Remove  bool
	Chosen  bool // goes with the reply that is being written
}

func (s *Staff) photoRoutes() []site.Route {
	one := site.Access{Right: lifecycle.SeeQueue, Of: site.FileResource(s.Cases)}
	return []site.Route{
		{Method: "GET", Pattern: "/desk/files/{id}", Access: one, Handler: s.picture(false)},
		{Method: "GET", Pattern: "/desk/files/{id}/small", Access: one, Handler: s.picture(true)},
	}
}

var photoDeeds = []deed{
	{"photo", lifecycle.Photo, "Приложено", "", "", "", func(_ *Staff, r *http.Request) (desk.Change, error) {
		if field(r, "added") == "" {
			return nil, fault.New(fault.Invalid, "no file was chosen").At("file").Say("Выберите снимок: без него прикладывать нечего.")
		}
		return nil, nil // uploads has done it
	}},
	{"photo-part", lifecycle.Photo, "Отмечено", "", "", "", func(_ *Staff, r *http.Request) (desk.Change, error) {
		return desk.SortPhoto{Attachment: attachment.ID(number(r, "file")), Part: attachment.Part(field(r, "part"))}, nil
	}},
	{"photo-remove", lifecycle.Photo, "Снимок убран", "", "", "", func(_ *Staff, r *http.Request) (desk.Change, error) {
		return desk.RemovePhoto{Attachment: attachment.ID(number(r, "file"))}, nil
	}},
}

func (s *Staff) picture(small bool) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		return site.ServeFile(w, r, s.Files, site.FileOf(r.Context()), small)
	}
}

// fileFields are the fields of a form that hold files, with what these show.
var fileFields = []struct {
	name string
	part attachment.Part
}{{"file_before", attachment.Before}, {"file_after", attachment.After}, {"file", attachment.NoPart}}

// uploads adds the files of the form to the incident, notes them in the form as chosen
// for the reply, and returns the version that the incident has then. What is there
// already (a form sent again) is chosen and not added twice.
func (s *Staff) uploads(r *http.Request, id incident.ID, version int) (int, error) {
	if r.MultipartForm == nil {
		return version, nil
	}
	for _, f := range fileFields {
		sent, err := site.Sent(r, f.name)
		if err != nil {
			return version, err
		}
		if len(sent) > 0 && s.Files == nil {
			return version, fault.New(fault.Unavailable, "no vault").Say("Здесь снимки не хранятся.")
		}
		for _, h := range sent {
			body, err := h.Open()
			if err != nil {
				return version, err
			}
			err = s.Files.Keep(r.Context(), body, func(file attachment.File) error {
				added := attachment.ID(0)
				here, err := s.Cases().Attachments().OfIncident(r.Context(), who(r).Scope(), int64(id))
				if err != nil {
					return err
				}
				for k := range here {
					if here[k].Message == 0 && here[k].Hash == file.Hash {
						added = here[k].ID
					}
				}
				if added == 0 {
					i, err := s.Desk.Do(r.Context(), who(r).Actor(), id, version, desk.AddPhoto{File: file, Part: f.part, ID: &added})
					if err != nil {
						return err
					}
					if version != 0 {
						version = i.Version
					}
				}
				r.PostForm.Add("enclose", strconv.FormatInt(int64(added), 10))
				r.PostForm.Set("added", "1")
				r.PostForm.Set("version", strconv.Itoa(version))
				return nil
			})
			body.Close()
			if err != nil {
				return version, err
			}
		}
	}
	return version, nil
}

// enclosed returns what goes with the reply of a form.
func enclosed(r *http.Request) (ids []attachment.ID) {
	for _, v := range r.PostForm["enclose"] {
		if n, err := strconv.ParseInt(v, 10, 64); err == nil && n > 0 {
			ids = append(ids, attachment.ID(n))
		}
	}
	return ids
}

// addPhotos puts pictures where they belong: under their message, beside one another,
// with their reply.
func (s *Staff) addPhotos(ctx context.Context, tx incident.Tx, me *account.Account, i *incident.Incident, p *IncidentPage, people map[account.ID]string, now time.Time, zone *time.Location) error {
	all, err := tx.Attachments().OfIncident(ctx, me.Scope(), int64(i.ID))
	if err != nil {
		return err
	}
	with, err := tx.Attachments().Enclosed(ctx, int64(i.ID))
	if err != nil {
		return err
	}
	v := &PhotosView{Add: s.Files != nil && (p.Can[lifecycle.Photo] || p.Team != nil && p.Team.Helps && lifecycle.May(me.Role, lifecycle.Photo))}
	p.Photos = v
	chosen := p.chosen(with)
	var before, after []PhotoView
	for k := range all {
		a := &all[k]
		one := s.photoView(a, people, now, zone)
		if a.Message != 0 {
			if !site.SeesFile(me.Role, a) {
				v.Hidden = v.Hidden || a.Picture()
				continue
			}
			if n := slices.IndexFunc(p.Messages, func(m MessageView) bool { return int64(m.ID) == a.Message }); n >= 0 {
				p.Messages[n].Files = append(p.Messages[n].Files, one)
			}
		}
		one.Words = fmt.Sprintf("%s, снимок %d", orElse(a.Part.Name(), "фото"), k+1)
		switch {
		case a.Part == attachment.Before:
			before = append(before, one)
		case a.Part == attachment.After:
			after = append(after, one)
		case a.Message == 0:
			v.Others = append(v.Others, one)
		}
		if a.Message == 0 {
			one.Chosen = slices.Contains(chosen, a.ID)
			v.Own = append(v.Own, one)
		}
	}
	for k := range max(len(before), len(after)) {
		var pair PairView
		if k < len(before) {
			pair.Before = &before[k]
		}
		if k < len(after) {
			pair.After = &after[k]
		}
		v.Pairs = append(v.Pairs, pair)
	}
	for k := range p.Replies {
		for _, a := range with[int64(p.Replies[k].ID)] {
			p.Replies[k].Files = append(p.Replies[k].Files, s.photoView(&a, people, now, zone))
		}
	}
	return nil
}

// chosen returns what goes with the reply that was taken back just now.
func (p *IncidentPage) chosen(with map[int64][]attachment.Attachment) (ids []attachment.ID) {
	if p.Recalled == "" || len(p.Replies) == 0 {
		return nil
	}
	for _, a := range with[int64(p.Replies[len(p.Replies)-1].ID)] {
		ids = append(ids, a.ID)
	}
	return ids
}

// encloses reports whether the box of a picture is ticked.
func (p *IncidentPage) encloses(v *PhotoView) bool {
	switch p.KeptFor {
	case "submit", "answer", "lint":
		return slices.Contains(p.Kept["enclose"], fmt.Sprint(v.ID))
	}
	return v.Chosen
}

var lostWords = map[string]string{
	attachment.NotFound: "в сети его больше нет", attachment.TooLarge: "слишком большой", attachment.Unfit: "это не снимок", attachment.Forbidden: "лежит на чужом сайте",
	attachment.GaveUp: "не удалось скачать", attachment.NoSource: "не лежал рядом с файлом выгрузки", attachment.Infected: "в файле вирус, он удалён",
}

func (s *Staff) photoView(a *attachment.Attachment, people map[account.ID]string, now time.Time, zone *time.Location) PhotoView {
	v := PhotoView{ID: a.ID, Picture: a.Picture(), Kind: a.Shown(), Part: a.Part, Out: webURL(a.Ref.URL), Title: a.Title, Width: a.Width, Height: a.Height, Remove: a.Message == 0}
	v.Words = orElse(a.Part.Name(), a.Shown().Name())
	if a.State == attachment.Kept {
		v.URL = fmt.Sprintf("/desk/files/%d", a.ID)
	}
	switch {
	case a.State == attachment.Lost:
		v.Note = orElse(lostWords[a.Why], "его нет")
	case a.State == attachment.Wanted && strings.HasPrefix(a.Name, attachment.Uploaded):
		v.Note = "обрабатывается"
		if a.Tries > 0 {
			v.Note = "ждёт проверки на вирусы"
		}
	case a.State == attachment.Wanted:
		v.Note = "ещё не скачан"
	case a.Message == 0:
		v.Note = orElse(people[a.By], "система") + ", " + site.DateTime(a.At, now, zone)
	}
	if !a.TakenAt.IsZero() {
		v.Taken = "часы камеры: " + a.TakenAt.Format("02.01.2006 15:04")
	}
	if a.Lat != 0 || a.Lon != 0 {
		if v.Taken != "" {
			v.Taken += "; "
		}
		v.Taken += fmt.Sprintf("место по камере: %.4f, %.4f", a.Lat, a.Lon)
	}
	return v
}

// proofOf returns the pictures of how it was and how it is for the page of checks.
func (s *Staff) proofOf(ctx context.Context, tx incident.Tx, me *account.Account, id incident.ID) (pair PairView, err error) {
	all, err := tx.Attachments().OfIncident(ctx, me.Scope(), int64(id))
	if err != nil {
		return pair, err
	}
	for k := range all {
		a := &all[k]
		if !a.Picture() {
			continue
		}
		v := s.photoView(a, nil, time.Time{}, time.UTC)
		v.Note = ""
		switch a.Part {
		case attachment.Before:
			pair.Before = &v
		case attachment.After:
			pair.After = &v
		}
	}
	return pair, nil
}

// goesWith returns the pictures of one reply, for who approves it.
func (s *Staff) goesWith(ctx context.Context, tx incident.Tx, r *reply.Reply) (out []PhotoView, err error) {
	with, err := tx.Attachments().Enclosed(ctx, r.Incident)
	for _, a := range with[int64(r.ID)] {
		out = append(out, s.photoView(&a, nil, time.Time{}, time.UTC))
	}
	return out, err
}

// picturesOf returns what came with a message, for the page of checks.
func (s *Staff) picturesOf(ctx context.Context, tx incident.Tx, me *account.Account, message int64) (out []PhotoView, err error) {
	if message == 0 {
		return nil, nil
	}
	all, err := tx.Attachments().OfMessages(ctx, message)
	for k := range all {
		if site.SeesFile(me.Role, &all[k]) {
			out = append(out, s.photoView(&all[k], nil, time.Time{}, time.UTC))
		}
	}
	return out, err
}

func tellPhoto(d *incident.Detail) string {
	words := attachment.Part(d.Now).Name()
	switch {
	case d.How == desk.HowRemoved:
		return "снимок убран"
	case d.How == desk.HowSorted && words == "":
		return "снимок больше не «" + attachment.Part(d.Was).Name() + "»"
	case d.How == desk.HowSorted:
		return "снимок отмечен: " + words
	case words == "":
		return "приложен файл"
	}
	return "приложен снимок: " + words
}
