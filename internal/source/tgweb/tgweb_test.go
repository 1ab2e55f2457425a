package tgweb_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/message"
	"otklik/internal/source"
	"otklik/internal/source/sourcetest"
	"otklik/internal/source/tgweb"
	"otklik/internal/source/tgweb/tgwebfake"
)

type world struct {
	*tgwebfake.Fake
	channel *tgweb.Channel
	clock   *sourcetest.Clock
	base    string
}

func open(t testing.TB) *world {
	t.Helper()
	w := &world{clock: sourcetest.NewClock(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))}
	var err error
	if w.Fake, err = tgwebfake.New(tgwebfake.Options{Name: "dvor_lesnaya", Title: "Двор на Лесной", Now: w.clock.Now}); err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(w.Fake)
	t.Cleanup(srv.Close)
	w.base = srv.URL + "/"
	w.channel = &tgweb.Channel{Name: "dvor_lesnaya", BaseURL: w.base, HTTP: srv.Client(), Pace: &tgweb.Pace{Gap: -1}, Now: w.clock.Now}
	return w
}

func (w *world) read(t *testing.T, cursor *[]byte) (all []message.Message) {
	t.Helper()
	for range 100 {
		b, err := w.channel.Poll(t.Context(), *cursor)
		if err != nil {
			t.Fatal(err)
		}
		*cursor = b.Cursor
		if all = append(all, b.Messages...); !b.More {
			return all
		}
	}
	t.Fatal("no end")
	return nil
}

func spoil(t *testing.T, f *tgwebfake.Fake) func(s sourcetest.Spoil, write bool) {
	return func(s sourcetest.Spoil, _ bool) {
		switch s {
		case sourcetest.Down:
			f.Fail(tgwebfake.Status, http.StatusBadGateway)
		case sourcetest.Later:
			f.Fail(tgwebfake.Status, http.StatusTooManyRequests)
		case sourcetest.Person:
			f.Fail(tgwebfake.Away, 0)
		case sourcetest.Garbage:
			f.Fail(tgwebfake.Garbage, 0)
		case sourcetest.Huge:
			f.Fail(tgwebfake.Huge, 0)
		case sourcetest.Odd:
			f.Fail(tgwebfake.Odd, 0)
		default:
			t.Fatalf("no way to be %s", s)
		}
	}
}

func TestContract(t *testing.T) {
	t.Parallel()
	sourcetest.Run(t, func(t *testing.T) *sourcetest.Network {
		w := open(t)
		w.channel.Pages, w.channel.Back = 5, 20
		id := func(native string) int64 {
			n, err := strconv.ParseInt(native, 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		return &sourcetest.Network{
			Cannot: map[sourcetest.Lack]string{
				sourcetest.NoWrite: "the pages are for reading",
				sourcetest.NoBack:  "nothing is written",
				sourcetest.NoKey:   "nothing is written",
				sourcetest.NoTalk:  "the pages show posts; comments have a page of their own, off by default",
			},
			Puller: w.channel, Dead: dead(), NoSecrets: "public pages are open to all",
			Post:    func(text string) string { return strconv.FormatInt(w.Post(text), 10) },
			Edit:    func(native, text string) { w.Edit(id(native), 0, text) },
			Delete:  func(native string) { w.Delete(id(native), 0) },
			Restore: func(native string) { w.Restore(id(native), 0) },
			Advance: w.clock.Advance,
			Spoil:   spoil(t, w.Fake),
		}
	})
}

// dead is a channel at a port where nobody listens.
func dead() *tgweb.Channel {
	srv := httptest.NewServer(http.NotFoundHandler())
	srv.Close()
	return &tgweb.Channel{Name: "dvor_lesnaya", BaseURL: srv.URL + "/", Pace: &tgweb.Pace{Gap: -1}}
}

func TestWhatAPostBrings(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.Pictures("Яма у школы 🔥\nвторая неделя & «темно» <b>", "https://cdn4.telesco.pe/file/a.jpg", "https://cdn4.telesco.pe/file/b.jpg")
	w.Service()
	w.Answer(1, "Заделали")
	w.Forward("sosedi", "Отключение воды")
	var cursor []byte
	list := w.read(t, &cursor)
	if len(list) != 3 {
		t.Fatalf("%d messages, want 3", len(list))
	}
	m := list[0]
	if m.Source != "tgweb:dvor_lesnaya" || m.Form != message.Post || m.Native != "1" || m.URL != w.base+"dvor_lesnaya/1" || m.Channel != message.Telegram {
		t.Errorf("a post came as %+v", m)
	}
	if want := "Яма у школы 🔥\nвторая неделя & «темно» <b>"; m.Text != want {
		t.Errorf("text = %q, want %q", m.Text, want)
	}
	if len(m.Attachments) != 2 || m.Attachments[1].URL != "https://cdn4.telesco.pe/file/b.jpg" || !m.PublishedAt.Equal(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)) {
		t.Errorf("pictures %+v, published %v", m.Attachments, m.PublishedAt)
	}
	if list[1].Parent != "1" || list[1].Text != "Заделали" {
		t.Errorf("an answer came as %+v", list[1])
	}
	if a := list[2].Attachments; len(a) != 1 || a[0].URL != "https://t.me/sosedi/7" {
		t.Errorf("a forward came with %+v", a)
	}
}

// TestABurstLeavesNoHole: more posts come between two looks than a page shows.
func TestABurstLeavesNoHole(t *testing.T) {
	t.Parallel()
	w := open(t)
	var cursor []byte
	w.Post("начало")
	w.read(t, &cursor)
	for k := range 75 {
		w.Post(fmt.Sprint("запись ", k))
	}
	got := map[string]bool{}
	for k := 0; ; k++ {
		if k%2 == 1 {
			w.Fail(tgwebfake.Status, 502) // it breaks in between
		}
		b, err := w.channel.Poll(t.Context(), cursor)
		if err != nil {
			continue
		}
		for _, m := range b.Messages {
			got[m.Text] = true
		}
		if cursor = b.Cursor; !b.More {
			break
		}
	}
	if len(got) != 75 {
		t.Errorf("%d of 75 posts were seen", len(got))
	}
	asked := w.Asked()
	if more := w.read(t, &cursor); len(more) != 0 || w.Asked() != asked+1 {
		t.Errorf("a quiet channel brings %d messages for %d pages", len(more), w.Asked()-asked)
	}
}

func TestAChangedPageIsNoEmptyChannel(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.Post("Яма у школы")
	var cursor []byte
	w.read(t, &cursor)
	page := string(get(t, w.base+"s/dvor_lesnaya"))
	for name, spoiled := range map[string]string{
		"no header":      strings.ReplaceAll(strings.ReplaceAll(page, "tgme_channel_info_header_title", "x"), "tgme_header_title", "y"),
		"no history":     strings.ReplaceAll(page, "tgme_channel_history", "x"),
		"no posts told":  strings.ReplaceAll(page, "js-widget_message", "x"),
		"no number":      strings.ReplaceAll(page, "data-post=", "data-x="),
		"another's":      strings.ReplaceAll(page, "dvor_lesnaya/1", "other/1"),
		"no date":        strings.ReplaceAll(page, "datetime=", "data-t="),
		"a broken date":  strings.ReplaceAll(page, "2026-03-02T", "вчера T"),
		"number too big": strings.ReplaceAll(page, "dvor_lesnaya/1", "dvor_lesnaya/99999999999999999999"),
		"nothing":        "",
		"cut":            page[:strings.Index(page, "<main")],
	} {
		if p, err := tgweb.Parse([]byte(spoiled), "dvor_lesnaya"); err == nil {
			t.Errorf("%s: %d posts and no error", name, len(p.Posts))
		}
	}
	if p, err := tgweb.Parse([]byte(page), "Dvor_Lesnaya"); err != nil || len(p.Posts) != 1 || p.Posts[0].Views != 1500 || p.Title != "Двор на Лесной" {
		t.Errorf("Parse = %+v, %v", p, err)
	}
	for kind, words := range map[tgwebfake.Trouble]string{tgwebfake.Odd: "выглядит иначе", tgwebfake.Empty: "выглядит иначе", tgwebfake.Away: "нет открытой страницы"} {
		w.Fail(kind, 0)
		_, err := w.channel.Poll(t.Context(), cursor)
		var e *source.Error
		if !errors.As(err, &e) || !strings.Contains(e.Sentence, words) {
			t.Errorf("%s: %v", kind, err)
		}
	}
	if list := w.read(t, &cursor); len(list) != 0 {
		t.Errorf("after that %d messages came: something was called deleted", len(list))
	}
}

func get(t testing.TB, address string) []byte {
	t.Helper()
	res, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var b strings.Builder
	if err := res.Write(&b); err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(b.String(), "\r\n\r\n")
	return []byte(body)
}

func TestCommentsOfTheWidget(t *testing.T) {
	t.Parallel()
	w := open(t)
	post := w.Post("Двор")
	first, _ := w.Comment(post, 0, "Анна Петрова", "Не горит фонарь")
	second, _ := w.Comment(post, first, "Иван", "И у нас")
	var cursor []byte
	if list := w.read(t, &cursor); len(list) != 1 {
		t.Fatalf("without the setting %d messages came", len(list))
	}
	w.channel.Talks = true
	var got []string
	note := func(list []message.Message) {
		for _, m := range list {
			got = append(got, fmt.Sprintf("%s %s thread=%s parent=%s %s %q %s", m.Event, m.Native, m.Thread, m.Parent, m.AuthorName, m.Text, strings.TrimPrefix(m.URL, w.base)))
		}
	}
	note(w.read(t, &cursor))
	w.clock.Advance(time.Hour)
	w.Edit(post, first, "Не горит фонарь у дома 3")
	w.Delete(post, second)
	note(w.read(t, &cursor))
	w.clock.Advance(time.Hour)
	note(w.read(t, &cursor))
	want := []string{
		`written 1_c1000 thread=1 parent= Анна Петрова "Не горит фонарь" dvor_lesnaya/1?comment=1000`,
		`written 1_c1001 thread=1 parent=1_c1000 Иван "И у нас" dvor_lesnaya/1?comment=1001`,
		`written 1_c1000 thread=1 parent= Анна Петрова "Не горит фонарь у дома 3" dvor_lesnaya/1?comment=1000`,
		`deleted 1_c1001 thread=1 parent=  "" dvor_lesnaya/1?comment=1001`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("comments (-want +got):\n%s", diff)
	}
	for k := range 130 { // more than the widget shows: what it leaves out is not gone
		_, _ = w.Comment(post, 0, "Иван", fmt.Sprint("ещё ", k))
	}
	w.clock.Advance(time.Hour)
	w.read(t, &cursor)
	w.clock.Advance(time.Hour)
	for _, m := range w.read(t, &cursor) {
		if m.Event == message.Deleted {
			t.Errorf("%s was called deleted", m.Native)
		}
	}
}

// TestBrokenCommentsDoNotHideThePosts: the page of comments is an extra.
func TestBrokenCommentsDoNotHideThePosts(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.channel.Talks = true
	w.Post("Двор")
	var cursor []byte
	w.read(t, &cursor)
	w.clock.Advance(time.Hour)
	asked := w.Asked()
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("discussion") {
			fmt.Fprint(rw, "<html>другая страница")
			return
		}
		w.ServeHTTP(rw, r)
	}))
	defer srv.Close()
	w.channel.BaseURL = srv.URL + "/"
	if _, err := w.channel.Poll(t.Context(), cursor); err == nil {
		t.Error("a page of comments that cannot be read is not told")
	}
	w.Post("Новая запись")
	if list := w.read(t, &cursor); len(list) != 1 || w.Asked() != asked+2 {
		t.Errorf("%d messages for %d pages", len(list), w.Asked()-asked)
	}
}

func TestRecognise(t *testing.T) {
	t.Parallel()
	w := open(t)
	r := tgweb.Recogniser{Options: tgweb.Options{Host: w.base, Pace: &tgweb.Pace{Gap: -1}}}
	for link, want := range map[string]string{
		"https://t.me/dvor_lesnaya":                "tgweb:dvor_lesnaya Двор на Лесной",
		"http://t.me/s/Dvor_Lesnaya":               "tgweb:dvor_lesnaya Двор на Лесной",
		"https://t.me/dvor_lesnaya/12?comment=5":   "tgweb:dvor_lesnaya Двор на Лесной",
		"https://telegram.me/dvor_lesnaya?single":  "tgweb:dvor_lesnaya Двор на Лесной",
		"tg://resolve?domain=dvor_lesnaya&post=12": "tgweb:dvor_lesnaya Двор на Лесной",
		"https://dvor_lesnaya.t.me/12":             "tgweb:dvor_lesnaya Двор на Лесной",
		"https://t.me/closed_one":                  " @closed_one needs",
		"https://t.me/otklik_bot":                  "nil",
		"https://t.me/c/1234567/8":                 "nil",
		"https://t.me/+AbCdEf":                     "nil",
		"https://t.me/":                            "nil",
		"https://t.me/share/url?url=x":             "nil",
		"https://vk.com/dvor_lesnaya":              "nil",
		"https://t.me.example.org/dvor_lesnaya":    "nil",
		"javascript:alert(1)":                      "nil",
	} {
		u, err := url.Parse(link)
		if err != nil {
			t.Fatal(err)
		}
		g, err := r.Recognise(t.Context(), u)
		got := "nil"
		if g != nil {
			if got = g.ID + " " + g.Name; g.Needs != "" {
				got += " needs"
			}
		}
		if err != nil || got != want {
			t.Errorf("Recognise(%s) = %q, %v, want %q", link, got, err, want)
		}
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	for settings, good := range map[string]bool{
		``: true, `{}`: true, `{"name":"dvor_lesnaya","pages":3,"back":10,"comments":true}`: true,
		`{"pages":9}`: false, `{"back":-1}`: false, `{"nane":"x"}`: false, `{`: false, `{} {}`: false, `{"host":"http://t.me"}`: false, `{"host":"https://a:b@t.me"}`: false, `{"name":"../etc"}`: false, `{"name":"a b"}`: false,
	} {
		c, conn, err := tgweb.Open(source.Source{ID: "tgweb:dvor_lesnaya", Settings: []byte(settings)}, tgweb.Options{})
		if (err == nil) != good {
			t.Errorf("Open(%s): %v", settings, err)
		}
		if err == nil && (c.ID() != "tgweb:dvor_lesnaya" || conn.Publisher != nil || conn.Every <= 0 || conn.URL != "https://t.me/dvor_lesnaya") {
			t.Errorf("Open(%s) = %+v", settings, conn)
		}
	}
}

func TestTheVisitorsPage(t *testing.T) {
	t.Parallel()
	w := open(t)
	post := func(values url.Values) int {
		t.Helper()
		res, err := http.PostForm(w.base+"write", values)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		return res.StatusCode
	}
	if got := post(url.Values{"text": {"Запись гостя <script>"}, "under": {"0"}}); got != 200 {
		t.Errorf("a post: %d", got)
	}
	if got := post(url.Values{"text": {"Комментарий гостя"}, "under": {"1"}}); got != 200 {
		t.Errorf("a comment: %d", got)
	}
	for name, v := range map[string]url.Values{"empty": {"text": {" "}}, "nowhere": {"text": {"а"}, "under": {"77"}}, "long": {"text": {strings.Repeat("а", 5000)}}} {
		if got := post(v); got != 422 {
			t.Errorf("%s: %d", name, got)
		}
	}
	page := string(get(t, w.base))
	if !strings.Contains(page, "Запись гостя &lt;script&gt;") || !strings.Contains(page, "Комментарий гостя") {
		t.Errorf("the page does not show what was written")
	}
}

func TestASnapshotKeepsTheChannel(t *testing.T) {
	t.Parallel()
	o := tgwebfake.Options{Name: "dvor", Title: "Двор", Snapshot: filepath.Join(t.TempDir(), "channel.json")}
	for k := range 2 {
		f, err := tgwebfake.New(o)
		if err != nil {
			t.Fatal(err)
		}
		if got := f.Post("ещё"); got != int64(k+1) {
			t.Errorf("post %d after start %d", got, k)
		}
	}
	if err := os.WriteFile(o.Snapshot, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := tgwebfake.New(o); err == nil {
		t.Error("a broken snapshot is taken")
	}
}

func FuzzParse(f *testing.F) {
	w := open(f)
	w.Pictures("Яма", "https://cdn4.telesco.pe/file/a.jpg")
	w.Answer(1, "Ответ")
	_, _ = w.Comment(1, 0, "Анна", "Комментарий")
	f.Add(get(f, w.base+"s/dvor_lesnaya"))
	f.Add(get(f, w.base+"dvor_lesnaya/1?embed=1&discussion=1"))
	f.Add([]byte(strings.Repeat("<div class=js-widget_message data-post=dvor_lesnaya/1>", 600)))
	f.Add([]byte("\x00<svg><style><!--"))
	f.Fuzz(func(t *testing.T, page []byte) {
		if p, err := tgweb.Parse(page, "dvor_lesnaya"); err == nil {
			for _, post := range p.Posts {
				if post.ID <= 0 || !post.Service && post.At.IsZero() || post.Views < 0 {
					t.Errorf("a post without number or date: %+v", post)
				}
			}
		}
		if list, _, err := tgweb.Comments(page, 100); err == nil {
			for _, c := range list {
				if c.ID <= 0 || c.At.IsZero() {
					t.Errorf("a comment without number or date: %+v", c)
				}
			}
		}
	})
}
