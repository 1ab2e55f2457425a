package topic_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/fault"
	"otklik/internal/topic"
)

func TestDefaultIsTheOfficialClassifier(t *testing.T) {
	t.Parallel()
	d := topic.Default()
	groups := d.Groups()
	if len(d.Topics) != 195 || len(groups) != 26 {
		t.Errorf("Default has %d topics in %d groups, want 195 in 26", len(d.Topics), len(groups))
	}
	n, fast := 0, 0
	for _, g := range groups {
		n += len(g.Topics)
		for _, tp := range g.Topics {
			if tp.Fast {
				fast++
			}
			if strings.Contains(tp.Name, "★") {
				t.Errorf("%s: the star is still in the name %q", tp.Code, tp.Name)
			}
			if !strings.HasPrefix(string(tp.Code), string(tp.GroupCode)+".") {
				t.Errorf("%s does not begin with its group %s", tp.Code, tp.GroupCode)
			}
		}
	}
	if n != 195 {
		t.Errorf("groups hold %d topics, want 195", n)
	}
	if fast != 33 {
		t.Errorf("%d topics are on the fast track, want 33", fast)
	}
}

// Codes stand in stores, reports and other people's programs. A line of
// codes.txt is never changed or removed; a new topic adds a line.
func TestCodesNeverChange(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("testdata/codes.txt")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, tp := range topic.Default().Topics {
		got = append(got, string(tp.Code))
	}
	if diff := cmp.Diff(strings.Fields(string(b)), got); diff != "" {
		t.Errorf("codes differ from the pinned ones (-pinned +now):\n%s", diff)
	}
}

func TestByName(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		want topic.Code
	}{
		{"Ямы во дворах", "improvement.yard_potholes"},
		{"★ Ямы во дворах", "improvement.yard_potholes"},
		{"★ЯМЫ  ВО ДВОРАХ ", "improvement.yard_potholes"},
		{"Запрос на газификацию и ее условия", "gas.connection"},
		{"Выбросы вредных веществ в водоемы / загрязнение водоемов", "ecology.water"},
		{"МФЦ «Мои документы»", "mfc.offices"},
		{"roads.potholes", "roads.potholes"},
		{"★ Нарушение правил уборки от снега и наледи дет...", "improvement.playground_snow"},
		{"Благоустройство общ…", "improvement.public_space"},
		{"Нарушение правил уборки…", ""}, // several begin so
		{"Ямы во дв", ""}, // not marked as cut
		{"Погода", ""},
		{"", ""},
		{"…", ""},
		{"Не определено", topic.Undefined},
	}
	for _, tt := range tests {
		got, ok := topic.Default().ByName(tt.name)
		if got.Code != tt.want || ok != (tt.want != "") {
			t.Errorf("ByName(%q) = %q, %v, want %q", tt.name, got.Code, ok, tt.want)
		}
	}
}

func TestEveryTopicIsFoundByNameAndByCode(t *testing.T) {
	t.Parallel()
	for _, tp := range topic.Default().Topics {
		if got, _ := topic.Default().ByName(tp.Name); got != tp {
			t.Errorf("ByName(%q) = %q, want %q", tp.Name, got.Code, tp.Code)
		}
		if got, _ := topic.Default().ByCode(tp.Code); got != tp {
			t.Errorf("ByCode(%q) = %v", tp.Code, got)
		}
	}
	if tp, ok := topic.Default().ByCode(topic.Undefined); !ok || tp.Name != topic.UndefinedName {
		t.Errorf("ByCode(Undefined) = %v, %v", tp, ok)
	}
	if _, ok := topic.Default().ByCode("roads.ufo"); ok {
		t.Error("ByCode found a topic that is not there")
	}
}

func TestSameName(t *testing.T) {
	t.Parallel()
	tests := []struct {
		a, b string
		want bool
	}{
		{"★ Скорая помощь", "скорая помощь", true},
		{"Нарушение дорожного покрытия (ямы)  на дорогах", "Нарушение дорожного покрытия (ямы) на дорогах", true},
		{"Оказание медицинской помощи не в пол…", "★ Оказание медицинской помощи не в полном объеме", true},
		{"Очередь", "Очередь на жильё", false},
		{"…", "Очередь", false},
		{"", "", true},
	}
	for _, tt := range tests {
		if got := topic.SameName(tt.a, tt.b); got != tt.want {
			t.Errorf("SameName(%q, %q) = %v, want %v", tt.a, tt.b, got, tt.want)
		}
		if got := topic.SameName(tt.b, tt.a); got != tt.want {
			t.Errorf("SameName(%q, %q) = %v, want %v", tt.b, tt.a, got, tt.want)
		}
	}
}

func small() *topic.Taxonomy {
	return &topic.Taxonomy{Name: "Проба", Version: 3, Topics: []topic.Topic{
		{Code: "roads.potholes", Name: "Ямы", Group: "Дороги", GroupCode: "roads", Fast: true},
		{Code: "roads.jams", Name: "Пробки", Group: "Дороги", GroupCode: "roads"},
		{Code: "waste.dump", Name: "Свалки", Group: "Мусор", GroupCode: "waste"},
	}}
}

func TestAnEditMakesTheNextVersion(t *testing.T) {
	t.Parallel()
	before := small()
	after, err := before.With(topic.Edit{
		Put: []topic.Topic{
			{Code: "roads.dust", Name: "Пыль", Group: "Дороги", GroupCode: "roads"},
			{Code: "waste.dump", Name: "Стихийные свалки", Group: "Мусор", GroupCode: "waste"},
		},
		Retire: []topic.Code{"roads.jams"},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := &topic.Taxonomy{Name: "Проба", Version: 4, Topics: []topic.Topic{
		{Code: "roads.potholes", Name: "Ямы", Group: "Дороги", GroupCode: "roads", Fast: true},
		{Code: "roads.jams", Name: "Пробки", Group: "Дороги", GroupCode: "roads", Retired: true},
		{Code: "roads.dust", Name: "Пыль", Group: "Дороги", GroupCode: "roads"},
		{Code: "waste.dump", Name: "Стихийные свалки", Group: "Мусор", GroupCode: "waste"},
	}}
	if diff := cmp.Diff(want, after); diff != "" {
		t.Errorf("With (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(small(), before); diff != "" {
		t.Errorf("With changed the version it started from:\n%s", diff)
	}
	if _, ok := after.ByCode("roads.jams"); !ok {
		t.Error("a retired code is forgotten; old incidents need it")
	}
	if got := len(after.Active()); got != 3 {
		t.Errorf("Active has %d topics, want 3", got)
	}
	back, err := after.With(topic.Edit{Restore: []topic.Code{"roads.jams"}})
	if err != nil || back.Version != 5 || len(back.Active()) != 4 {
		t.Errorf("Restore = %v, %v, want version 5 with 4 topics in use", back, err)
	}
	same, err := before.With(topic.Edit{Restore: []topic.Code{"roads.jams"}})
	if err != nil || same != before {
		t.Errorf("an edit that changes nothing made version %d, %v", same.Version, err)
	}
}

func TestARenamedGroupTakesItsRetiredTopicsAlong(t *testing.T) {
	t.Parallel()
	after, err := small().With(topic.Edit{
		Put:    []topic.Topic{{Code: "roads.potholes", Name: "Ямы", Group: "Дорожное хозяйство", GroupCode: "roads"}},
		Retire: []topic.Code{"roads.jams"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if tp, _ := after.ByCode("roads.jams"); tp.Group != "Дорожное хозяйство" {
		t.Errorf("retired topic stands in group %q", tp.Group)
	}
}

func TestUnusableTaxonomiesAreRefused(t *testing.T) {
	t.Parallel()
	spoil := map[string]struct {
		do    func(*topic.Taxonomy)
		field string
	}{
		"no name":    {func(x *topic.Taxonomy) { x.Name = "" }, "name"},
		"no version": {func(x *topic.Taxonomy) { x.Version = 0 }, "version"},
		"no topics":  {func(x *topic.Taxonomy) { x.Topics = nil }, "topics"},
		"all retired": {func(x *topic.Taxonomy) {
			x.Topics = []topic.Topic{{Code: "a.b", Name: "А", Group: "Г", GroupCode: "a", Retired: true}}
		}, "topics"},
		"code twice":         {func(x *topic.Taxonomy) { x.Topics[1].Code = "roads.potholes" }, "code"},
		"Cyrillic code":      {func(x *topic.Taxonomy) { x.Topics[1].Code = "дороги.ямы" }, "code"},
		"reserved code":      {func(x *topic.Taxonomy) { x.Topics[1].Code = topic.Undefined }, "code"},
		"name missing":       {func(x *topic.Taxonomy) { x.Topics[1].Name = " ★ " }, "name"},
		"name twice":         {func(x *topic.Taxonomy) { x.Topics[1].Name = "★ ЯМЫ" }, "name"},
		"group has no name":  {func(x *topic.Taxonomy) { x.Topics[2].Group = "" }, "group"},
		"group has no code":  {func(x *topic.Taxonomy) { x.Topics[2].GroupCode = "" }, "group_code"},
		"group of two names": {func(x *topic.Taxonomy) { x.Topics[1].Group = "Улицы" }, "group"},
	}
	for name, s := range spoil {
		x := small()
		s.do(x)
		err := x.Validate()
		if !fault.Is(err, fault.Invalid) || fault.Sentence(err) == "" {
			t.Errorf("%s: Validate = %v, want Invalid with a sentence for people", name, err)
			continue
		}
		if f := err.(*fault.Error).Field; f != s.field {
			t.Errorf("%s: field %q, want %q", name, f, s.field)
		}
	}
	if err := small().Validate(); err != nil {
		t.Errorf("a sound taxonomy is refused: %v", err)
	}
	if _, err := small().With(topic.Edit{Retire: []topic.Code{"roads.ufo"}}); !fault.Is(err, fault.NotFound) {
		t.Errorf("retiring an unknown code = %v, want NotFound", err)
	}
	if _, err := small().With(topic.Edit{Put: []topic.Topic{{Code: "roads.new", Name: "Ямы", Group: "Дороги", GroupCode: "roads"}}}); !fault.Is(err, fault.Invalid) {
		t.Errorf("a second topic of the same name = %v, want Invalid", err)
	}
}

func FuzzParse(f *testing.F) {
	b, _ := json.Marshal(small())
	f.Add(b)
	f.Add([]byte(`{}`))
	f.Add([]byte(`{"name":"x","version":1,"topics":[{"code":"a.b","name":"…","group":"g","group_code":"a"}]}`))
	f.Add([]byte("\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		x, err := topic.Parse(data)
		if err != nil {
			return
		}
		b, err := json.Marshal(x)
		if err != nil {
			t.Fatal(err)
		}
		y, err := topic.Parse(b)
		if err != nil {
			t.Fatalf("what Parse accepted does not survive a round trip: %v", err)
		}
		if diff := cmp.Diff(x, y); diff != "" {
			t.Errorf("round trip:\n%s", diff)
		}
	})
}
