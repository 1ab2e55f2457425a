// Package page reads forums and comments by a recipe: a few CSS selectors that
// say where a site shows its threads, and in them posts with author, date and
// text. Start with Board, which is a source.Puller, and with Try, which shows
// what a recipe finds. A site is only read; replies go by hand.
package page

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/andybalholm/cascadia"

	"otklik/internal/fault"
	"otklik/internal/source/web"
)

// A Recipe says where a site shows what. In JSON a field is «selector»,
// «selector@attribute», «@attribute» of the element itself, or an object
// {"find": …, "match": regular expression with at most one group}.
type Recipe struct {
	Threads  *Threads `json:"threads,omitempty"`  // the address lists threads; without it the address is one thread
	Posts    Posts    `json:"posts"`              // what a thread shows
	Dates    string   `json:"dates,omitempty"`    // shape of dates, «ДД.ММ.ГГГГ чч:мм»; "" = as they come
	Zone     string   `json:"zone,omitempty"`     // of dates that name none, «Asia/Krasnoyarsk»; "" = the source's
	Encoding string   `json:"encoding,omitempty"` // where the site names a wrong one

	layout string
	zone   *time.Location
}

// Threads say how a list shows its threads.
type Threads struct {
	Link  Field `json:"link"`            // of a thread: every element that fits
	Row   Field `json:"row,omitzero"`    // element around Link and Mark
	Mark  Field `json:"mark,omitzero"`   // what changes with each post: their number, the time of the last one
	Area  Field `json:"area,omitzero"`   // element that is there even when there are no threads
	Next  Field `json:"next,omitzero"`   // link to the next page of the list
	Pages int   `json:"pages,omitempty"` // of the list that are read, 1 … 20; 1
}

// Posts say how a thread shows its posts. Fields are looked for inside of each
// post, but not inside of a post within it; Next, Last and Area on the page.
type Posts struct {
	Post     Field   `json:"post"`
	ID       Field   `json:"id,omitzero"`
	Author   Field   `json:"author,omitzero"`
	AuthorID Field   `json:"author_id,omitzero"`
	Date     Field   `json:"date,omitzero"`
	Text     Field   `json:"text"`
	Omit     []Field `json:"omit,omitempty"`  // inside of Text: quotes, signatures
	Link     Field   `json:"link,omitzero"`   // to this very post
	Parent   Field   `json:"parent,omitzero"` // id of the post that it answers; a post inside of another answers it anyway
	Area     Field   `json:"area,omitzero"`   // element that is there even when there are no posts
	Next     Field   `json:"next,omitzero"`   // link to the next page
	Last     Field   `json:"last,omitzero"`   // link to the last page
	Pages    int     `json:"pages,omitempty"` // read in one round, 1 … 100; 10
}

// A Field is one selector of a recipe.
type Field struct {
	Find  string `json:"find"`
	Match string `json:"match,omitempty"`

	sel  cascadia.SelectorGroup // nil for the element itself
	attr string
	exp  *regexp.Regexp
}

// Set reports whether the recipe has the field.
func (f *Field) Set() bool { return f.Find != "" }

// UnmarshalJSON reads a field; it is compiled by ParseRecipe.
func (f *Field) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, &f.Find)
	}
	type plain Field
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	return dec.Decode((*plain)(f))
}

// MarshalJSON writes a field as it is read.
func (f Field) MarshalJSON() ([]byte, error) {
	if f.Match == "" {
		return json.Marshal(f.Find)
	}
	type plain Field
	return json.Marshal(plain(f))
}

// IsZero lets an absent field stay absent in JSON.
func (f Field) IsZero() bool { return f.Find == "" && f.Match == "" }

// Bounds of a recipe.
const (
	recipeLimit = 64 << 10
	fieldLimit  = 500
)

// ParseRecipe reads and checks a recipe. Its error is fault.Invalid and names
// everything that is wrong, for engineers and for people.
func ParseRecipe(raw []byte) (*Recipe, error) {
	r := &Recipe{}
	if len(raw) > recipeLimit {
		return nil, invalid([]string{"рецепт длиннее 64 КБ"})
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(r); err != nil {
		return nil, invalid([]string{"это не JSON рецепта (" + clip(err.Error(), 120) + ")"})
	}
	if wrong := r.compile(); len(wrong) > 0 {
		return nil, invalid(wrong)
	}
	return r, nil
}

func invalid(wrong []string) error {
	return fault.New(fault.Invalid, "recipe: %s", strings.Join(wrong, "; ")).At("recipe").Say("Рецепт не годится: " + strings.Join(wrong, "; ") + ".").
		Mend("docs/channels/feeds.md describes recipes")
}

// compile checks everything and returns what is wrong, in Russian.
func (r *Recipe) compile() (wrong []string) {
	field := func(name string, f *Field, needed bool) {
		if msg := f.compile(needed); msg != "" {
			wrong = append(wrong, name+": "+msg)
		}
	}
	pages := func(name string, n *int, usual, most int) {
		if *n < 0 || *n > most {
			wrong = append(wrong, fmt.Sprintf("%s: нужно число от 1 до %d", name, most))
		}
		if *n == 0 {
			*n = usual
		}
	}
	if t := r.Threads; t != nil {
		field("threads.link", &t.Link, true)
		field("threads.row", &t.Row, false)
		field("threads.mark", &t.Mark, false)
		field("threads.area", &t.Area, false)
		field("threads.next", &t.Next, false)
		pages("threads.pages", &t.Pages, 1, 20)
		if t.Mark.Set() && !t.Row.Set() {
			wrong = append(wrong, "threads.mark: без threads.row неясно, к какой теме он относится")
		}
	}
	p := &r.Posts
	field("posts.post", &p.Post, true)
	field("posts.text", &p.Text, true)
	for name, f := range map[string]*Field{"id": &p.ID, "author": &p.Author, "author_id": &p.AuthorID, "date": &p.Date, "link": &p.Link, "parent": &p.Parent, "area": &p.Area, "next": &p.Next, "last": &p.Last} {
		field("posts."+name, f, false)
	}
	if p.Post.attr != "" || p.Post.Set() && p.Post.sel == nil {
		wrong = append(wrong, "posts.post: нужен селектор записи, без @")
	}
	if len(p.Omit) > 20 {
		wrong = append(wrong, "posts.omit: не больше 20 селекторов")
	}
	for k := range p.Omit[:min(len(p.Omit), 20)] {
		field(fmt.Sprintf("posts.omit[%d]", k), &p.Omit[k], true)
	}
	pages("posts.pages", &p.Pages, 10, 100)
	if r.Zone != "" {
		var err error
		if r.zone, err = time.LoadLocation(r.Zone); err != nil || r.Zone == "Local" {
			wrong = append(wrong, "zone: такого часового пояса нет, пример: Asia/Krasnoyarsk")
		}
	}
	if r.Encoding != "" && !web.KnownCharset(r.Encoding) {
		wrong = append(wrong, "encoding: такая кодировка не известна, пример: windows-1251")
	}
	if r.Dates != "" {
		if r.layout = layout(r.Dates); r.layout == "" {
			wrong = append(wrong, "dates: нужен вид даты, пример: ДД.ММ.ГГГГ чч:мм")
		}
	}
	slices.Sort(wrong)
	return wrong
}

// compile returns what is wrong with a field, in Russian.
func (f *Field) compile(needed bool) string {
	if f.Find == "" {
		switch {
		case needed:
			return "не задан"
		case f.Match != "":
			return "есть match, но нет find"
		}
		return ""
	}
	if len(f.Find) > fieldLimit || len(f.Match) > fieldLimit {
		return "длиннее 500 знаков"
	}
	sel, attr := f.Find, ""
	if at := strings.LastIndexByte(sel, '@'); at >= 0 && !strings.ContainsAny(sel[at:], "])\"' ") { // not one inside of [href*="@"]
		sel, attr = sel[:at], strings.ToLower(sel[at+1:])
		if attr == "" {
			return "после @ нужно имя атрибута"
		}
	}
	f.attr = attr
	if sel = strings.TrimSpace(sel); sel != "" && sel != "." {
		var err error
		if f.sel, err = cascadia.ParseGroup(sel); err != nil {
			return fmt.Sprintf("селектор «%s» не читается", clip(sel, 100))
		}
	}
	if f.Match != "" {
		var err error
		if f.exp, err = regexp.Compile(f.Match); err != nil {
			return fmt.Sprintf("выражение «%s» не читается", clip(f.Match, 100))
		}
		if f.exp.NumSubexp() > 1 {
			return "в match может быть одна пара скобок"
		}
	}
	return ""
}

// layout turns «ДД.ММ.ГГГГ чч:мм» (or DD.MM.YYYY hh:mm) into Go's shape; "" for
// none.
func layout(s string) string {
	if len(s) > 60 || strings.ContainsAny(s, "0123456789") {
		return ""
	}
	out := strings.NewReplacer("ГГГГ", "2006", "YYYY", "2006", "ГГ", "06", "YY", "06", "ММ", "01", "MM", "01", "М", "1", "M", "1", "ДД", "02", "DD", "02", "Д", "2", "D", "2",
		"чч", "15", "hh", "15", "HH", "15", "мм", "04", "mm", "04", "сс", "05", "ss", "05").Replace(s)
	if !strings.Contains(out, "06") || !strings.ContainsAny(out, "1") || !strings.Contains(out, "2") {
		return ""
	}
	return out
}

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}
