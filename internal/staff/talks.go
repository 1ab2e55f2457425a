package staff

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/site"
	"otklik/internal/source"
	"otklik/internal/talk"
)

// A TalkLine is one line of a talk as the page of its incident shows it.
type TalkLine struct {
	When    string
	Ours    bool   // we said it
	System  bool   // what followed
	Text    string // masked for who may not see personal data
	Buttons []string
	State   string // of ours: why it did not come; "" when it did
}

// A TalksPage is where texts of the talk are seen and edited.
type TalksPage struct {
	Chrome
	Texts   []TalkText
	Facts   []string // how talks fare, by source
	Edit    bool
	Problem string
	Kept    string
	KeptFor talk.Key
}

// A TalkText is one text with its preview and its versions.
type TalkText struct {
	talk.Text
	Now      string // the words in force
	Own      bool   // they are the centre's own
	Preview  string
	Braces   string // what may stand in it
	Versions []TemplateVersion
}

// Value returns what stands in the editor.
func (p *TalksPage) Value(t *TalkText) string {
	if p.Problem != "" && p.KeptFor == t.Key {
		return p.Kept
	}
	return t.Now
}

func (s *Staff) talkRoutes() []site.Route {
	return []site.Route{
		{Method: "GET", Pattern: "/desk/talks", Access: site.Access{Right: lifecycle.SeeSources}, Handler: s.talks},
		{Method: "POST", Pattern: "/desk/talks", Access: site.Access{Right: lifecycle.EditSources, Whole: true}, Handler: s.saveTalkText},
	}
}

func (s *Staff) talks(w http.ResponseWriter, r *http.Request) error {
	return s.showTalks(w, r, http.StatusOK, &TalksPage{})
}

func (s *Staff) showTalks(w http.ResponseWriter, r *http.Request, status int, p *TalksPage) error {
	ctx, me, tx, now := r.Context(), who(r), s.Cases(), s.Now()
	region := me.Place.Region
	book, err := tx.Talks().Book(ctx, region)
	if err != nil {
		return err
	}
	people, err := s.colleagues(ctx, me)
	if err != nil {
		return err
	}
	zone := s.zone(me.Place.Centre, region)
	p.Edit = me.Role.Holds(lifecycle.EditSources) && me.Place.Centre == "" && me.Place.Agency == 0
	for _, t := range talk.Texts() {
		one := TalkText{Text: t, Now: t.Words, Own: book[t.Key] != "", Preview: book.Words(t.Key, previewValues()), Braces: "{{" + strings.Join(t.Variables(), "}}, {{") + "}}"}
		if one.Own {
			one.Now = book[t.Key]
		}
		if _, edited := book[t.Key]; edited {
			edits, err := tx.Talks().Edits(ctx, region, t.Key)
			if err != nil {
				return err
			}
			for _, e := range edits {
				words := e.Words
				if words == "" {
					words = t.Words
				}
				one.Versions = append(one.Versions, TemplateVersion{Head: people.names[e.By] + ", " + site.DateTime(e.At, now, zone), Text: words})
			}
		}
		p.Texts = append(p.Texts, one)
	}
	if p.Facts, err = s.talkFacts(ctx, me, ""); err != nil {
		return err
	}
	p.Chrome = s.chrome(w, r, "talks")
	p.Here = "/desk/talks"
	return s.page(w, r, status, "Диалог", Talks(p))
}

// previewValues are examples of every variable.
func previewValues() map[string]string {
	values := map[string]string{}
	for k, v := range talk.Examples {
		values[k] = v
	}
	return values
}

// talkFacts says how the talks of a source fare, of all sources with "".
func (s *Staff) talkFacts(ctx context.Context, me *account.Account, id string) (out []string, err error) {
	stands, err := s.Cases().Talks().Stands(ctx, me.Scope())
	if err != nil {
		return nil, err
	}
	kept, err := s.Cases().Sources().Sources(ctx, me.Scope())
	if err != nil {
		return nil, err
	}
	for _, st := range stands {
		name := st.Source
		if k := slices.IndexFunc(kept, func(c source.Source) bool { return c.ID == st.Source }); k >= 0 {
			name = kept[k].Name
		}
		if id != "" && st.Source != id {
			continue
		}
		text := site.Count(st.Talks, "собеседник", "собеседника", "собеседников")
		if id == "" {
			text = name + ": " + text
		}
		for _, part := range []struct {
			n     int
			words string
		}{
			{st.Blocked, "остановили бота, им не пишем: "}, {st.Waiting, "ждут отправки: "}, {st.Unknown, "неизвестно, дошли ли: "},
		} {
			if part.n > 0 {
				text += "; " + part.words + site.Number(part.n)
			}
		}
		out = append(out, text+".")
	}
	return out, nil
}

func (s *Staff) saveTalkText(w http.ResponseWriter, r *http.Request) error {
	if err := form(w, r); err != nil {
		return err
	}
	key, words := talk.Key(r.PostForm.Get("say")), r.PostForm.Get("text")
	if r.PostForm.Has("shipped") {
		words = ""
	} else if strings.TrimSpace(words) == "" {
		words = " "
	}
	err := s.DeskKeeper.SaveTalkText(r.Context(), who(r).Actor(), key, words)
	switch fault.KindOf(err) {
	case fault.Invalid:
		return s.showTalks(w, r, http.StatusUnprocessableEntity, &TalksPage{Problem: fault.Sentence(err), Kept: r.PostForm.Get("text"), KeptFor: key})
	}
	if err != nil {
		return err
	}
	say(w, Said{Good: "Сохранено. Новые слова услышат со следующего сообщения."})
	http.Redirect(w, r, "/desk/talks#"+url.PathEscape(string(key)), http.StatusSeeOther)
	return nil
}

const talkLinesMost = 300

var deedWords = map[string]string{
	string(talk.Open): "Открыт инцидент", string(talk.Join): "Присоединено к инциденту соседей", string(talk.Add): "Добавлено к инциденту", string(talk.Hear): "Записано как слова о результате",
	string(talk.Place): "Уточнено место", string(talk.Judge): "Поставлена оценка", string(talk.LetGo): "Сообщения сохранены без инцидента", string(talk.Agree): "Дано согласие на обработку персональных данных", string(talk.Return): "Время вышло: передано как есть",
}

// addTalk shows the talk that the incident came by.
func (s *Staff) addTalk(ctx context.Context, tx incident.Tx, me *account.Account, i *incident.Incident, p *IncidentPage, now time.Time, zone *time.Location) error {
	lines, err := tx.Talks().Lines(ctx, me.Scope(), int64(i.ID), talkLinesMost)
	if err != nil || len(lines) == 0 {
		return err
	}
	for k := range lines {
		l := &lines[k]
		v := TalkLine{When: site.DateTime(l.At, now, zone), Text: l.Text}
		switch l.Kind {
		case talk.Said:
			if v.Text, err = s.heardWords(ctx, tx, me, l.Message); err != nil {
				return err
			}
			if v.Text == "" {
				v.Text = "(без слов: фото, место или стёрто)"
			}
		case talk.Press:
			v.Text = "Нажата кнопка «" + l.Text + "»"
		case talk.Noted:
			if v.System, v.Text = true, deedWords[l.Key]; v.Text == "" {
				continue
			}
		case talk.Spoke:
			if l.State == talk.Dropped {
				continue
			}
			v.Ours = true
			for _, row := range l.Buttons {
				for _, c := range row {
					v.Buttons = append(v.Buttons, c.Label)
				}
			}
			switch l.State {
			case talk.Waiting, talk.Sending:
				v.State = "ждёт отправки"
			case talk.Unknown:
				v.State = "неизвестно, дошло ли"
			case talk.Dead:
				v.State = strings.TrimSpace("не дошло. " + l.Note)
			}
			if v.Text == "" {
				v.Text = "(стёрто)"
			}
		}
		p.Talk = append(p.Talk, v)
	}
	return nil
}

// heardWords returns the words of a message as the account may see them.
func (s *Staff) heardWords(ctx context.Context, tx incident.Tx, me *account.Account, id message.ID) (string, error) {
	m, err := tx.Messages().Message(ctx, me.Scope(), id)
	if fault.Is(err, fault.NotFound) {
		return "", nil
	}
	if err != nil || me.Role.Holds(lifecycle.SeePersonal) {
		if err != nil {
			return "", err
		}
		return m.Text, nil
	}
	found, err := tx.Messages().Personal(ctx, []message.ID{m.ID})
	if err != nil {
		return "", err
	}
	return masked(m.Text, slices.Clone(found[m.ID])), nil
}
